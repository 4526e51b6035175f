"""What salesforce_request refuses before anything is sent: no request, no token, and nothing pasted comes back."""

import json
from importlib import import_module
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from conftest import KeyPair
from functions.rest_stack import ALLOW, BASE, EVERYTHING, RestStack
from functions.stack import CONNECTION, Context
from lambda_service import DENIED, Refusal
from sfmint_client.errors import CacheUnavailable, RequestNotAllowed
from sfmint_testing.fakes import FakeClock

GET: dict[str, Any] = {"method": "GET", "path": f"{BASE}/limits"}
POST: dict[str, Any] = {"method": "POST", "path": f"{BASE}/sobjects/Account"}
TEXT = {"Content-Type": "text/plain"}
LARGE = "x" * (4 * 1024 * 1024 + 1)

MALFORMED: list[tuple[object, str]] = [
    (None, "not a JSON object"),
    ([], "not a JSON object"),
    ("GET", "not a JSON object"),
    ({}, "method is missing"),
    ({"method": "GET"}, "path is missing"),
    ({"path": "/services/data/"}, "method is missing"),
    (GET | {"method": None}, "method is missing"),
    (GET | {"method": ["GET"]}, "method is missing"),
    (GET | {"path": {}}, "path is missing"),
    (GET | {"Path": "/"}, "unknown fields: Path"),
    (GET | {"connection": CONNECTION}, "unknown fields: connection"),
    (GET | {"url": "https://evil.example", "timeout": 1}, "unknown fields: timeout, url"),
    (GET | {"a b": 1}, "unknown fields: (not a name)"),
    (GET | dict.fromkeys(map("x{}".format, range(300_000)), 1), "(not a name) and 299990 more."),
    ({"version": "2.0", "requestContext": {}, "body": "{}"}, "unknown fields: requestContext, version"),
    (GET | {"query": None}, "query is no object"),
    (GET | {"query": "q=SELECT"}, "query is no object"),
    (GET | {"query": [["q", "SELECT"]]}, "query is no object"),
    (GET | {"query": {"q": None}}, "A value of the event's query"),
    (GET | {"query": {"q": ["a", "b"]}}, "A value of the event's query"),
    (GET | {"query": {"q": {}}}, "A value of the event's query"),
    (GET | {"query": {"q": float("inf")}}, "A value of the event's query"),
    (GET | {"query": {"q": "\ud800"}}, "half a character"),
    (GET | {"headers": None}, "headers are no object of texts"),
    (GET | {"headers": ["Accept: */*"]}, "headers are no object of texts"),
    (GET | {"headers": {"If-Match": 1}}, "headers are no object of texts"),
    (GET | {"headers": {"If-Match": "a\r\nHost: evil.example"}}, "The header If-Match has an unusable value"),
    (GET | {"headers": {"If-Match: a\r\nHost": "evil.example"}}, "header's name is unusable"),
    (GET | {"headers": {"If-Match": "a", "if-match": "b"}}, "stands twice"),
    (GET | {"all_pages": None}, "neither true nor false"),
    (GET | {"all_pages": 1}, "neither true nor false"),
    (GET | {"all_pages": "true"}, "neither true nor false"),
    (POST | {"all_pages": True}, "all_pages goes with GET only"),
    (GET | {"max_bytes": True}, "max_bytes is no number"),
    (GET | {"max_bytes": 1000.0}, "max_bytes is no number"),
    (GET | {"max_bytes": "1000"}, "max_bytes is no number"),
    (GET | {"max_bytes": 0}, "max_bytes is out of range"),
    (GET | {"max_bytes": 6_000_000}, "max_bytes is out of range"),
    (GET | {"body": {}}, "A GET request has no body"),
    (GET | {"body": ""}, "A GET request has no body"),
    (GET | {"method": "DELETE", "body": {}}, "A DELETE request has no body"),
    (POST | {"body": None}, "body is unusable"),
    (POST | {"body": 1}, "body is unusable"),
    (POST | {"body": True}, "body is unusable"),
    (POST | {"body": {"x": float("nan")}}, "body is unusable"),
    (POST | {"body": {"x": "\ud800"}}, "body is unusable"),
    (POST | {"body": "\ud800", "headers": TEXT}, "body is unusable"),
    (POST | {"body": "text"}, "Add a header Content-Type"),
    (POST | {"body_base64": "eA=="}, "Add a header Content-Type"),
    (POST | {"body": {}, "body_base64": "eA=="}, "both body and body_base64"),
    (POST | {"body": None, "body_base64": None}, "both body and body_base64"),
    (POST | {"body_base64": None, "headers": TEXT}, "no base64"),
    (POST | {"body_base64": "eA", "headers": TEXT}, "no base64"),
    (POST | {"body_base64": "e A==", "headers": TEXT}, "no base64"),
    (POST | {"body_base64": "eA==\n", "headers": TEXT}, "no base64"),
    (POST | {"body_base64": "-_8=", "headers": TEXT}, "no base64"),
    (POST | {"body_base64": "é", "headers": TEXT}, "no base64"),
    (POST | {"body": LARGE, "headers": TEXT}, "longer than 4194304 bytes"),
    (POST | {"body": {"x": LARGE}}, "longer than 4194304 bytes"),
]
NOT_ALLOWED: list[tuple[dict[str, Any], str]] = [
    (GET | {"method": "get"}, "Known are GET"),
    (GET | {"method": "OPTIONS"}, "Known are GET"),
    (GET | {"method": "CONNECT"}, "Known are GET"),
    (GET | {"method": "GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n"}, "Known are GET"),
    (GET | {"path": "@evil.example/services/data/"}, "exactly one slash"),
    (GET | {"path": "//evil.example/services/data/"}, "exactly one slash"),
    (GET | {"path": "/\\evil.example/services/data/"}, "exactly one slash"),
    (GET | {"path": "https://evil.example/services/data/"}, "exactly one slash"),
    (GET | {"path": ":443@evil.example/services/data/"}, "exactly one slash"),
    (GET | {"path": f"{BASE}/../../oauth2/userinfo"}, "dot segment"),
    (GET | {"path": f"{BASE}/%2e%2e/%2e%2e/oauth2/userinfo"}, "dot segment"),
    (GET | {"path": f"{BASE}/%252E%252E/oauth2"}, "dot segment"),
    (GET | {"path": f"{BASE}\\..\\x"}, "dot segment"),
    (GET | {"path": f"{BASE}/limits\r\nHost: evil.example"}, "dot segment, a backslash or a control character"),
    (GET | {"path": f"{BASE}/limits%0d%0aHost:evil.example"}, "dot segment, a backslash or a control character"),
    (GET | {"path": f"{BASE}/query?q=SELECT"}, "into the field query"),
    (GET | {"path": f"{BASE}/query#x"}, "into the field query"),
    (GET | {"path": f"{BASE}/a b"}, "not spelled as it would be sent"),
    (GET | {"path": ""}, "exactly one slash"),
    (GET | {"headers": {"Host": "evil.example"}}, "The header Host may not be set"),
    (GET | {"headers": {"authorization": "Bearer x"}}, "The header authorization may not be set"),
    (GET | {"headers": {"Cookie": "sid=x"}}, "The header Cookie may not be set"),
    (POST | {"headers": {"X-HTTP-Method-Override": "DELETE"}}, "may not be set"),
    (POST | {"query": {"_HttpMethod": "DELETE"}}, "_HttpMethod"),
]


