"""The error table through the invoke interface: each error's name, cause, remedy and retry class, and what it costs.

The stack's own teardown reads every line, item and answer for keys, assertions and tokens.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest

from conftest import KeyPair
from functions.stack import CONNECTION, TABLE, Stack
from org_fixture import MakeCustomer
from sfmint import errors
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_local.org.values import Fault

# What callers are promised: may the same call succeed later, without anybody changing anything?
PROMISED = {
    "InvalidRequest": "no",
    "ConnectionNotFound": "no",
    "ConnectionForbidden": "no",
    "InvalidCredentials": "no",
    "AssertionRejected": "no",
    "LoginRateExceeded": "after a pause",
    "RejectionLimited": "after a pause",
    "SalesforceUnavailable": "yes",
    "RefreshInProgress": "yes",
    "CacheUnavailable": "yes",
}


def promise(error: str) -> str:
    kind = getattr(errors, error)
    return "after a pause" if kind.after_a_pause else "yes" if kind.retryable else "no"


def asked(stack: Stack) -> int:
    """How often Salesforce was asked for a token, by whomever."""
    return stack.customer.control.counters().token_requests


def answer_with(stack: Stack, error: str, description: str, times: int | None = 1) -> None:
    params = {"error": error, "description": description}
    stack.customer.control.add_fault(Fault(where="token", kind="oauth_error", times=times, params=params))


def lines(stack: Stack, message: str) -> list[dict[str, Any]]:
    return [line for line in stack.lines if line.get("message") == message]


# --- a row of the table each


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What is wrong, and what the caller is told of it."""

    error: str
    cause: str
    remedy: str
    happen: Callable[[Stack], None] = lambda stack: None
    event: dict[str, Any] = field(default_factory=dict)
    qualifier: str = CONNECTION
    variables: dict[str, str] = field(default_factory=dict)
    asked: int = 0


def without_a_value(stack: Stack) -> None:
    stack.forget_secret()
    stack.cloud.secrets.create_secret(Name=f"sfmint/acme/{CONNECTION}")


def spend_the_budget(stack: Stack) -> None:
    stack.environment(SFMINT_LOGIN_BUDGET_PER_HOUR="1").invoke({})
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")


def put_row(stack: Stack, **attributes: dict[str, str]) -> None:
    stack.cloud.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": f"t1#{CONNECTION}"}, **attributes})


def rejected_often(stack: Stack) -> None:
    now = {"N": str(time.time())}
    count = {"last_rejected_at": now, "reject_window": now, "reject_count": {"N": "3"}}
    put_row(stack, fence={"N": "4"}, fingerprint={"S": "0123456789abcdef"}, **count)


def someone_logs_in(stack: Stack) -> None:
    put_row(stack, fence={"N": "1"}, lease_owner={"S": "someone"}, lease_until={"N": str(time.time() + 20)})


def taint(stack: Stack) -> None:
    key_id = stack.environment().invoke({"action": "status"})["credentials"]["key_id"]
    event = {"action": "taint", "connection": CONNECTION, "key_id": key_id}
    stack.environment("token_keeper").invoke(event, "live")


