"""Readers of what callers and Salesforce say: ARNs, hosts, paths, lists, refusals, answers, pasted errors."""

import importlib
import json
import re
import sys
from functools import partial
from typing import Any
from urllib.parse import unquote

from hypothesis import strategies as st

from client.answers import an_answer
from fuzz.mutation import as_bytes, changed, json_texts, mutated_text, odd_texts, odd_values
from fuzz.parsers import TOKEN
from fuzz.target import Target, is_fit_to_show, is_plain_json, read
from sfmint_cli.diagnosis import diagnose
from sfmint_client.access_token import AccessToken
from sfmint_client.errors import InvalidRequest, RequestNotAllowed
from sfmint_client.function_error import FunctionError
from sfmint_client.rest.allow_list import METHODS, AllowList
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_client.rest.request import RestRequest
from sfmint_local import places
from sfmint_values.alias_arn import alias_parts, connection_of
from sfmint_values.hosts import listed_hosts, origin_of, token_origin
from sfmint_values.redaction import redacted
from sfmint_values.secret import Secret
from sfmint_values.vocabulary import LOGIN, REST

sys.path.append(str(places.ROOT / "functions/salesforce_request"))
parse_event = importlib.import_module("salesforce_request.event").parse_event

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:acme-token-broker:orders"
ARN_PIECES = (":", "arn", "live", "$LATEST", "7", "aws-cn", "orders", "billing", "\n", "٣")
HOSTS = ("https://acme.my.salesforce.com", "https://login.example:8443", "https://acme.my.salesforce.com/")
HOST_PIECES = (
    "@",
    "/",
    "\\",
    "#",
    "?",
    ":443",
    ".",
    "%00",
    "[::1]",
    "127.0.0.1",
    "\t",
    ".salesforce.com",
    "evil.example",
)
FOUND_HOSTS = ("https://acme.my.salesforce.com\t:443",)  # a blank before the port that is left out
PATH = "/services/data/v67.0/sobjects/Account/External_Id__c/A%2D1"
PATHS = ("/services/data/", "/services/data/v67.0/query", PATH, "/services/apexrest/it")
PATH_PIECES = (
    "..",
    "%2E",
    "%2e",
    "%252E",
    "/",
    "//",
    "\\",
    ";",
    "%5C",
    "%EF%BC%8F",
    "%3F",
    "?",
    "#",
    "%00",
    "_HttpMethod",
    "tooling",
)
LISTED = frozenset({"login.example:8443"})


def _arn(arn: str) -> None:
    parts = alias_parts(arn)
    found = connection_of(arn, "acme-token-broker", {"orders", "billing"})
    assert found is None or (parts and arn.split(":")[6:] == ["acme-token-broker", found])


def _host(text: str) -> None:
    for check in (origin_of, partial(token_origin, listed=LISTED)):
        if (origin := read(partial(check, text), ValueError)) is not None:
            assert re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", origin)
            assert check(origin) == origin
    assert all(host == host.strip().lower() for host in listed_hosts(text))


def _path(path: str) -> None:
    request = read(lambda: RestRequest(method="GET", path=path), RequestNotAllowed)
    if request is None:
        return
    for _ in range(6):
        path = unquote(path)
        assert not {".", ".."} & {segment.partition(";")[0] for segment in path.split("/")}
        assert "\\" not in path
        assert not path.startswith("//")


def _request(fields: dict[str, Any]) -> None:
    request = read(lambda: RestRequest(**fields), InvalidRequest, RequestNotAllowed)
    if request is not None:
        json.dumps(dict(request.query), ensure_ascii=False).encode()
        assert all(value.isascii() and value.isprintable() for value in request.headers.values())


_requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from([*METHODS, "TRACE"]),
        "path": st.sampled_from(PATHS),
        "query": st.dictionaries(mutated_text("q", "_HttpMethod"), odd_texts, max_size=3),
        "headers": st.dictionaries(
            mutated_text("Content-Type", "Accept", "If-Match"), mutated_text("application/json", "text/csv"), max_size=3
        ),
        "body": st.none() | st.binary(max_size=40) | st.just(b"_HttpMethod=DELETE"),
    }
)
EVENT = {
    "method": "PATCH",
    "path": PATH,
    "query": {"q": 1},
    "headers": {"If-Match": "x"},
    "body": {"a": 1},
    "max_bytes": 100,
}
ALSO = ("body_base64", "all_pages")


def _event(event: object) -> None:
    read(lambda: parse_event(event), InvalidRequest, RequestNotAllowed)


def _allow_list(text: str) -> None:
    allow_list = read(lambda: AllowList.parse(text), ValueError)
    if allow_list is not None:
        assert all(rule.method in METHODS and rule.prefix.startswith("/") for rule in allow_list.rules)
        allow_list.allows("GET", PATH)


