"""Every event of the broker and the keeper through the real handler: the event in, its answer out."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.stack import CONNECTION, ROOT, TABLE, Stack
from sfmint_local.org.values import Fault

EVENTS = ROOT / "events"
ANSWERS = sorted(EVENTS.glob("token_*/*.answer.json"))
CASES = sorted(set(EVENTS.glob("token_*/*.json")) - set(ANSWERS))

_INSTANT = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_SIXTEEN = r"[0-9a-f]{16}"
_ORIGIN = r"https://[a-z0-9.-]+(:\d+)?"

# What is made up anew each time: the example and the answer must both look like this. All else is equal.
SHAPES = {
    "access_token": r"00D\w{12}![\w.]+",
    "instance_url": _ORIGIN,
    "token_host": _ORIGIN,
    "audience": _ORIGIN,
    "id": _ORIGIN + r"/id/00D\w{15}/005\w{15}",
    "org_id": r"00D\w{15}",
    "user_id": r"005\w{15}",
    "username": r"\S+@\S+",
    "fingerprint": _SIXTEEN,
    "key_id": _SIXTEEN,
    "key_since": _INSTANT,
    "certificate_until": _INSTANT,
    "issued_at": _INSTANT,
    "soft_expiry": _INSTANT,
    "expires_at": _INSTANT,
    "certificate_valid_from": _INSTANT,
    "certificate_valid_until": _INSTANT,
    "expires_in": r"8[0-5]\d",
}


def shape(value: object, name: str = "") -> object:
    """Return the value with every made-up part replaced by its name."""
    if isinstance(value, dict):
        return {part_name: shape(part, part_name) for part_name, part in value.items()}
    if name in SHAPES and value is not None and re.fullmatch(SHAPES[name], str(value)):
        return f"<{name}>"
    return value


def log_in(stack: Stack) -> None:
    assert stack.environment().invoke({})["source"] == "minted"


def log_in_with_certificate(stack: Stack) -> None:
    stack.store(stack.customer.secret(certificate=stack.customer.key_pair.certificate))
    log_in(stack)


def fail_once_logged_in(stack: Stack) -> None:
    log_in(stack)
    stack.settle()
    salesforce_is_down(stack)


def salesforce_is_down(stack: Stack) -> None:
    stack.customer.control.add_fault(Fault(where="token", kind="status", params={"code": 503}))


def login_rate(stack: Stack) -> None:
    params = {"error": "invalid_grant", "description": "login rate exceeded"}
    stack.customer.control.add_fault(Fault(where="token", kind="oauth_error", params=params))


def unapprove(stack: Stack) -> None:
    stack.customer.control.unapprove(stack.customer.app.consumer_key, stack.customer.username)


def misspell(stack: Stack) -> None:
    stack.store(stack.customer.secret(user_name="integration@acme.example"))


def put_row(stack: Stack, **attributes: dict[str, str]) -> None:
    stack.cloud.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": f"t1#{CONNECTION}"}, **attributes})


def someone_logs_in(stack: Stack) -> None:
    put_row(stack, fence={"N": "1"}, lease_owner={"S": "someone"}, lease_until={"N": str(time.time() + 20)})


def minted_by_the_leaked_key(stack: Stack) -> None:
    put_row(stack, fence={"N": "1"}, fingerprint={"S": "0123456789abcdef"}, key_id={"S": "0f1e2d3c4b5a6978"})


def rejected_often(stack: Stack) -> None:
    now = {"N": str(time.time())}
    put_row(
        stack,
        fence={"N": "4"},
        fingerprint={"S": "0123456789abcdef"},
        last_rejected_at=now,
        reject_window=now,
        reject_count={"N": "3"},
    )


def stage_another_version(stack: Stack) -> None:
    stack.forget_secret()
    stack.store({"username": "nobody"})  # AWSCURRENT is of no use
    stack.stage(stack.customer.secret())


def make_ready(stack: Stack) -> None:
    stack.stage(stack.customer.secret(), "AWSPENDING")


def stage_and_unapprove(stack: Stack) -> None:
    stack.stage(stack.customer.secret())
    unapprove(stack)


# What has to have happened before the event. Where nothing is said, the connection is new and its secret is good.
BEFORE: dict[str, Callable[[Stack], None]] = {
    "token_broker/get-token-from-cache": log_in,
    "token_broker/status": log_in_with_certificate,
    "token_broker/status-without-credentials": Stack.forget_secret,
    "token_broker/error-no-credentials": Stack.forget_secret,
    "token_broker/error-invalid-credentials": misspell,
    "token_broker/error-assertion-rejected": unapprove,
    "token_broker/error-login-rate-exceeded": login_rate,
    "token_broker/error-rejection-limited": rejected_often,
    "token_broker/error-salesforce-unavailable": salesforce_is_down,
    "token_broker/error-refresh-in-progress": someone_logs_in,
    "token_keeper/refresh-not-due": log_in,
    "token_keeper/refresh-failed": fail_once_logged_in,
    "token_keeper/flush": log_in,
    "token_keeper/status": log_in_with_certificate,
    "token_keeper/taint": minted_by_the_leaked_key,
    "token_keeper/taint-unused-key": log_in,
    "token_keeper/try": stage_another_version,
    "token_keeper/try-pending": make_ready,
    "token_keeper/error-try-refused": stage_and_unapprove,
    "token_keeper/error-no-credentials": Stack.forget_secret,
    "token_keeper/error-salesforce-unavailable": salesforce_is_down,
}
TWICE = {"token_broker/get-token-from-memory"}
VARIABLES = {
    "token_broker/error-cache-unavailable": {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"},
    "token_keeper/status-unreadable": {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"},
    "token_keeper/refresh-failed": {"SFMINT_REFRESH_RATE": "rate(10 minutes)"},
}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_an_event_has_the_answer_that_stands_beside_it(stack: Stack, path: Path) -> None:
    case = name_of(path)
    event, example = json.loads(path.read_text()), json.loads(path.with_suffix(".answer.json").read_text())
    if case in BEFORE:
        BEFORE[case](stack)
    environment = stack.environment(path.parent.name, **VARIABLES.get(case, {}))
    if case in TWICE:
        environment.invoke(event, CONNECTION)
    answer = environment.invoke(event, CONNECTION if path.parent.name == "token_broker" else "live")
    assert shape(answer) == shape(example)


def test_every_event_has_an_answer_and_every_answer_an_event() -> None:
    answers = {path.with_name(path.name.replace(".answer.", ".")) for path in ANSWERS}
    assert answers == set(CASES)


def test_every_preparation_has_its_event() -> None:
    assert BEFORE.keys() | TWICE | VARIABLES.keys() <= {name_of(path) for path in CASES}


def test_every_error_name_that_a_caller_may_meet_has_an_event() -> None:
    answers = [json.loads(path.read_text()) for path in ANSWERS]
    met = {answer["errorType"] for answer in answers if "errorType" in answer}
    page = (ROOT / "docs/errors.md").read_text().partition("\n## What a caller meets\n")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `(\w+)` \| (?:no|yes|after a pause) \|", page, re.MULTILINE))
    assert documented - {"InternalError"} == met - {"InternalError"}


@pytest.mark.parametrize("path", ANSWERS, ids=name_of)
def test_an_example_is_of_the_shape_that_answers_have(path: Path) -> None:
    def check(value: object, name: str = "") -> None:
        if isinstance(value, dict):
            for part_name, part in value.items():
                check(part, part_name)
        elif name in SHAPES and value is not None:
            assert re.fullmatch(SHAPES[name], str(value)), name

    check(json.loads(path.read_text()))