ONCE = {"SFMINT_LOGIN_BUDGET_PER_HOUR": "1"}
NO_TABLE = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}
NO_KEY = {"SFMINT_KEY_ARN": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"}

ROWS = {
    "an unknown action": Trouble(
        error="InvalidRequest",
        event={"action": "mint"},
        cause="an unknown action",
        remedy="Known are get_token and status",
    ),
    "no secret": Trouble(
        happen=Stack.forget_secret,
        error="ConnectionNotFound",
        cause="the secret 'sfmint/acme/my-org' does not exist or is empty.",
        remedy="sfmint connection add my-org --stack acme.",
    ),
    "a secret without a value": Trouble(
        happen=without_a_value,
        error="ConnectionNotFound",
        cause="the secret 'sfmint/acme/my-org' does not exist or is empty.",
        remedy="sfmint connection add my-org --stack acme.",
    ),
    "no alias of a connection": Trouble(
        qualifier="live", error="ConnectionForbidden", cause="alias", remedy="/sfmint/STACK/connections/NAME/broker"
    ),
    "no PEM": Trouble(
        happen=lambda stack: stack.store(stack.customer.secret(private_key="no PEM at all")),
        error="InvalidCredentials",
        cause="PEM",
        remedy="Store",
    ),
    "a tainted key": Trouble(
        happen=taint, error="InvalidCredentials", cause="is tainted", remedy="Make a new key, and store and upload it."
    ),
    "a user who is no user": Trouble(
        happen=lambda stack: stack.store(stack.customer.secret(username="nobody@example.com")),
        error="AssertionRejected",
        cause="also says of a user that it does not know",
        remedy="compare username with the user's exact Username in Setup",
        asked=1,
    ),
    "Salesforce's login limit": Trouble(
        happen=lambda stack: answer_with(stack, "invalid_grant", "login rate exceeded"),
        error="LoginRateExceeded",
        cause="3,600 attempts an hour",
        remedy="Wait up to an hour",
        asked=1,
    ),
    "the own budget": Trouble(
        happen=spend_the_budget,
        variables=ONCE,
        error="LoginRateExceeded",
        cause="sfmint's own budget",
        remedy="Wait for the next hour",
    ),
    "fresh tokens rejected": Trouble(
        happen=rejected_often,
        event={"rejected": "0123456789abcdef"},
        error="RejectionLimited",
        cause="the fault is not the token",
        remedy="instance_url",
    ),
    "503": Trouble(
        happen=lambda stack: stack.customer.control.add_fault(Fault(where="token", kind="status", times=None)),
        error="SalesforceUnavailable",
        cause="a fault of its own",
        remedy="Call again later",
        asked=1,
    ),
    "somebody else's login": Trouble(
        happen=someone_logs_in,
        event={"deadline_ms": 1},
        error="RefreshInProgress",
        cause="Another caller is logging in",
        remedy="Call again",
    ),
    "no table": Trouble(
        variables=NO_TABLE, error="CacheUnavailable", cause="DynamoDB did not answer", remedy="Call again"
    ),
    "no key of KMS": Trouble(
        variables=NO_KEY, error="CacheUnavailable", cause="KMS refuses to encrypt", remedy="Enable the stack's", asked=1
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_has_its_name_its_cause_and_its_remedy_and_costs_what_it_must(stack: Stack, row: Trouble) -> None:
    row.happen(stack)
    before = asked(stack)
    environment = stack.environment(**row.variables)
    answer = environment.invoke(row.event, row.qualifier)
    assert answer["errorType"] == row.error
    cause, remedy = answer["errorMessage"].find(row.cause), answer["errorMessage"].find(row.remedy)
    assert -1 < cause < remedy, answer["errorMessage"]
    assert asked(stack) - before == row.asked
    (told,) = lines(stack, "request refused")
    assert told["error"] == row.error
    assert row.cause in told["cause"]


def test_every_row_is_tried_and_keeps_its_promise() -> None:
    assert {row.error for row in ROWS.values()} == set(PROMISED)
    assert {error: promise(error) for error in PROMISED} == PROMISED
    assert promise("InternalError") == "no"


def test_a_secret_that_is_scheduled_for_deletion_names_the_command_that_takes_it_back(stack: Stack) -> None:
    name = f"sfmint/acme/{CONNECTION}"
    stack.cloud.secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    answer = stack.environment().invoke({})
    stack.cloud.secrets.restore_secret(SecretId=name)
    assert answer == {
        "errorType": "ConnectionNotFound",
        "errorMessage": f"Connection 'my-org' has no credentials: the secret '{name}' is scheduled for deletion."
        f" Take it back and store them anew: sfmint connection add my-org --stack acme --restore.",
    }
    assert stack.environment().invoke({})["source"] == "minted"


# --- every answer of Salesforce

ANSWERS = [
    pytest.param(reason, error, part, id=f"{error}-{part}".rstrip("-"))
    for reason in REASONS.values()
    for error, part in reason.answers
]
AGREES = "yet this machine's clock agrees with Salesforce's"


@pytest.mark.parametrize(("reason", "error", "part"), ANSWERS)
def test_an_answer_of_salesforce_is_told_in_our_words_and_kept_in_its_own(
    stack: Stack, reason: Reason, error: str, part: str
) -> None:
    answer_with(stack, error.title(), f"Sorry: {part}")
    before = asked(stack)
    answer = stack.environment().invoke({})
    said = f"{error.title()}: Sorry: {part}".rstrip()
    quoted = f'it says "{said}"' if reason.quoted else ""
    expected = reason.to_error(AGREES if reason.code == "assertion_expired" else quoted)
    assert answer == {"errorType": reason.error.__name__, "errorMessage": str(expected)}
    (refused,) = lines(stack, "mint failed")
    assert (refused["reason"], refused["said"]) == (reason.code, said)
    assert asked(stack) - before == 1
    if reason.backoff is not Backoff.TRANSIENT:  # those are over in seconds
        assert stack.environment().invoke({}) == answer
        failure = stack.environment().invoke({"action": "status"})["failure"]
        assert (failure["error"], failure["reason"]) == (reason.error.__name__, reason.code)
        assert failure["message"] == answer["errorMessage"]
        assert asked(stack) - before == 1


def test_an_error_that_nobody_knows_is_quoted_without_its_secrets(stack: Stack, key_pair: KeyPair) -> None:
    token = stack.environment().invoke({})["access_token"]
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")
    assertion = jwt.encode({"iss": "3MVG9"}, key_pair.pem, algorithm="RS256")
    answer_with(stack, "invalid_thing", f"no scope\n for {token}, {assertion} or {key_pair.pem}" + " and" * 100)
    answer = stack.environment().invoke({})
    quotation = '"invalid_thing: no scope for (redacted), (redacted) or (redacted) and and'
    assert answer["errorType"] == "AssertionRejected"
    assert f"does not know: it says {quotation}" in answer["errorMessage"]
    assert len(answer["errorMessage"]) < 450
    assert stack.environment().invoke({}) == answer
    assert lines(stack, "mint failed")[0]["said"].startswith(quotation.removeprefix('"'))


def test_a_refusal_without_an_error_says_its_status(stack: Stack) -> None:
    body = json.dumps([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}])
    params = {"code": 404, "body": body, "content_type": "application/json"}
    stack.customer.control.add_fault(Fault(where="token", kind="status", params=params))
    answer = stack.environment().invoke({})
    assert answer["errorType"] == "AssertionRejected"
    assert "without one of Salesforce's errors: it is HTTP 404." in answer["errorMessage"]
    assert stack.environment().invoke({}) == answer


# --- the classic mistakes, made in earnest


def wrong_key(stack: Stack, _: MakeCustomer, other: KeyPair) -> None:
    stack.store(stack.customer.secret(private_key=other.pem))


def another_app(stack: Stack, make_customer: MakeCustomer, other: KeyPair) -> None:
    app = make_customer(certificate=other.certificate).app
    stack.store(stack.customer.secret(consumer_key=app.consumer_key))


def no_certificate(stack: Stack, _: MakeCustomer, __: KeyPair) -> None:
    stack.customer.control.remove_certificate(stack.customer.app.consumer_key)


def slow_clock(stack: Stack, _: MakeCustomer, __: KeyPair) -> None:
    stack.customer.control.change_settings(clock_offset_s=900)


def no_such_user(stack: Stack, _: MakeCustomer, __: KeyPair) -> None:
    stack.store(stack.customer.secret(username="nobody@example.com"))


def wrong_audience(stack: Stack, _: MakeCustomer, __: KeyPair) -> None:
    stack.store(stack.customer.secret(audience="https://login.salesforce.com"))


def not_authorised_by_an_admin(stack: Stack, _: MakeCustomer, __: KeyPair) -> None:
    stack.customer.control.unapprove(stack.customer.app.consumer_key, stack.customer.username)


def not_authorised_by_the_user(stack: Stack, make_customer: MakeCustomer, _: KeyPair) -> None:
    stack.store(make_customer(approved=False, policy="AllSelfAuthorized").secret())


MISTAKES = [
    (wrong_key, "wrong_key", "Upload the certificate"),
    (another_app, "wrong_key", "Upload the certificate"),
    (no_certificate, "wrong_key", "Upload the certificate"),
    (slow_clock, "assertion_expired", "Set the clock"),
    (no_such_user, "user_not_approved", "Pre-authorise the user"),
    (wrong_audience, "wrong_audience", "Set audience in the secret"),
    (not_authorised_by_an_admin, "user_not_admin_approved", "Assign the permission set or profile"),
    (not_authorised_by_the_user, "user_not_approved", "Pre-authorise the user"),
]


@pytest.mark.parametrize(("make", "code", "first"), MISTAKES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_classic_mistake_is_named_and_says_what_to_look_at_first(
    stack: Stack,
    make_customer: MakeCustomer,
    other_key_pair: KeyPair,
    make: Callable[[Stack, MakeCustomer, KeyPair], None],
    code: str,
    first: str,
) -> None:
    make(stack, make_customer, other_key_pair)
    before = asked(stack)
    answers = [stack.environment().invoke({}) for _ in range(3)]
    assert answers[0]["errorType"] == "AssertionRejected"
    assert f". {first}" in answers[0]["errorMessage"]
    assert answers == [answers[0]] * 3
    assert asked(stack) - before == 1
    assert lines(stack, "mint failed")[0]["reason"] == code


@pytest.mark.parametrize("minutes", [15, 60])
def test_a_clock_that_is_behind_is_named_with_its_skew_and_the_token_comes_once_it_is_right(
    stack: Stack, minutes: int
) -> None:
    stack.customer.control.change_settings(clock_offset_s=minutes * 60)
    answer = stack.environment().invoke({})
    assert answer["errorType"] == "AssertionRejected"
    assert (
        f"Salesforce says that the assertion has expired: this machine's clock is {minutes} minutes behind Salesforce's."
        in answer["errorMessage"]
    )
    assert stack.environment().invoke({}) == answer
    stack.customer.control.reset_settings()
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")
    assert stack.environment().invoke({})["source"] == "minted"


def test_a_clock_that_is_ahead_gets_a_token_that_it_trusts_for_moments_only(stack: Stack) -> None:
    stack.customer.control.change_settings(clock_offset_s=-900)
    before = asked(stack)
    minted = stack.environment().invoke({})
    assert minted["source"] == "minted"
    assert 0 < minted["expires_in"] <= 120
    assert asked(stack) - before == 1