LIST = "GET /services/data/\nPATCH /services/data/v67.0/sobjects/Account/External_Id__c/\n"
REFUSED = [{"errorCode": "INVALID_SESSION_ID", "message": f"Session expired or invalid: {TOKEN}"}]
FIRST = {"errorCode": "MALFORMED_QUERY", "message": f"unexpected token {TOKEN}"}


def _refusal(content: bytes) -> None:
    for status in (300, 400, 401, 503, 999):
        refusal = Refusal.read(status, content, is_json=True, token=Secret(TOKEN))
        error = refusal.to_error(unsure=True, retry_after_s=None)
        is_fit_to_show(str(error))
        assert TOKEN not in f"{refusal} {error}"


_refusals = as_bytes(json_texts(FIRST)).map(lambda data: b"[" + data + b"]") | as_bytes(json_texts(FIRST)) | st.binary()
KINDS = (
    "application/json;charset=UTF-8",
    "text/csv",
    "application/octet-stream",
    "text/html",
    "",
    "application/problem+json",
)


def _answer(given: tuple[str, str, bytes]) -> None:
    kind, usage, content = given
    headers = {"Content-Type": kind, "Sforce-Limit-Info": usage, "ETag": usage}
    answer = read(lambda: RestAnswer.read(200, headers, content), ValueError)
    if answer is not None:
        is_plain_json({"body": answer.body, "body_base64": answer.body_base64})


_answers = st.tuples(
    st.sampled_from(KINDS),
    mutated_text("api-usage=18/5000", "api-usage=18/5000; per-app-api-usage=17/250(appName=sample)"),
    as_bytes(json_texts({"records": [{"Id": "001"}], "nextRecordsUrl": "/services/data/v67.0/query/01g-2000"}))
    | st.binary(),
)


def _client_token(answer: dict[str, Any]) -> None:
    token = read(lambda: AccessToken.from_answer(answer), ValueError)
    if token is not None:
        assert 0 <= token.expires_in <= 86_400
        assert (token.expires_at - token.issued_at).days < 36_525
        is_fit_to_show(token.authorization, 100_000)


def _function_error(said: dict[str, Any]) -> None:
    error = FunctionError.read(said)
    assert re.fullmatch(r"[A-Za-z0-9.]{0,64}", error.name)
    is_fit_to_show(error.message)


def _redaction(text: str) -> None:
    for vocabulary in (LOGIN, REST):
        shown = redacted(text, vocabulary=vocabulary, sent=(Secret(TOKEN),))
        is_fit_to_show(shown, 200)
        assert TOKEN not in shown
        assert TOKEN[16:] not in shown


_said = mutated_text(
    f"unexpected token {TOKEN} near line 1", json.dumps({"error": "invalid_grant", "error_description": f"expired {TOKEN}"}),
    f"https://acme.my.salesforce.com/secur/frontdoor.jsp?sid={TOKEN}", " ".join(TOKEN), TOKEN.encode().hex(),
    pieces=(TOKEN, "%", "\\x", "\\u0041", " ", ".", "\u0301", "\u200b", "-----BEGIN", "0x"),
)  # fmt: skip


def _explain(text: str) -> None:
    diagnosis = read(lambda: diagnose(text))
    if diagnosis is not None:
        is_plain_json(dict(diagnosis.to_facts()))
        assert TOKEN not in str(diagnosis)


PASTED = (
    'HTTP/1.1 400 Bad Request {"error":"invalid_grant","error_description":"user hasn\'t approved this consumer"}',
    '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]',
    "botocore.errorfactory.AccessDeniedException: An error occurred when calling the Invoke operation",
    "sfmint_client.errors.RefreshInProgress: Another caller is logging in.",
    "503 Server Error: Service Unavailable for url",
)

TARGETS = (
    Target("ARNs", mutated_text(ARN, pieces=ARN_PIECES), _arn),
    Target("hosts", mutated_text(*HOSTS, pieces=HOST_PIECES), _host, found=lambda: FOUND_HOSTS),
    Target("paths", mutated_text(*PATHS, pieces=PATH_PIECES), _path),
    Target("requests", _requests, _request),
    Target("request events", changed(EVENT, {"method": "GET", "path": PATH}, also=ALSO) | odd_values, _event),
    Target("allow-lists", mutated_text(LIST, pieces=(*PATH_PIECES, *METHODS, "\n", "\t")), _allow_list),
    Target("refusals", _refusals, _refusal),
    Target("answers", _answers, _answer),
    Target("tokens of the broker", changed(an_answer(TOKEN)), _client_token),
    Target(
        "function errors",
        changed({"errorType": "InternalError", "errorMessage": "A cause. A remedy."}),
        _function_error,
    ),
    Target("redaction", _said, _redaction),
    Target(
        "pasted errors", mutated_text(*PASTED, pieces=("invalid_grant", "http 4", "&quot;", "%22", TOKEN)), _explain
    ),
)