def nothing_happened(rest_stack: RestStack) -> bool:
    return (rest_stack.service.invocations, rest_stack.service.reads, rest_stack.sent) == ([], [], [])


def test_a_malformed_event_is_refused_in_words_before_anything_is_done(rest_stack: RestStack) -> None:
    rest_stack.allow()
    environment = rest_stack.environment()
    for event, words in MALFORMED:
        answer = environment.invoke(event)
        assert (answer["errorType"], words in answer["errorMessage"]) == ("InvalidRequest", True), answer
    assert nothing_happened(rest_stack)


def test_a_trick_is_refused_in_words_before_anything_is_done(rest_stack: RestStack) -> None:
    rest_stack.allow()
    environment = rest_stack.environment()
    for event, words in NOT_ALLOWED:
        answer = environment.invoke(event)
        assert (answer["errorType"], words in answer["errorMessage"]) == ("RequestNotAllowed", True), answer
        assert "evil" not in answer["errorMessage"]
    assert nothing_happened(rest_stack)


def test_each_refusal_is_a_line_and_a_metric(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    environment.invoke(GET | {"path": "//evil.example/"})
    environment.invoke(POST | {"body": {}})
    first, second = rest_stack.said
    assert (first["error"], first["connection"], "path" in first) == ("RequestNotAllowed", CONNECTION, False)
    assert (second["error"], second["path"], second["method"]) == ("RequestNotAllowed", POST["path"], "POST")
    assert [metric["RestRequestFailed"] for metric in rest_stack.counted] == [1, 1]
    assert "evil" not in rest_stack.stack.output.getvalue()


def test_what_was_pasted_into_an_event_is_not_repeated(rest_stack: RestStack, key_pair: KeyPair) -> None:
    environment = rest_stack.environment()
    for pasted in (
        "00D000000000009!pasted.token_of_someone",
        key_pair.pem,
        "eyJhbGciOiJ" + "SUzI1NiJ9.eyJpc3MiOiJ4In0.x",
    ):
        events: tuple[object, ...] = (
            pasted,
            {pasted: 1},
            GET | {"method": pasted},
            GET | {"path": pasted},
            GET | {"path": f"/{pasted}"},
            GET | {"query": pasted},
            GET | {"headers": {pasted: "x"}},
            GET | {"headers": {"X-A": f"{pasted}\n"}},
            GET | {"max_bytes": pasted},
            POST | {"body_base64": f"{pasted}\n", "headers": TEXT},
            POST | {"body": pasted},
        )
        for event in events:
            answer = environment.invoke(event)
            assert "errorType" in answer
            assert pasted[:20] not in json.dumps(answer)
    assert "pasted" not in rest_stack.stack.output.getvalue()


# --- the allow-list


def test_by_default_the_data_api_may_be_read(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    assert environment.invoke(GET)["status_code"] == 200
    others = [POST | {"body": {}}, GET | {"method": "DELETE"}, GET | {"method": "HEAD"}, GET | {"path": "/services/x"}]
    for event in others:
        assert environment.invoke(event)["errorType"] == "RequestNotAllowed"
    assert rest_stack.sent == [f"GET {BASE}/limits 200"]
    assert rest_stack.service.reads == [ALLOW]


def test_what_is_not_on_the_list_costs_no_token(rest_stack: RestStack) -> None:
    rest_stack.allow(f"GET {BASE}/query\nPOST {BASE}/sobjects/Account\n")
    environment = rest_stack.environment()
    for path in (GET["path"], f"{BASE}/queryAll", f"{BASE}/query;x"):
        answer = environment.invoke(GET | {"path": path})
        assert answer["errorType"] == "RequestNotAllowed"
        assert "No rule of the connection's allow-list is for GET" in answer["errorMessage"]
    assert (rest_stack.service.invocations, rest_stack.sent) == ([], [])
    assert environment.invoke(GET | {"path": f"{BASE}/query"})["errorType"] == "SalesforceBadRequest"
    assert environment.invoke(POST | {"body": {"Name": "Acme"}})["status_code"] == 201


def test_a_malformed_list_allows_nothing_until_it_is_repaired(rest_stack: RestStack) -> None:
    rest_stack.allow("GET /services/data/\nPOST everything")
    environment = rest_stack.environment()
    answer = environment.invoke(GET)
    assert answer["errorType"] == "RequestNotAllowed"
    assert f"in the SSM parameter {ALLOW} cannot be used: line 2" in answer["errorMessage"]
    assert (rest_stack.service.invocations, rest_stack.sent) == ([], [])
    rest_stack.allow()
    assert environment.invoke(GET)["status_code"] == 200


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal(500, "InternalServerError"), "InternalServerError. Call again"),
        (Refusal(400, "ThrottlingException"), "ThrottlingException. Call again"),
        (DENIED, "AccessDeniedException. Let the role of the function read it"),
    ],
)
def test_a_list_that_cannot_be_read_allows_nothing(rest_stack: RestStack, refusal: Refusal, words: str) -> None:
    rest_stack.service.ssm_refusal = refusal
    answer = rest_stack.environment().invoke(GET)
    assert answer["errorType"] == "CacheUnavailable"
    assert f"The allow-list in the SSM parameter {ALLOW} cannot be read: {words}" in answer["errorMessage"]
    assert (rest_stack.service.invocations, rest_stack.sent) == ([], [])


