"""Where the token goes, and what becomes of a dead one."""

from pathlib import Path

import pytest
from requests import Session

from adapters.peers import listening, proxy
from client.answers import fingerprint_of
from client.rest_peer import EXPIRED, GET, OK, WRITES, MakeRest, Peer, Tokens, http, refusal
from sfmint_client.errors import (
    SalesforceForbidden,
    SalesforceUnavailable,
    WrongHost,
)
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.exchange import Sighting
from sfmint_client.rest.request import RestRequest
from sfmint_testing.fakes import FakeClock


def test_a_dead_token_is_replaced_and_the_request_sent_once_more(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    peer.answer_with(EXPIRED, http(201, {"id": "001"}))
    seen: list[Sighting] = []

    assert rest.send(WRITES[0], observe=seen.append).body == {"id": "001"}

    assert tokens.rejected == [fingerprint_of(tokens.texts[0])]
    assert [request.headers["Authorization"][-6:] for request in peer.received] == ["!first", "second"]
    assert [request.body for request in peer.received] == [WRITES[0].body] * 2
    assert seen == [Sighting(status_code=201, fingerprint=fingerprint_of(tokens.texts[1]))]


def test_a_fresh_token_that_is_refused_too_is_not_replaced_again(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    peer.answer_with(EXPIRED)
    with pytest.raises(SalesforceForbidden, match="A fresh token is refused too"):
        rest.send(GET)
    assert len(peer.received) == 2
    assert len(tokens.rejected) == 1


def test_a_401_of_another_kind_costs_no_token(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    peer.answer_with(refusal(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"))
    with pytest.raises(SalesforceForbidden, match="give the app the scope api"):
        rest.send(GET)
    assert len(peer.received) == 1
    assert tokens.rejected == []


@pytest.mark.parametrize("instance_url", ["https://localhost", "http://localhost:80", "https://evil.example"])
def test_the_token_goes_to_no_host_that_is_not_salesforces_or_listed(
    rest: RestClient, peer: Peer, tokens: Tokens, instance_url: str
) -> None:
    tokens.instance_url = instance_url
    with pytest.raises(WrongHost, match="nothing was sent"):
        rest.send(GET)
    assert peer.received == []


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_nor_read(rest: RestClient, peer: Peer, code: int) -> None:
    peer.answer_with(http(code, b"x" * 100_000, Location=f"{peer.url}/elsewhere", Content_Length="100000000"))
    with pytest.raises(SalesforceUnavailable, match=f"Salesforce answered {code}. Redirects are not followed"):
        rest.send(GET)
    assert peer.sent == [f"GET {GET.path}"]


def test_a_redirect_is_not_followed_by_another_session_either(peer: Peer, tokens: Tokens, clock: FakeClock) -> None:
    peer.answer_with(http(302, Location=f"{peer.url}/elsewhere"))
    with Session() as session:
        session.verify = peer.ca
        client = RestClient(tokens, session, listed=frozenset({peer.url.removeprefix("https://")}), clock=clock)
        with pytest.raises(SalesforceUnavailable, match="302"):
            client.send(GET)
    assert peer.sent == [f"GET {GET.path}"]


def test_no_cookie_is_kept(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, {}, Set_Cookie="BrowserId=x; path=/; secure"))
    rest.send(GET)
    rest.send(GET)
    assert "Cookie" not in peer.received[1].headers


def test_the_environment_names_neither_proxy_nor_password(
    make_rest: MakeRest, peer: Peer, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine localhost login x password y\n")
    (tmp_path / "netrc").chmod(0o600)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    peer.answer_with(OK)
    make_rest().send(GET)
    assert peer.received[0].headers["Authorization"] == f"Bearer {tokens.texts[0]}"


def test_a_proxy_that_is_named_is_used(make_rest: MakeRest, peer: Peer) -> None:
    peer.answer_with(OK)
    connects: list[str] = []
    with listening(proxy(connects)) as port:
        make_rest(proxy=f"http://127.0.0.1:{port}").send(GET)
    assert connects == [peer.url.removeprefix("https://")]


def test_a_host_that_no_authority_vouches_for_gets_nothing(make_rest: MakeRest, peer: Peer, clock: FakeClock) -> None:
    began = clock.time
    peer.answer_with(OK)
    with pytest.raises(
        SalesforceUnavailable, match=r"certificate that cannot be trusted.+nothing was sent.+SSL_CERT_FILE"
    ):
        make_rest(ca_bundle=None).send(GET)
    assert (peer.received, clock.time) == ([], began)


APEX = "/services/apexrest/orders"


def test_a_write_to_apex_rest_that_is_answered_401_is_sent_once(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    peer.answer_with(EXPIRED, OK)
    with pytest.raises(SalesforceForbidden, match="It may have been carried out"):
        rest.send(RestRequest(method="POST", path=APEX, headers={"Content-Type": "application/json"}, body=b"{}"))
    assert peer.sent == [f"POST {APEX}", "GET /services/data/v60.0/limits"]
    assert tokens.rejected == []


def test_a_read_of_apex_rest_is_sent_again_where_salesforce_refuses_the_token_too(
    rest: RestClient, peer: Peer, tokens: Tokens
) -> None:
    peer.answer_with(EXPIRED, EXPIRED, OK)
    assert rest.send(RestRequest(method="GET", path=APEX)).body == {"ok": True}
    assert len(tokens.rejected) == 1


def test_a_401_of_a_class_itself_is_told_as_such(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    peer.answer_with(EXPIRED, OK)
    with pytest.raises(SalesforceForbidden, match="show its author this text"):
        rest.send(RestRequest(method="GET", path=APEX))
    assert tokens.rejected == []
