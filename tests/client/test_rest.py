"""Requests over the wire: what arrives, and what comes back."""

import json
from base64 import b64decode
from dataclasses import replace

import pytest

from client.rest_peer import (
    ACCOUNT,
    GET,
    HEAD,
    JSON,
    OK,
    WRITES,
    Peer,
    Tokens,
    http,
)
from sfmint_client.errors import (
    AnswerTooLarge,
    RequestNotAllowed,
    SalesforceUnavailable,
)
from sfmint_client.rest.allow_list import DEFAULT, AllowList
from sfmint_client.rest.answer import ApiUsage
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest


def test_a_request_arrives_as_it_was_meant_with_the_token(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    peer.answer_with(http(201, {"id": "001"}))

    rest.send(
        RestRequest(
            method="POST",
            path=ACCOUNT,
            query={"a b": "c&d=é", "empty": ""},
            headers=JSON | {"Sforce-Call-Options": "client=x"},
            body='{"Name": "Ü"}'.encode(),
        )
    )

    (received,) = peer.received
    assert f"{received.method} {received.target}" == f"POST {ACCOUNT}?a%20b=c%26d%3D%C3%A9&empty="
    assert received.body == '{"Name": "Ü"}'.encode()
    assert received.headers.items() == [
        ("Host", peer.url.removeprefix("https://")),
        ("User-Agent", "sfmint"),
        ("Accept-Encoding", "identity"),
        ("Accept", "application/json"),
        ("Connection", "keep-alive"),
        ("Content-Type", "application/json"),
        ("Sforce-Call-Options", "client=x"),
        ("Content-Length", "14"),
        ("Authorization", f"Bearer {tokens.texts[0]}"),
    ]


def test_an_answer_has_its_status_its_useful_headers_its_body_and_the_usage(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(
        http(
            200,
            {"Name": "Ü", "n": [1, None]},
            Sforce_Limit_Info="api-usage=18/5000; per-app-api-usage=17/250(appName=x)",
            Last_Modified="Mon, 23 Nov 2026 12:00:00 GMT",
            Set_Cookie="BrowserId=x; path=/",
            X_Internal="y",
        )
    )

    answer = rest.send(GET)

    assert answer.status_code == 200
    assert answer.body == {"Name": "Ü", "n": [1, None]}
    assert answer.body_base64 is None
    assert answer.api_usage == ApiUsage(used=18, limit=5000)
    assert answer.headers == {
        "content-type": "application/json;charset=UTF-8",
        "last-modified": "Mon, 23 Nov 2026 12:00:00 GMT",
        "sforce-limit-info": "api-usage=18/5000; per-app-api-usage=17/250(appName=x)",
    }


@pytest.mark.parametrize(
    ("content_type", "content", "body"),
    [
        ("text/csv", b"Id,Name\n1,\xc3\x9c\n", "Id,Name\n1,Ü\n"),
        ("application/xml; charset=UTF-8", b"<x/>", "<x/>"),
        ("application/problem+json", b"[1]", [1]),
        ("text/plain", b"\xff\xfe", None),
        ("application/pdf", b"%PDF-\x00", None),
        ("", b"?", None),
        ("application/json", b'["\\ud800"]', '["\\ud800"]'),
        ("application/json", b"[1e999]", "[1e999]"),
        ("application/json", b"[" * 200_000 + b"]" * 200_000, "[" * 200_000 + "]" * 200_000),
    ],
    ids=[
        "csv",
        "xml",
        "json of a kind",
        "no UTF-8",
        "pdf",
        "no type",
        "half a character",
        "too large a number",
        "deep",
    ],
)
def test_a_body_comes_back_in_a_form_that_fits_into_json(
    rest: RestClient, peer: Peer, content_type: str, content: bytes, body: object
) -> None:
    peer.answer_with(http(200, content, Content_Type=content_type))

    answer = rest.send(RestRequest(method="GET", path=GET.path, max_bytes=1_000_000))

    assert answer.body == body
    assert body is not None or b64decode(answer.body_base64 or "") == content
    json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("status", [200, 204, 304])
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_an_answer_without_a_body_is_one(rest: RestClient, peer: Peer, status: int, kind: str) -> None:
    peer.answer_with(http(status, Content_Type=kind))
    answer = rest.send(GET)
    assert (answer.status_code, answer.body, answer.body_base64, answer.api_usage) == (status, None, None, None)


def test_head_has_no_body_whatever_its_headers_promise(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, Content_Length="1000"))
    assert rest.send(HEAD).body is None


@pytest.mark.parametrize(
    ("content", "length"),
    [(b'{"a":1,"b":[1,2]}', 21), (b'"\\u00fc"', 4), (b'"\xc3\xbc"', 4), (b'{"a":    1}', 8)],
)
def test_the_limit_holds_for_what_salesforce_sends_and_for_what_is_answered(
    rest: RestClient, peer: Peer, content: bytes, length: int
) -> None:
    least = max(len(content), length)
    peer.answer_with(http(200, content))
    rest.send(RestRequest(method="GET", path=GET.path, max_bytes=least))
    with pytest.raises(AnswerTooLarge, match=f"longer than {least - 1} bytes.+raise max_bytes"):
        rest.send(RestRequest(method="GET", path=GET.path, max_bytes=least - 1))


def test_base64_counts_as_long_as_it_is(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, b"\x00" * 300, Content_Type="application/pdf"))
    rest.send(RestRequest(method="GET", path=GET.path, max_bytes=402))
    with pytest.raises(AnswerTooLarge):
        rest.send(RestRequest(method="GET", path=GET.path, max_bytes=401))


