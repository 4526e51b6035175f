"""A kept connection gives each request its own answer, and an answer that cannot be trusted to have an end is none."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path

import pytest
import requests

from adapters.peers import authority, listening, old_authority
from adapters.wire import CHUNKED, HEAD, in_chunks, sized
from client.answers import a_token
from client.rest_peer import BASE, GET, MakeRest, Tokens
from client.rest_peer import HEAD as HEAD_REQUEST
from sfmint_client.access_token import AccessToken
from sfmint_client.auth import SalesforceAuth
from sfmint_client.errors import SalesforceUnavailable, SfmintError
from sfmint_client.rest import session as https
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest
from sfmint_client.rest.session import https_session, session_maker
from sfmint_testing.fakes import FakeClock

type Reply = list[bytes | float]
type Authority = tuple[ssl.SSLContext, str]

JSON = b"Content-Type: application/json"
ANOTHERS = sized(b'{"of": "another"}', JSON)
REFUSED = b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'
LATE_S = 0.15


def answer(number: int) -> bytes:
    return sized(b'{"number": %d}' % number, JSON)


class Keeping:
    """Gives one reply after the other on connections that it keeps: bytes at once, and pauses in seconds."""

    def __init__(self, context: ssl.SSLContext, *replies: Reply) -> None:
        self._context = context
        self._replies = iter(replies)
        self._kept: list[socket.socket] = []
        self.connections = 0
        self.asked = 0

    def __call__(self, plain: socket.socket) -> None:
        with self._context.wrap_socket(plain, server_side=True) as connection:
            self.connections += 1
            self._kept.append(connection)
            while self._is_asked(connection):
                self.asked += 1
                for piece in next(self._replies):
                    if isinstance(piece, bytes):
                        connection.sendall(piece)
                    else:
                        time.sleep(piece)

    def hang_up(self) -> None:
        for connection in self._kept:
            with suppress(OSError):  # the other side may have been faster
                connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _is_asked(connection: socket.socket) -> bool:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            if not (more := connection.recv(65_536)):
                return False
            request += more
        return True


@contextmanager
def keeping(tokens: Tokens, context: ssl.SSLContext, *replies: Reply) -> Iterator[Keeping]:
    peer = Keeping(context, *replies)
    with listening(peer) as port:
        tokens.instance_url = f"https://localhost:{port}"
        yield peer
        peer.hang_up()


def outcome(rest: RestClient, request: RestRequest = GET) -> object:
    try:
        return rest.send(request).body
    except SalesforceUnavailable:
        return "unavailable"


ONCE = RestRequest(method="POST", path="/services/data/v67.0/composite", headers={"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    "framed", [answer(1), in_chunks((b"4", b'{"nu'), (b"a", b'mber": 1}\n'), trailers=b"X-Sum: 1\r\n").replace(b"OK\r\n", b"OK\r\n" + JSON + b"\r\n")]
)  # fmt: skip
def test_answers_that_are_framed_share_a_connection(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority, framed: bytes
) -> None:
    with keeping(tokens, rest_authority[0], [framed], [framed], [answer(3)]) as peer:
        rest = make_rest()
        assert [outcome(rest) for _ in range(3)] == [{"number": 1}, {"number": 1}, {"number": 3}]
        assert (peer.asked, peer.connections) == (3, 1)


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
SLIPS: dict[str, tuple[Reply, RestRequest, object]] = {
    "103, and later the answer": ([EARLY, LATE_S, answer(1)], GET, {"number": 1}),
    "102 and 199, and later the answer": (
        [b"HTTP/1.1 102 Processing\r\n\r\n", LATE_S, b"HTTP/1.1 199 Odd\r\n\r\n", answer(1)],
        GET,
        {"number": 1},
    ),
    "two answers in one record": ([answer(1) + ANOTHERS], GET, {"number": 1}),
    "an answer and a long one": ([answer(1) + sized(b'"%b"' % (b"x" * 12_000), JSON)], GET, {"number": 1}),
    "a line end more": ([answer(1) + b"\r\n"], GET, {"number": 1}),
    "chunks and an answer": (
        [in_chunks((b"d", b'{"number": 1}')).replace(b"OK\r\n", b"OK\r\n" + JSON + b"\r\n") + ANOTHERS],
        GET,
        {"number": 1},
    ),
    "204 with a body": ([b"HTTP/1.1 204 No Content\r\nContent-Length: 57\r\n\r\n", LATE_S, ANOTHERS], GET, None),
    "304 with a body": ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 57\r\n\r\n", LATE_S, ANOTHERS], GET, None),
    "HEAD with a body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 57\r\n\r\n", LATE_S, ANOTHERS], HEAD_REQUEST, None),
    "HTTP/1.0 and an answer": (
        [answer(1).replace(b"HTTP/1.1", b"HTTP/1.0") + ANOTHERS],
        GET,
        {"number": 1},
    ),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_the_next_request_gets_its_own_answer(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority, slip: tuple[Reply, RestRequest, object]
) -> None:
    reply, request, said = slip
    with keeping(tokens, rest_authority[0], reply, [answer(2)], [answer(3)]):
        rest = make_rest()
        assert outcome(rest, request) == said
        assert outcome(rest) == {"number": 2}
        time.sleep(LATE_S)
        assert outcome(rest) == {"number": 3}


def test_what_has_arrived_before_the_next_request_is_not_its_answer(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority
) -> None:
    with keeping(tokens, rest_authority[0], [answer(1), LATE_S / 2, ANOTHERS], [answer(2)]) as peer:
        rest = make_rest()
        assert outcome(rest) == {"number": 1}
        time.sleep(LATE_S)
        assert outcome(rest) == {"number": 2}
        assert peer.connections == 2


SIZES = [b"-1", b"-5", b"+5", b"0x5", b"1_0", b"5 ", b"g", b""]
UNREADABLE = {
    **{f"a chunk of size {size!r}": CHUNKED + size + b"\r\nhello\r\n0\r\n\r\n" for size in SIZES},
    "a wrong end of a chunk": in_chunks((b"4", b"hello")),
    "an unknown coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "two lengths": sized(b"hello", b"Content-Length: 4"),
    "a length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "101": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + answer(1),
    "a folded field": sized(b"hello", b"X: a", b" b"),
    "lines that end in LF": answer(1).replace(b"\r\n", b"\n"),
    "HTTP/2": answer(1).replace(b"HTTP/1.1", b"HTTP/2"),
    "chunks in HTTP/1.0": in_chunks((b"5", b"hello")).replace(b"HTTP/1.1", b"HTTP/1.0"),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("status", [b"200 OK", b"401 Unauthorized", b"500 Server Error"])
def test_an_answer_whose_end_would_be_a_guess_is_none(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority, data: bytes, status: bytes
) -> None:
    data = data.replace(b"200 OK", status)
    with keeping(tokens, rest_authority[0], [data], [answer(2)]) as peer:
        rest = make_rest()
        with pytest.raises(SalesforceUnavailable):
            rest.send(ONCE)
        assert outcome(rest) == {"number": 2}
        assert peer.connections == 2


def test_what_reads_the_session_itself_reads_strictly_too(tokens: Tokens, rest_authority: Authority) -> None:
    context, ca = rest_authority
    with keeping(tokens, context, [in_chunks((b"5", b"hello"))], [CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n"]) as peer:
        with https_session(ca_bundle=ca) as session:
            assert session.get(tokens.instance_url).content == b"hello"
            with pytest.raises(requests.RequestException):
                session.get(tokens.instance_url)
        assert peer.connections == 1


def test_sessions_of_one_maker_share_no_connection(tokens: Tokens, rest_authority: Authority) -> None:
    context, ca = rest_authority
    with keeping(tokens, context, [answer(1)], [answer(2)], [answer(3)], [answer(4)]) as peer:
        new = session_maker(ca_bundle=ca)
        with new() as one, new() as other:
            for session in (one, other, one, other):
                session.get(tokens.instance_url)
        assert (peer.asked, peer.connections) == (4, 2)


class Flood:
    """Answers with the same pieces for as long as anybody is there, and counts what it has sent and who is there."""

    def __init__(self, context: ssl.SSLContext | None, start: bytes, again: bytes, pause_s: float) -> None:
        self._context = context
        self._start = start
        self._again = again
        self._pause_s = pause_s
        self.sent = 0
        self.ended = threading.Semaphore(0)

    def __call__(self, plain: socket.socket) -> None:
        try:
            with suppress(OSError), self._wrapped(plain) as connection:
                connection.recv(65_536)
                connection.sendall(self._start)
                for piece in repeat(self._again):
                    connection.sendall(piece)
                    self.sent += len(piece)
                    time.sleep(self._pause_s)
        finally:
            self.ended.release()

    def _wrapped(self, plain: socket.socket) -> socket.socket:
        return self._context.wrap_socket(plain, server_side=True) if self._context else plain


FLOODS = {
    "a status": (b"", b"H", 0.02),
    "a header drop by drop": (HEAD + b"X: ", b"x", 0.02),
    "headers": (HEAD, b"X: x\r\n" * 2000, 0.0),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500, 0.0),
    "100 Continue now and then": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.02),
    "a chunk of size -1": (CHUNKED + b"-1\r\n", b"x" * 16_384, 0.0),
    "an extension": (CHUNKED + b"5;", b"x" * 16_384, 0.0),
    "extensions": (CHUNKED, (b"1;" + b"x" * 200 + b"\r\nx\r\n") * 50, 0.0),
    "trailers": (CHUNKED + b"0\r\n", b"X: x\r\n" * 2000, 0.0),
    "a trailer drop by drop": (CHUNKED + b"0\r\nX:", b"x", 0.02),
    "a body": (HEAD + JSON + b"\r\n\r\n", b"x" * 16_384, 0.0),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("status", [b"200 OK", b"401 Unauthorized"])
def test_a_flood_and_a_drip_are_given_up(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority, flood: tuple[bytes, bytes, float], status: bytes
) -> None:
    start, again, pause_s = flood
    peer = Flood(rest_authority[0], start.replace(b"200 OK", status), again, pause_s)
    with listening(peer) as port:
        tokens.instance_url = f"https://localhost:{port}"
        with pytest.raises(SfmintError):
            make_rest().send(ONCE, within_s=1.1)
        assert peer.ended.acquire(timeout=5)
    assert peer.sent < 32 * 1024 * 1024, "what was not read lies in the buffers of the two sockets"


@pytest.mark.parametrize("flood", [(HEAD + b"X: ", b"x", 0.02), (HEAD, b"X: x\r\n" * 2000, 0.0), (b"", b"", 0.02)])
def test_a_proxy_that_keeps_a_request_waiting_is_given_up(
    make_rest: MakeRest, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, flood: tuple[bytes, bytes, float]
) -> None:
    monkeypatch.setattr(https, "CONNECT_S", 0.2)
    with listening(Flood(None, *flood)) as port:
        tokens.instance_url = "https://acme.my.salesforce.com"
        with pytest.raises(SalesforceUnavailable, match="nothing was sent"):
            make_rest(proxy=f"http://127.0.0.1:{port}").send(ONCE, within_s=1.1)


class OneToken:
    """Hands out a token for one host."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        return a_token("00D000000000001!first", instance_url=self._url)


