"""Every file of events/salesforce_request through the real handler: the event in, its answer out."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from client.answers import an_answer
from functions.rest_stack import ALLOW, EVERYTHING, RestStack
from functions.stack import CONNECTION, ROOT
from lambda_service import DENIED, NO_SUCH_ALIAS, TIMED_OUT
from sfmint_client import errors

EVENTS = ROOT / "events/salesforce_request"
CASES = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".answer.json"))

# What differs from run to run: the example and the answer must both look like this. All else is equal.
SHAPES = {
    "id": r"001\w{15}",
    "nextRecordsUrl": r"/services/data/v67\.0/query/\w+-\d+",
    "sforce-limit-info": r"api-usage=\d+/15000",
    "used": r"\d+",
    "Remaining": r"\d+",
}


def shape(value: object, name: str = "") -> object:
    """Return the value with every part that differs replaced by its name."""
    if isinstance(value, dict):
        return {part_name: shape(part, part_name) for part_name, part in value.items()}
    if name in SHAPES and re.fullmatch(SHAPES[name], str(value)):
        return f"<{name}>"
    return value


type Before = Callable[[RestStack], object]


def answered(code: int, body: str = "", content_type: str = "text/plain", **params: object) -> Before:
    return lambda rest: rest.fault("status", times=None, code=code, body=body, content_type=content_type, **params)


def refused(code: int, error_code: str, message: str, **params: object) -> Before:
    body = json.dumps([{"message": message, "errorCode": error_code}])
    return answered(code, body, "application/json;charset=UTF-8", **params)


def partly(error_code: str, message: str) -> Before:
    failed = {"httpStatusCode": 400, "referenceId": "second", "body": [{"errorCode": error_code, "message": message}]}
    parts = {"compositeResponse": [{"httpStatusCode": 204, "referenceId": "first", "body": None}, failed]}
    return answered(200, json.dumps(parts), "application/json;charset=UTF-8")


def small_pages(rest: RestStack) -> None:
    rest.stack.customer.control.change_settings(query_page_rows=2)


def pages_elsewhere(rest: RestStack) -> None:
    rest.fault("changed_field", name="nextRecordsUrl", value="https://evil.example/services/data/")


def malformed_list(rest: RestStack) -> None:
    rest.allow("GET /services/data/\nPOST everything\n")


def unreadable_list(rest: RestStack) -> None:
    rest.service.ssm_refusal = DENIED


def token_of_another_host(rest: RestStack) -> None:
    rest.service.answer_with(an_answer(instance_url="https://evil.example"))


def repeated_token(rest: RestStack) -> None:
    token = rest.stack.environment().invoke({}, CONNECTION)["access_token"]
    answered(200, json.dumps({"sessionId": token}), "application/json")(rest)


# What has to have happened before the event. Where nothing is said, the connection may do everything, and all is well.
BEFORE: dict[str, Before] = {
    "query-all-pages": small_pages,
    "query-one-page": small_pages,
    "upload-text": answered(201),
    "upload-bytes": answered(201),
    "download-text": answered(200, "Id,Name\n001gK0000000001QAA,Amber Foods\n", "text/csv; charset=UTF-8"),
    "download-bytes": answered(200, "%PDF-2.0", "application/octet-stream"),
    "error-not-allowed": lambda rest: rest.service.parameters.clear(),
    "error-allow-list-malformed": malformed_list,
    "error-allow-list-unreadable": unreadable_list,
    "error-no-credentials": lambda rest: rest.stack.forget_secret(),
    "error-invoke-forbidden": lambda rest: rest.service.answer_with(DENIED),
    "error-no-alias": lambda rest: rest.service.answer_with(NO_SUCH_ALIAS),
    "error-broker-died": lambda rest: rest.service.answer_with(TIMED_OUT),
    "error-wrong-host": token_of_another_host,
    "error-forbidden": refused(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
    "error-fresh-token-refused": refused(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "error-busy": refused(
        400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", retry_after=60
    ),
    "error-partly-failed": partly(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Industry: bad value for restricted picklist field"
    ),
    "error-conflict": refused(412, "PRECONDITION_FAILED", "The record has been modified"),
    "error-rate-limited": refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "error-unavailable": answered(503, "<html>Scheduled maintenance</html>", "text/html", retry_after=600),
    "error-unavailable-write": refused(503, "SERVER_UNAVAILABLE", "Server is busy"),
    "error-host-not-listed": lambda rest: rest.allow("GET https://api.salesforce.com/einstein/"),
    "error-answer-holds-token": repeated_token,
    "error-redirect": lambda rest: rest.fault("redirect", location="https://evil.example/"),
    "error-next-page-elsewhere": pages_elsewhere,
}
QUALIFIERS = {"error-connection-forbidden": "live"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_event_has_the_answer_that_stands_beside_it(rest_stack: RestStack, path: Path) -> None:
    event, example = json.loads(path.read_text()), json.loads(path.with_suffix(".answer.json").read_text())
    rest_stack.allow(EVERYTHING)
    if path.stem in BEFORE:
        BEFORE[path.stem](rest_stack)
    answer = rest_stack.environment().invoke(event, QUALIFIERS.get(path.stem, CONNECTION))
    assert shape(answer) == shape(example)
    if path.stem.startswith("bad-"):
        assert (rest_stack.service.invocations, rest_stack.service.reads, rest_stack.sent) == ([], [], [])


def test_every_event_has_an_answer_and_every_answer_an_event() -> None:
    answers = {path.with_name(path.name.replace(".answer.", ".")) for path in EVENTS.glob("*.answer.json")}
    assert answers == set(CASES)


def test_every_preparation_has_its_event() -> None:
    assert BEFORE.keys() | QUALIFIERS.keys() <= {path.stem for path in CASES}


def test_every_error_of_a_request_has_an_event() -> None:
    answers = [json.loads(path.read_text()) for path in EVENTS.glob("*.answer.json")]
    met = {answer["errorType"] for answer in answers if "errorType" in answer}
    own = {name for name in vars(errors) if re.match("Salesforce|Request|Answer", name)}
    assert own | {"InvalidRequest", "ConnectionForbidden", "CacheUnavailable", "WrongHost"} <= met


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.answer.json")), ids=lambda path: path.stem)
def test_an_example_is_of_the_shape_that_answers_have(path: Path) -> None:
    def check(value: object, name: str = "") -> None:
        if isinstance(value, dict):
            for part_name, part in value.items():
                check(part, part_name)
        elif name in SHAPES:
            assert re.fullmatch(SHAPES[name], str(value)), name

    check(json.loads(path.read_text()))


def test_the_preparations_speak_of_the_connections_own_list() -> None:
    malformed = json.loads((EVENTS / "error-allow-list-malformed.answer.json").read_text())
    assert ALLOW in malformed["errorMessage"]
