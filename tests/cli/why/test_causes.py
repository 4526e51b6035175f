"""What `why` names is what happened: for each reason of a failed login, and beside whatever else has failed."""

import json
from typing import Any

import pytest

from cli.why.fake_logs import FakeLogs
from cli.why.log_writer import request_id
from sfmint import errors
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint.salesforce.vocabulary import Field
from sfmint.telemetry import Minted, NotMinted, Served, TokenRefused
from sfmint_cli.error_classes import OF_THE_BROKER
from sfmint_cli.why.investigation import Case
from sfmint_client.rest.refusals.table import MEANINGS
from sfmint_values.redaction import redacted
from sfmint_values.vocabulary import REST

NOW, AGO = 1_796_000_000.0, 1_796_000_000.0 - 600
F, KEY = "0123456789abcdef", "0f1e2d3c4b5a6978"
ME: dict[str, Any] = {"connection": "my-org"}
OF_CALL: dict[str, Any] = {"request_id": request_id(2)}


def failed(reason: str, connection: str = "my-org") -> NotMinted:
    return NotMinted(connection=connection, reason=reason, said="", key_id=KEY, fence=7)


def refused(error: errors.SfmintError, connection: str = "my-org") -> TokenRefused:
    return TokenRefused(connection=connection, error=type(error).__name__, cause=error.cause, remedy=error.remedy)


def only_case(logs: FakeLogs, **question: Any) -> Case:
    [case] = logs.answer(now=NOW, **(question or OF_CALL)).cases
    return case


@pytest.mark.parametrize("reason", REASONS.values(), ids=lambda reason: reason.code)
@pytest.mark.parametrize("detail", ["", "the address is 192.0.2.7"], ids=["plain", "detailed"])
@pytest.mark.parametrize("is_remembered", [False, True], ids=["own", "remembered"])
def test_each_reason_is_told_with_its_own_remedy_beside_other_failures(
    reason: Reason, detail: str, *, is_remembered: bool
) -> None:
    logs = FakeLogs()
    others = [other for other in ("inactive_user", "untrusted_tls", "fault") if other != reason.code]
    for number, other in enumerate(others):
        logs.emit(failed(other), at=AGO - 1200 + number, call=10 + number)
        logs.emit(failed(other, "my-org-eu"), at=AGO - 1 + number / 10, call=20 + number)
    logs.emit(failed(reason.code), at=AGO - (300 if is_remembered else 1), call=1 if is_remembered else 2)
    logs.emit(refused(reason.to_error(detail)), at=AGO, call=2)
    explained = only_case(logs).explained
    assert (explained.name, explained.steps) == (reason.code, reason.told().steps)
    assert reason.told().cause.removesuffix(".") in explained.cause
    assert ("that is remembered" in explained.cause) is is_remembered


@pytest.mark.parametrize("reason", REASONS.values(), ids=lambda reason: reason.code)
def test_a_failure_whose_login_is_in_no_log_is_told_from_its_own_sentence(reason: Reason) -> None:
    logs = FakeLogs()
    logs.emit(failed("inactive_user" if reason.code != "inactive_user" else "fault"), at=AGO - 100, call=1)
    logs.emit(refused(reason.to_error()), at=AGO, call=2)
    assert (only_case(logs).explained.name, only_case(logs).explained.steps) == (reason.code, reason.told().steps)


OTHERS = [
    *(kind("Something that no table has.", remedy="Do this.") for kind in map(vars(errors).get, OF_THE_BROKER) if kind),
    errors.CacheUnavailable("AWS refuses to read the table.", remedy="Let the role read it.", denied=True),
    errors.InvalidCredentials(f"The key {KEY} is tainted.", remedy="Make a new key, and store and upload it."),
    CredentialFault(Fault.NO_PASSPHRASE, Field.PRIVATE_KEY).to_error("my-org"),
    CredentialFault(Fault.DAMAGED, Field.CERTIFICATE).to_error("my-org"),
    CredentialFault(Fault.MISSING_FIELDS, names="username").to_error("my-org"),
]


