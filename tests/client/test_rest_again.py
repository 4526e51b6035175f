"""What is sent again, and what never is."""

from socket import socket

import pytest

from adapters.peers import listening, proxy
from client.rest_peer import (
    DOWN,
    GET,
    HEAD,
    NOTHING,
    OK,
    REPEATABLE,
    SILENCE,
    WRITES,
    MakeRest,
    Peer,
    Tokens,
    http,
    name_of,
)
from sfmint_client.errors import (
    SalesforceRateLimited,
    SalesforceUnavailable,
)
from sfmint_client.rest.client import LONGEST_PAUSE_S, MOST_SENDINGS, RestClient
from sfmint_client.rest.request import RestRequest
from sfmint_testing.fakes import FakeClock


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        *((request, fault) for request in [*REPEATABLE, HEAD] for fault in [DOWN, NOTHING, http(500), http(429)]),
        *((request, http(200, b"{", Content_Length="9")) for request in REPEATABLE),
    ],
    ids=name_of,
)
def test_what_does_no_harm_twice_is_sent_until_it_succeeds(
    rest: RestClient, peer: Peer, clock: FakeClock, request_: RestRequest, fault: bytes
) -> None:
    began = clock.time
    peer.answer_with(fault, fault, fault, OK)
    rest.send(request_)
    assert len(peer.received) == 4
    assert clock.time - began == 0.75 + 1.5 + 3.0


@pytest.mark.parametrize("request_", REPEATABLE, ids=name_of)
def test_after_four_tries_the_error_is_told(rest: RestClient, peer: Peer, request_: RestRequest) -> None:
    peer.answer_with(DOWN)
    with pytest.raises(SalesforceUnavailable, match="503 SERVER_UNAVAILABLE"):
        rest.send(request_)
    assert len(peer.received) == 4


@pytest.mark.parametrize("request_", WRITES, ids=name_of)
@pytest.mark.parametrize(
    "fault", [DOWN, NOTHING, http(500), http(429), http(200, b"{", Content_Length="9"), http(200, b"{")]
)
def test_a_write_is_never_sent_twice(rest: RestClient, peer: Peer, request_: RestRequest, fault: bytes) -> None:
    if fault == http(200, b"{") and not request_.is_whole:
        fault = DOWN  # Apex REST may answer what it likes
    peer.answer_with(fault)
    with pytest.raises((SalesforceUnavailable, SalesforceRateLimited)) as met:
        rest.send(request_)
    assert len(peer.received) == 1
    assert isinstance(met.value, SalesforceRateLimited) or "It may have been carried out" in str(met.value)


@pytest.mark.parametrize("request_", [GET, WRITES[0]], ids=name_of)
def test_a_connection_that_was_never_made_is_tried_again(
    make_rest: MakeRest, tokens: Tokens, clock: FakeClock, request_: RestRequest
) -> None:
    began = clock.time
    with listening(lambda _: None) as port:
        pass
    tokens.instance_url = f"https://localhost:{port}"
    with pytest.raises(SalesforceUnavailable, match="does not take connections, so nothing was sent"):
        make_rest().send(request_)
    assert clock.time - began == 0.75 + 1.5 + 3.0


