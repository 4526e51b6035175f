"""Answers of any type where somebody's own code or file answers, and requests too long to be sent."""

import pytest

from client.rest_peer import BASE, OK, Peer, Tokens, http
from sfmint_client.errors import InvalidRequest, SalesforceBadRequest, SalesforceUnavailable
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest

APEX = "/services/apexrest/orders/1"
PAGE = http(200, b"<html>own</html>", Content_Type="text/html;charset=UTF-8")
FILES = [
    f"{BASE}/sobjects/Attachment/00P000000000001AAA/Body",
    f"{BASE}/sobjects/ContentVersion/068000000000001/VersionData",
    f"{BASE}/sobjects/EventLogFile/0AT000000000001AAA/LogFile",
    f"{BASE}/sobjects/Case/500000000000001AAA/richTextImageFields/Text__c/0EM000000000001",
    f"{BASE}/connect/files/069000000000001/content",
    f"{BASE}/chatter/users/me/files/069000000000001/rendition",
]


def get(path: str, **headers: str) -> RestRequest:
    return RestRequest(method="GET", path=path, headers=headers)


def test_a_page_of_apex_rest_is_final_and_tells_how_to_ask(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(PAGE)
    with pytest.raises(SalesforceBadRequest, match="ask with the header Accept: text/html"):
        rest.send(get(APEX))
    assert len(peer.received) == 1
    assert rest.send(get(APEX, Accept="text/html")).body == "<html>own</html>"


def test_a_write_that_apex_rest_answers_with_a_page_was_carried_out(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(PAGE)
    with pytest.raises(SalesforceBadRequest, match="It was carried out"):
        rest.send(RestRequest(method="POST", path=APEX, headers={"Content-Type": "text/plain"}, body=b"x"))
    assert len(peer.received) == 1


@pytest.mark.parametrize("path", [APEX, *FILES])
@pytest.mark.parametrize(
    ("content", "kind", "body"),
    [
        (b"{not json", "application/json", "{not json"),
        (b"", "application/json", None),
        (b"a;b", "text/csv", "a;b"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"x", "application/x-odd", None),
        (b"\xff\xfe", "application/json", None),
    ],
)
def test_what_somebody_put_there_is_handed_on_whatever_it_is(
    rest: RestClient, peer: Peer, path: str, content: bytes, kind: str, body: str | None
) -> None:
    peer.answer_with(http(200, content, Content_Type=kind))
    answer = rest.send(get(path))
    assert answer.body == body
    assert (answer.body_base64 is None) == (body is not None or not content)
    assert len(peer.received) == 1


@pytest.mark.parametrize("path", FILES)
def test_a_file_may_be_a_page(rest: RestClient, peer: Peer, path: str) -> None:
    peer.answer_with(PAGE)
    assert rest.send(get(path)).body == "<html>own</html>"


@pytest.mark.parametrize(
    "path", [f"{BASE}/limits", f"{BASE}/sobjects/Account/External_Id__c/Body", f"{BASE}/sobjects/A/1/Body"]
)
def test_a_page_of_salesforces_own_is_an_outage(rest: RestClient, peer: Peer, path: str) -> None:
    peer.answer_with(PAGE, OK)
    assert rest.send(get(path)).body == {"ok": True}
    peer.answers.clear()
    peer.answer_with(PAGE)
    with pytest.raises(SalesforceUnavailable, match="not what it calls itself"):
        rest.send(get(path))


@pytest.mark.parametrize(
    "query", [{"q": "x" * 16_400}, {"q": " " * 5_500}, {f"n{number}": "y" * 100 for number in range(160)}]
)
def test_a_request_that_is_too_long_is_not_sent(rest: RestClient, peer: Peer, query: dict[str, str]) -> None:
    peer.answer_with(OK)
    with pytest.raises(
        InvalidRequest, match=r"URL and headers have \d+ bytes, and Salesforce takes 16384; nothing was sent"
    ):
        rest.send(RestRequest(method="GET", path=f"{BASE}/query", query=query))
    assert peer.received == []


def test_headers_count_too(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    tokens.texts = ("00D000000000001!" + "t" * 2000,)
    peer.answer_with(OK)
    for length, is_sent in ((13_800, True), (14_300, False)):
        request = RestRequest(method="GET", path=f"{BASE}/query", query={"q": "x" * length})
        if is_sent:
            rest.send(request)
        else:
            with pytest.raises(InvalidRequest, match="Bulk API"):
                rest.send(request)
    assert len(peer.received) == 1


def test_the_last_byte_counts_as_it_stands_on_the_wire(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(OK)

    def send(length: int) -> int:
        rest.send(RestRequest(method="GET", path=f"{BASE}/query", query={"q": "x" * length}))
        last = peer.received[-1]
        lines = (
            f"{last.method} {last.target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in last.headers.items()),
            "",
        )
        return sum(len(line) + len("\r\n") for line in lines)

    longest = 16_384 - send(0)
    assert send(longest) == 16_384
    with pytest.raises(InvalidRequest, match="have 16385 bytes"):
        send(longest + 1)