@pytest.mark.parametrize("error", OTHERS, ids=lambda error: f"{type(error).__name__}: {error.cause[:40]}")
@pytest.mark.parametrize("before", [[], sorted(REASONS)], ids=["alone", "after every other failure"])
def test_an_error_of_no_login_is_told_as_its_caller_was_told(error: errors.SfmintError, before: list[str]) -> None:
    logs = FakeLogs()
    for number, code in enumerate(before):
        logs.emit(failed(code), at=AGO - 900 + number, call=30 + number)
    logs.emit(refused(error), at=AGO, call=2)
    explained = only_case(logs).explained
    assert (explained.cause, explained.steps) == (redacted(error.cause, vocabulary=REST), (error.remedy,))


def test_a_call_that_a_second_key_has_served_did_not_fail() -> None:
    logs = FakeLogs()
    logs.emit(failed("wrong_key"), at=AGO, call=2)
    logs.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=8, duration_ms=9), at=AGO + 1, call=2)
    logs.emit(Served(**ME, fingerprint=F, source="minted", duration_ms=9), at=AGO + 1, call=2)
    questions: tuple[dict[str, Any], ...] = (OF_CALL, {})
    for question in questions:
        assert logs.answer(now=NOW, **question).cases == ()


def test_what_ended_a_call_counts_and_not_the_key_that_was_refused_before() -> None:
    logs = FakeLogs()
    logs.emit(failed("wrong_key"), at=AGO, call=2)
    logs.emit(refused(errors.CacheUnavailable("The table does not answer.", remedy="Call again.")), at=AGO + 1, call=2)
    assert only_case(logs).explained.cause == "The table does not answer."


def test_calls_that_ended_alike_are_one_kind_whatever_differs_in_their_sentences() -> None:
    logs = FakeLogs()
    for number in range(6):
        at = AGO + number
        logs.emit(failed("assertion_expired"), at=at, call=100 + number)
        logs.emit(refused(REASONS["assertion_expired"].to_error(f"{number} minutes")), at=at, call=100 + number)
        logs.text(
            json.dumps(
                {**ME, "message": "request failed", "error": "AssertionRejected", "duration_ms": 100}
                | {"function_request_id": request_id(200 + number)}
            ),
            at=at + 0.1,
            function="salesforce-request",
        )
        secret = CredentialFault(Fault.MISSING_FIELDS, names="username").to_error("my-org")
        logs.emit(refused(secret), at=at + 0.5, call=150 + number)
    found = logs.answer(now=NOW)
    assert [(case.explained.name, case.count) for case in found.cases] == [
        ("InvalidCredentials", 6),
        ("assertion_expired", 6),
        ("assertion_expired", 6),
    ]


def test_each_kind_of_failure_is_told() -> None:
    logs = FakeLogs()
    for number, reason in enumerate(REASONS.values()):
        logs.emit(failed(reason.code), at=AGO + number, call=number)
        logs.emit(refused(reason.to_error()), at=AGO + number, call=number)
    assert [case.explained.name for case in logs.answer(now=NOW).cases] == [*REASONS][::-1]


def test_of_two_refused_keys_the_last_one_counts() -> None:
    logs = FakeLogs()
    for number, code in enumerate(("wrong_key", "inactive_user")):
        logs.emit(failed(code), at=AGO + number, call=2)
    logs.emit(refused(REASONS["inactive_user"].to_error()), at=AGO + 2, call=2)
    assert only_case(logs).explained.name == "inactive_user"


def test_too_little_time_for_a_login_is_not_laid_to_another_callers() -> None:
    logs = FakeLogs()
    logs.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=8, duration_ms=9), at=AGO + 1, call=3)
    error = errors.RefreshInProgress("A login is due, and too little of the function's time is left.", remedy="Wait.")
    logs.emit(refused(error), at=AGO, call=2)
    assert only_case(logs).explained.cause == error.cause