@pytest.mark.parametrize("hello", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_host_without_tls_is_given_up(make_rest: MakeRest, tokens: Tokens, hello: bytes) -> None:
    def serve(connection: socket) -> None:
        connection.recv(10_000)
        connection.sendall(hello)

    with listening(serve) as port:
        tokens.instance_url = f"https://localhost:{port}"
        for request in (GET, WRITES[0]):
            with pytest.raises(SalesforceUnavailable, match="does not take connections, so nothing was sent"):
                make_rest().send(request)


def test_what_salesforce_asks_to_wait_is_waited(rest: RestClient, peer: Peer, clock: FakeClock) -> None:
    began = clock.time
    peer.answer_with(http(503, Retry_After="7"), http(429, Retry_After="0"), OK)
    rest.send(GET)
    assert clock.time - began == 7 + 1.5


@pytest.mark.parametrize("retry_after", ["11", "86400"])
def test_who_shall_wait_long_is_told_so_at_once(rest: RestClient, peer: Peer, retry_after: str) -> None:
    assert float(retry_after) > LONGEST_PAUSE_S
    peer.answer_with(http(429, Retry_After=retry_after))
    with pytest.raises(SalesforceRateLimited, match="asks to wait"):
        rest.send(GET)
    assert len(peer.received) == 1


@pytest.mark.parametrize("retry_after", ["", "-1", "soon", "Mon, 23 Nov 2026 12:00:00 GMT", "1.5", "²", "9" * 400])
def test_a_wait_that_is_no_number_of_seconds_is_as_none(rest: RestClient, peer: Peer, retry_after: str) -> None:
    peer.answer_with(http(503, Retry_After=retry_after), OK)
    rest.send(GET)
    assert len(peer.received) == 2


def test_nothing_is_sent_again_without_time_for_it(rest: RestClient, peer: Peer, clock: FakeClock) -> None:
    peer.answer_with(DOWN)
    with pytest.raises(SalesforceUnavailable):
        rest.send(GET, within_s=3.0)  # 0.75 and 1 fit, 1.5 and 1 no longer
    assert len(peer.received) == 2


def test_nothing_is_sent_without_time_for_it(rest: RestClient, peer: Peer) -> None:
    with pytest.raises(SalesforceUnavailable, match="so it was not carried out"):
        rest.send(WRITES[0], within_s=0.9)
    assert peer.received == []


def test_a_host_that_says_nothing_is_given_up(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(SILENCE)
    with pytest.raises(SalesforceUnavailable, match=r"did not answer in time\. Call again later"):
        rest.send(GET, within_s=1.2)


def test_an_answer_that_does_not_end_is_given_up(make_rest: MakeRest, peer: Peer) -> None:
    class Ticking(FakeClock):
        def monotonic(self) -> float:
            self.sleep(0.1)
            return super().monotonic()

    peer.answer_with(http(200, b"x" * 4_000_000, Content_Type="text/plain"))
    with pytest.raises(SalesforceUnavailable, match="did not answer in time"):
        make_rest(clock=Ticking()).send(RestRequest(method="GET", path=GET.path, max_bytes=4_500_000), within_s=5)
    assert len(peer.received) == 1


@pytest.mark.parametrize("fault", [NOTHING, DOWN, http(200, b"{", Content_Length="9")])
def test_an_error_carries_no_token_however_deep_one_looks(rest: RestClient, peer: Peer, fault: bytes) -> None:
    peer.answer_with(fault)
    with pytest.raises(SalesforceUnavailable) as met:
        rest.send(WRITES[0])
    error: BaseException | None = met.value
    while error is not None:
        assert not hasattr(error, "request")
        error = error.__cause__ or error.__context__


def test_a_write_whose_answer_is_lost_behind_a_proxy_is_not_sent_twice(make_rest: MakeRest, peer: Peer) -> None:
    peer.answer_with(NOTHING)
    with (
        listening(proxy([])) as port,
        pytest.raises(SalesforceUnavailable, match="It may have been carried out"),
    ):
        make_rest(proxy=f"http://127.0.0.1:{port}").send(WRITES[0])
    assert len(peer.received) == 1


def test_a_tunnel_that_a_proxy_refuses_is_asked_for_again(make_rest: MakeRest, peer: Peer) -> None:
    asked: list[bytes] = []

    def refuse(connection: socket) -> None:
        asked.append(connection.recv(10_000))
        connection.sendall(b"HTTP/1.1 503 Busy\r\n\r\n")

    with listening(refuse) as port, pytest.raises(SalesforceUnavailable, match="so nothing was sent"):
        make_rest(proxy=f"http://127.0.0.1:{port}").send(WRITES[0])
    assert len(asked) == MOST_SENDINGS
    assert peer.received == []