@pytest.mark.parametrize("size", [b"-1", b"-5", b"fffffffffffffffff", b"1;" + b"x" * 50])
def test_of_an_endless_refusal_only_the_start_is_read_in_a_session_of_the_callers_own(size: bytes) -> None:
    head = b"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n"
    peer = Flood(None, head, b"x" * 16_384, 0.0)
    with listening(peer) as port, requests.Session() as session:
        url = f"http://127.0.0.1:{port}"
        with suppress(requests.RequestException):
            response = session.get(url, auth=SalesforceAuth(OneToken(url)), timeout=5)
            assert len(response.content) < 128 * 1024
        assert peer.ended.acquire(timeout=5)
    assert peer.sent < 16 * 1024 * 1024


def test_a_host_that_only_the_common_name_names_is_not_trusted(
    make_rest: MakeRest, tokens: Tokens, tmp_path: Path
) -> None:
    context, ca = old_authority(tmp_path)
    with (
        keeping(tokens, context, [answer(1)]) as peer,
        pytest.raises(SalesforceUnavailable, match="certificate"),
    ):
        make_rest(ca_bundle=ca).send(GET)
    assert peer.asked == 0


@pytest.mark.parametrize("made_before", [False, True])
def test_no_keys_of_tls_are_written_to_a_file(
    tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, made_before: bool
) -> None:
    keys = tmp_path / "keys"
    context, ca = authority(tmp_path)
    if made_before:
        keys.write_text("")
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    with keeping(tokens, context, [answer(1)]), https_session(ca_bundle=ca) as session:
        assert session.get(tokens.instance_url).ok
    assert keys.exists() == made_before
    assert not made_before or keys.read_text() == ""


