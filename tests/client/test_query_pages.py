"""Answers that come in pages."""

import pytest

from client.rest_peer import BASE, DOWN, Peer, http
from sfmint_client.errors import (
    AnswerTooLarge,
    RequestNotAllowed,
    SalesforceUnavailable,
)
from sfmint_client.rest.allow_list import AllowList
from sfmint_client.rest.answer import ApiUsage
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest

QUERY = RestRequest(method="GET", path=f"{BASE}/query", query={"q": "SELECT Id FROM Account"}, all_pages=True)


def page(*records: object, next_page: object = None, total: int = 5, **headers: str) -> bytes:
    body = {"totalSize": total, "done": next_page is None, "records": list(records)}
    return http(200, body if next_page is None else body | {"nextRecordsUrl": next_page}, **headers)


def test_all_pages_are_put_together(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(
        page(1, 2, next_page=f"{BASE}/query/01g-2", Sforce_Limit_Info="api-usage=1/9"),
        DOWN,
        page(3, 4, next_page=f"{BASE}/query/01g-4"),
        page(5, Sforce_Limit_Info="api-usage=3/9"),
    )
    answer = rest.send(QUERY)
    assert answer.body == {"totalSize": 5, "done": True, "records": [1, 2, 3, 4, 5]}
    assert answer.api_usage == ApiUsage(used=3, limit=9)
    assert peer.sent[0] == f"GET {BASE}/query?q=SELECT%20Id%20FROM%20Account"
    assert peer.sent[1:] == [f"GET {BASE}/query/01g-2"] * 2 + [f"GET {BASE}/query/01g-4"]


def test_without_being_asked_no_page_is_followed(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(page(1, next_page=f"{BASE}/query/01g-1"))
    body = rest.send(RestRequest(method="GET", path=QUERY.path)).body
    assert body == {"totalSize": 5, "done": False, "records": [1], "nextRecordsUrl": f"{BASE}/query/01g-1"}


@pytest.mark.parametrize("body", [{"records": [1], "done": True}, {"a": 1}, [1], "x", None])
def test_what_names_no_next_page_is_answered_as_it_is(rest: RestClient, peer: Peer, body: object) -> None:
    peer.answer_with(http(200, body))
    assert rest.send(QUERY).body == body


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/services/data/",
        "//evil.example/services/data/",
        "/services/data/../oauth2/userinfo",
        "/services/data/%2e%2e/oauth2/userinfo",
        "/services/oauth2/userinfo",
        "/services/data",
        f"{BASE}/query/01g?x=1",
        f"{BASE}/query/01g-1\r\nHost: evil.example",
        "",
    ],
)
def test_a_next_page_obeys_the_rules_of_paths(rest: RestClient, peer: Peer, next_page: str) -> None:
    peer.answer_with(page(1, next_page=next_page))
    with pytest.raises(RequestNotAllowed, match="no plain path below /services/data/"):
        rest.send(QUERY)
    assert len(peer.received) == 1


def test_a_next_page_obeys_the_allow_list(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(page(1, next_page=f"{BASE}/sobjects/Secret__c/1"))
    with pytest.raises(RequestNotAllowed, match="No rule"):
        rest.send(QUERY, allow_list=AllowList.parse(f"GET {BASE}/query"))
    assert len(peer.received) == 1


def test_a_page_that_comes_again_is_not_followed(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(
        page(1, next_page=f"{BASE}/query/01g-1"), page(2, next_page=f"{BASE}/query/01g-2"), page(3, next_page=f"{BASE}/query/01g-1")
    )  # fmt: skip
    with pytest.raises(SalesforceUnavailable, match="comes again"):
        rest.send(QUERY)
    assert len(peer.received) == 3


@pytest.mark.parametrize("following", [7, ["x"], {"a": 1}])
def test_a_next_page_that_is_no_path_is_a_fault(rest: RestClient, peer: Peer, following: object) -> None:
    peer.answer_with(page(1, next_page=following))
    with pytest.raises(SalesforceUnavailable, match="do not follow each other"):
        rest.send(QUERY)


@pytest.mark.parametrize("second", [http(200, [1]), http(200, {"records": 1}), http(200, {"done": True}), http(204)])
def test_a_page_without_records_is_a_fault(rest: RestClient, peer: Peer, second: bytes) -> None:
    peer.answer_with(page(1, next_page=f"{BASE}/query/01g-1"), second)
    with pytest.raises(SalesforceUnavailable, match="do not follow each other"):
        rest.send(QUERY)


def test_the_limit_holds_for_all_pages_together(rest: RestClient, peer: Peer) -> None:
    pages = [page("x" * 90, next_page=f"{BASE}/query/01g-{n}") for n in range(99)]
    peer.answer_with(*pages)
    with pytest.raises(AnswerTooLarge, match="longer than 300 bytes"):
        rest.send(RestRequest(method="GET", path=QUERY.path, all_pages=True, max_bytes=300))
    assert len(peer.received) == 4
