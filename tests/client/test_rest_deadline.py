"""A request ends when its time does, whatever the other side does, and nothing is begun at the end of it."""

import ssl
from socket import socket
from time import sleep

import pytest

from adapters.peers import listening
from client.rest_peer import ACCOUNT, EXPIRED, GET, JSON, WRITES, MakeRest, Peer, Tokens, http
from sfmint_client.access_token import AccessToken
from sfmint_client.errors import SalesforceUnavailable
from sfmint_client.rest import session as https
from sfmint_client.rest.request import LARGEST_BODY, RestRequest
from sfmint_testing.fakes import FakeClock

type Authority = tuple[ssl.SSLContext, str]


class SlowTokens(Tokens):
    """Needs ten seconds for a token, the first perhaps excepted."""

    clock: FakeClock
    slow_first = True

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        if self.slow_first or rejected is not None:
            self.clock.sleep(10)
        return super().get_token(min_ttl=min_ttl, rejected=rejected)


@pytest.fixture
def tokens(peer: Peer, clock: FakeClock) -> SlowTokens:
    tokens = SlowTokens(peer.url)
    tokens.clock = clock
    tokens.slow_first = False
    return tokens


def test_a_token_that_comes_late_is_not_used(make_rest: MakeRest, peer: Peer, tokens: SlowTokens) -> None:
    tokens.slow_first = True
    with pytest.raises(SalesforceUnavailable, match="not carried out"):
        make_rest().send(WRITES[0], within_s=10.5)
    assert peer.received == []


def test_a_write_that_cannot_be_healed_in_time_was_not_carried_out(make_rest: MakeRest, peer: Peer) -> None:
    peer.answer_with(EXPIRED)
    with pytest.raises(SalesforceUnavailable, match="not carried out"):
        make_rest().send(WRITES[0], within_s=10.5)
    assert len(peer.received) == 1


@pytest.mark.parametrize("status", [200, 401])
def test_who_drips_is_given_up(make_rest: MakeRest, tokens: SlowTokens, rest_authority: Authority, status: int) -> None:
    def drip(connection: socket) -> None:
        with rest_authority[0].wrap_socket(connection, server_side=True) as tls:
            tls.recv(10_000)
            for byte in (answer := http(status, b'"' + b"x" * 38 + b'"'))[-40:]:
                tls.sendall(answer[:-40] + bytes([byte]))
                answer = b""
                sleep(0.05)

    with listening(drip) as port:
        tokens.instance_url = f"https://localhost:{port}"
        with pytest.raises(SalesforceUnavailable, match="did not answer"):
            make_rest().send(GET, within_s=1.2)


def test_a_body_may_take_longer_than_a_connection(
    make_rest: MakeRest, tokens: SlowTokens, rest_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_late(connection: socket) -> None:
        with rest_authority[0].wrap_socket(connection, server_side=True) as tls:
            sleep(0.8)
            left = LARGEST_BODY
            while left > 0:
                left -= len(tls.recv(1 << 20))
            tls.sendall(http(201, {"id": "001"}))
            tls.recv(1 << 20)

    monkeypatch.setattr(https, "CONNECT_S", 0.3)
    body = RestRequest(method="POST", path=ACCOUNT, headers=JSON, body=b"x" * LARGEST_BODY)
    with listening(read_late) as port:
        tokens.instance_url = f"https://localhost:{port}"
        assert make_rest().send(body).status_code == 201