class ParameterStore:
    """SSM, with one value or fault for all names."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer
        self.reads = 0

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.reads += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Parameter": {"Name": Name, "Value": self.answer}}


def test_a_list_is_kept_for_a_minute_and_no_longer(rest_stack: RestStack) -> None:
    rest_stack.environment()
    store, clock = ParameterStore(EVERYTHING), FakeClock()
    lists = import_module("salesforce_request.allow_lists").AllowLists(lambda: store, "acme", clock)
    assert lists.read(CONNECTION, untold).allows("DELETE", "/services/x")
    store.answer = "GET /services/data/"
    clock.sleep(59.9)
    assert lists.read(CONNECTION, untold).allows("DELETE", "/services/x")
    clock.sleep(0.1)
    assert not lists.read(CONNECTION, untold).allows("DELETE", "/services/x")
    assert store.reads == 2


def untold(code: str) -> None:
    raise AssertionError(code)


def failure(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetParameter")


PASSING = [
    EndpointConnectionError(endpoint_url="https://ssm.example"),
    ConnectTimeoutError(endpoint_url="https://ssm.example"),
    ReadTimeoutError(endpoint_url="https://ssm.example"),
    failure("ThrottlingException"),
    failure("TooManyUpdates"),
    failure("RequestTimeout", 408),
    failure("an unknown error", 429),
    failure("InternalServerError", 500),
    failure("an unknown error", 503),
]
LASTING = [
    failure("AccessDeniedException"),
    failure("AccessDenied", 403),
    failure("UnrecognizedClientException"),
    failure("ValidationException"),
    NoCredentialsError(),
]


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_while_ssm_is_throttled_or_out_of_reach_the_last_list_is_good_for_five_minutes(
    rest_stack: RestStack, fault: Exception
) -> None:
    rest_stack.environment()
    store, clock, told = ParameterStore(EVERYTHING), FakeClock(), list[str]()
    lists = import_module("salesforce_request.allow_lists").AllowLists(lambda: store, "acme", clock)
    lists.read(CONNECTION, untold)
    store.answer = fault
    clock.sleep(60)
    while clock.monotonic() < 299:
        assert lists.read(CONNECTION, told.append).allows("DELETE", "/services/x")
        clock.sleep(1)
    assert store.reads - 1 == len(told) == 8  # every thirty seconds
    clock.sleep(1)
    for _ in range(2):
        with pytest.raises(CacheUnavailable, match="cannot be read"):
            lists.read(CONNECTION, untold)
    store.answer = "GET /services/data/"
    assert not lists.read(CONNECTION, untold).allows("DELETE", "/services/x")


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_a_list_that_was_never_read_is_no_list(rest_stack: RestStack, fault: Exception) -> None:
    rest_stack.environment()
    lists = import_module("salesforce_request.allow_lists").AllowLists(
        lambda: ParameterStore(fault), "acme", FakeClock()
    )
    with pytest.raises(CacheUnavailable, match="cannot be read"):
        lists.read(CONNECTION, untold)


@pytest.mark.parametrize("first", [None, *PASSING[:1]])
@pytest.mark.parametrize("answer", [*LASTING, "POST everything"], ids=repr)
def test_a_list_that_is_denied_or_malformed_is_closed_and_no_former_one_comes_back(
    rest_stack: RestStack, answer: Exception | str, first: Exception | None
) -> None:
    rest_stack.environment()
    store, clock = ParameterStore(EVERYTHING), FakeClock()
    lists = import_module("salesforce_request.allow_lists").AllowLists(lambda: store, "acme", clock)
    lists.read(CONNECTION, untold)
    clock.sleep(60)
    if first is not None:
        store.answer = first
        lists.read(CONNECTION, [].append)
        clock.sleep(30)
    for store.answer in (answer, PASSING[0]):
        with pytest.raises((CacheUnavailable, RequestNotAllowed)):
            lists.read(CONNECTION, untold)


def test_a_list_that_could_not_be_read_is_told_and_counted(rest_stack: RestStack) -> None:
    rest_stack.allow(EVERYTHING)
    environment = rest_stack.environment()
    clock = FakeClock()
    environment.app.FUNCTION.allow_lists._clock = clock
    assert environment.invoke(GET)["status_code"] == 200
    clock.sleep(60)
    rest_stack.service.ssm_refusal = Refusal(400, "ThrottlingException")
    for _ in range(2):
        assert environment.invoke(GET)["status_code"] == 200
    lines = rest_stack.stack.lines
    (line,) = [line for line in lines if line.get("message") == "allow-list not read, the last one served"]
    (metric,) = [line for line in lines if "AllowListStale" in line]
    for told in (line, metric):
        assert (told["connection"], told["error_code"]) == (CONNECTION, "ThrottlingException")
        assert told["function_request_id"] == Context.aws_request_id