@pytest.mark.parametrize(
    "end", ["Task timed out after 30.00 seconds", "Error: Runtime exited with error: signal: killed"]
)
@pytest.mark.parametrize(("name", "told"), [("my-org", True), ("my-org-eu", False), ("my", False)])
def test_an_end_that_lambda_tells_of_is_told_of_its_own_connection_only(end: str, name: str, *, told: bool) -> None:
    logs = FakeLogs()
    logs.emit(failed("no_answer", name), at=AGO - 5, call=2)
    logs.text(f"RequestId: {request_id(2)} {end}", at=AGO)
    assert (
        bool(
            [
                case
                for case in logs.answer(now=NOW).cases
                if "time was over" in case.explained.cause or "process ended" in case.explained.cause
            ]
        )
        is told
    )


def test_an_end_that_names_nobody_says_so() -> None:
    logs = FakeLogs()
    logs.text(f"2026-11-28T10:42:00.000Z {request_id(9)} Task timed out after 30.00 seconds", at=AGO)
    assert "does not say of which connection" in only_case(logs, moment=None).explained.cause


@pytest.mark.parametrize("other", ["my", "my-org-eu", "not-my-org", "my-org2"])
def test_connections_that_are_named_alike_do_not_share_failures(other: str) -> None:
    logs = FakeLogs()
    logs.emit(failed("inactive_user", other), at=AGO, call=2)
    logs.emit(refused(REASONS["inactive_user"].to_error(), other), at=AGO, call=2)
    answered = {"error": "x", "cause": "The stack has my-org, and others.", "connection": "-"}
    logs.text(json.dumps({"message": "request refused", **answered}), at=AGO)
    logs.text(json.dumps({"message": "request refused", **answered}), at=AGO, stack="my-org")
    assert logs.answer(now=NOW).cases == ()


def rest(logs: FakeLogs, **said: object) -> None:
    told: dict[str, object] = {**ME, "function_request_id": request_id(2), "message": "request failed", **said}
    logs.text(json.dumps(told), at=AGO, function="salesforce-request")


CODES = [(row, code) for row in MEANINGS for code in row.codes]


def test_a_code_of_salesforces_is_explained_in_each_sense_that_it_may_have() -> None:
    for row, code in CODES:
        logs = FakeLogs()
        status = next((each if each > 99 else each * 100 for each in row.statuses), 400)
        rest(logs, error=row.error.__name__, status=status, error_code=code)
        assert row.remedy in only_case(logs).explained.steps, code


def test_a_fault_of_salesforces_after_the_token_is_not_laid_to_the_broker() -> None:
    logs = FakeLogs()
    logs.emit(refused(REASONS["untrusted_tls"].to_error()), at=AGO, call=1)
    rest(logs, error="SalesforceUnavailable", status=503, duration_ms=5000)
    assert "broker" not in only_case(logs).explained.cause


@pytest.mark.parametrize(
    "value", ["true", "1" + 400 * "0", "-1" + 400 * "0", "1.5", '"7"', "null", "[1]", '{"a": 1}', 5000 * "9"]
)
@pytest.mark.parametrize(
    "field", ["status", "duration_ms", "fence", "error", "cause", "remedy", "connection", "message"]
)
def test_a_line_of_anything_ends_in_an_answer(field: str, value: str) -> None:
    logs = FakeLogs()
    plain = {
        **ME,
        "function_request_id": request_id(2),
        "error": "SalesforceForbidden",
        "status": 403,
        "duration_ms": 1,
    }
    said = {"message": "request failed", **plain, field: "#"}
    logs.text(json.dumps(said).replace('"#"', value), at=AGO, function="salesforce-request")
    questions: tuple[dict[str, Any], ...] = (OF_CALL, {})
    for question in questions:
        logs.answer(now=NOW, **question)