def test_time_that_passes_between_requests_is_no_ones(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority, clock: FakeClock
) -> None:
    with keeping(tokens, rest_authority[0], [answer(1)], [answer(2)]) as peer:
        rest = make_rest()
        assert rest.send(GET, within_s=1.1).body == {"number": 1}
        time.sleep(1.2)
        assert rest.send(GET, within_s=1.1).body == {"number": 2}
        assert peer.connections == 1


@pytest.mark.parametrize("is_cut", [False, True])
def test_an_answer_that_ends_with_its_connection_is_whole_only_if_tls_says_so(
    make_rest: MakeRest, tokens: Tokens, rest_authority: Authority, *, is_cut: bool
) -> None:
    def serve(plain: socket.socket) -> None:
        with rest_authority[0].wrap_socket(plain, server_side=True) as connection:
            connection.recv(65_536)
            connection.sendall(HEAD + b"Content-Type: text/csv\r\n\r\nId\n001\n")
            if is_cut:
                connection.shutdown(socket.SHUT_RDWR)
            else:
                connection.settimeout(LATE_S)
                with suppress(OSError):
                    connection.unwrap()

    with listening(serve) as port:
        tokens.instance_url = f"https://localhost:{port}"
        rest, request = make_rest(), RestRequest(method="GET", path=f"{BASE}/jobs/query/750/results")
        if is_cut:
            with pytest.raises(SalesforceUnavailable, match="to its end"):
                rest.send(request)
        else:
            assert "001" in str(rest.send(request).body)