def test_an_answer_is_read_no_further_than_its_limit(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, b"x" * 100_000, Content_Length="1000000000"))
    with pytest.raises(AnswerTooLarge):
        rest.send(RestRequest(method="GET", path=GET.path, max_bytes=50_000))
    assert len(peer.received) == 1


@pytest.mark.parametrize("content", [b"{", b"NaN", b'{"a": 1} {', b"\xff", b"<html>"])
def test_json_that_is_none_is_a_fault(rest: RestClient, peer: Peer, content: bytes) -> None:
    peer.answer_with(http(200, content))
    with pytest.raises(SalesforceUnavailable, match="not what it calls itself"):
        rest.send(GET)


def test_a_page_that_nobody_asked_for_is_a_fault(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, b"<html>Scheduled maintenance</html>", Content_Type="text/html; charset=UTF-8"))
    with pytest.raises(SalesforceUnavailable, match="not what it calls itself"):
        rest.send(GET)
    for accept in ("text/html", "*/*"):
        assert "<html>" in rest.send(RestRequest(method="GET", path=GET.path, headers={"accept": accept})).body


def test_an_answer_in_another_coding_is_a_fault(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, b"x", Content_Type="text/plain", Content_Encoding="br"))
    with pytest.raises(SalesforceUnavailable, match="not what it calls itself"):
        rest.send(GET)
    assert len(peer.received) == 1


@pytest.mark.parametrize("info", ["per-app-api-usage=17/250(appName=x); api-usage=18/5000", "api-usage=18/5000"])
def test_the_usage_is_the_orgs(rest: RestClient, peer: Peer, info: str) -> None:
    peer.answer_with(http(200, {}, Sforce_Limit_Info=info))
    assert rest.send(GET).api_usage == ApiUsage(used=18, limit=5000)


@pytest.mark.parametrize("info", ["", "per-app-api-usage=17/250(appName=x)", "api-usage=x/y", "api-usage=1"])
def test_a_usage_that_is_none_is_left_out(rest: RestClient, peer: Peer, info: str) -> None:
    peer.answer_with(http(200, {}, Sforce_Limit_Info=info))
    assert rest.send(GET).api_usage is None


def test_what_is_not_on_the_list_costs_neither_token_nor_request(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    for request in WRITES:
        with pytest.raises(RequestNotAllowed, match=f"No rule .+ {request.method}"):
            rest.send(request, allow_list=DEFAULT)
    assert (peer.received, tokens.asked) == ([], 0)


def test_what_is_on_the_list_is_sent(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(OK)
    rest.send(WRITES[0], allow_list=AllowList.parse(f"POST {ACCOUNT}"))
    assert len(peer.received) == 1


@pytest.mark.parametrize(("content", "max_bytes"), [(b'{"id": "001"}', 5), (b"[1,2,3]", 8)])
def test_a_write_whose_answer_is_too_long_is_said_to_be_done(
    rest: RestClient, peer: Peer, content: bytes, max_bytes: int
) -> None:
    peer.answer_with(http(201, content))
    write = replace(WRITES[0], max_bytes=max_bytes)
    with pytest.raises(AnswerTooLarge, match=r"has carried the request out.+Do not send it again"):
        rest.send(write)
