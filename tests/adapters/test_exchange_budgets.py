"""An exchange ends when its time or its bytes are over, whatever the other side does, and nothing of it goes on."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, HTTPClientError, ReadTimeoutError

from adapters.aws_peer import answering, saying
from adapters.peers import authority, listening
from adapters.wire import CHUNKED, HEAD, sized
from sfmint.adapters import http_pool, token_endpoint
from sfmint.adapters.aws import client as aws_client
from sfmint.adapters.aws.services import DynamoDbClient
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.aws_access import AwsAccess, budget
from sfmint.aws_access.budget import Budget
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_testing.fakes import a_connection
from sfmint_values import budgeted_socket
from sfmint_values.secret import Secret
from sfmint_values.system import SystemClock

SHORT_S = 0.3  # stands for the seconds of an exchange
PAUSE_S = 0.02  # between the drops
GRANTED = b'{"access_token": "00DEXAMPLE!token", "instance_url": "https://acme.my.salesforce.com"}'
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
JSON = b"Content-Type: application/json"


def drops(data: bytes) -> Iterator[bytes]:
    """Give the first of it at once, and then byte by byte."""
    yield data
    for _ in range(5000):
        time.sleep(PAUSE_S)
        yield b"x"


def endless(start: bytes, again: bytes) -> Iterator[bytes]:
    yield start
    yield from repeat(again * (16_384 // len(again)))


def slow_lines(start: bytes, line: bytes) -> Iterator[bytes]:
    yield start
    for _ in range(5000):
        time.sleep(PAUSE_S)
        yield line


ANSWERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "a status drop by drop": lambda: drops(b"HTTP/1.1 200 O"),
    "headers drop by drop": lambda: drops(HEAD + b"X: "),
    "headers line by line": lambda: slow_lines(HEAD, b"X: x\r\n"),
    "headers without end": lambda: endless(HEAD, b"X: x\r\n"),
    "a header without end": lambda: endless(HEAD + b"X: ", b"x"),
    "100 Continue without end": lambda: endless(b"", CONTINUE),
    "100 Continue now and then": lambda: slow_lines(b"", CONTINUE),
    "103 with headers without end": lambda: endless(b"HTTP/1.1 103 Early\r\n", b"X: x\r\n"),
    "a body drop by drop": lambda: drops(HEAD + b"Content-Length: 60000\r\n\r\n"),
    "a body drop by drop until the connection ends": lambda: drops(HEAD + b"\r\n"),
    "a body without end": lambda: endless(HEAD + b"\r\n", b"x"),
    "a chunk of size -1 without end": lambda: endless(CHUNKED + b"-1\r\n", b"x"),
    "a chunk of a huge size without end": lambda: endless(CHUNKED + b"fffffffffffffff\r\n", b"x"),
    "chunks drop by drop": lambda: slow_lines(CHUNKED, b"1\r\nx\r\n"),
    "an extension drop by drop": lambda: drops(CHUNKED + b"5;"),
    "an extension without end": lambda: endless(CHUNKED + b"5;", b"x"),
    "small chunks of long extensions without end": lambda: endless(CHUNKED, b"1;" + b"x" * 200 + b"\r\nx\r\n"),
    "trailers without end": lambda: endless(CHUNKED + b"0\r\n", b"X: x\r\n"),
    "trailers line by line": lambda: slow_lines(CHUNKED + b"0\r\n", b"X: x\r\n"),
    "silence": lambda: iter([]),
}


class Peer:
    """Answers each request with the same pieces, and counts who is still connected."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]], context: ssl.SSLContext | None) -> None:
        self._pieces = pieces
        self._context = context
        self._lock = threading.Lock()
        self.connected = 0
        self.connections = 0
        self.sent = 0

    def serve(self, plain: socket.socket) -> None:
        with self._lock:
            self.connected += 1
            self.connections += 1
        try:
            with suppress(OSError), self._wrapped(plain) as connection:
                while b"\r\n\r\n" not in connection.recv(65_536):
                    pass
                for piece in self._pieces():
                    connection.sendall(piece)
                    self.sent += len(piece)
                while connection.recv(65_536):
                    pass
        finally:
            with self._lock:
                self.connected -= 1

    def _wrapped(self, plain: socket.socket) -> socket.socket:
        return self._context.wrap_socket(plain, server_side=True) if self._context else plain


def nothing_goes_on(peer: Peer) -> bool:
    """Return whether, after a moment, no thread of an exchange is left, and no connection at the peer."""
    for _ in range(500):
        threads = [thread for thread in threading.enumerate() if thread.name == "token-endpoint"]
        if not threads and not peer.connected:
            return True
        time.sleep(0.01)
    return False


@contextmanager
def running(pieces: Callable[[], Iterator[bytes]], context: ssl.SSLContext | None = None) -> Iterator[tuple[Peer, int]]:
    peer = Peer(pieces, context)
    with listening(peer.serve) as port:
        yield peer, port


def refusal_by(endpoint: HttpsTokenEndpoint, connection: Connection) -> LoginFailed:
    with pytest.raises(LoginFailed) as failed:
        endpoint.exchange(connection, Secret("an-assertion"))
    return failed.value


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_endpoint, "POST_S", SHORT_S)
    monkeypatch.setattr(budget, "CALL_S", SHORT_S)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("pieces", ANSWERS.values(), ids=ANSWERS)
def test_a_login_that_is_given_up_leaves_no_thread_and_no_connection(
    tmp_path: Path, pieces: Callable[[], Iterator[bytes]]
) -> None:
    context, ca = authority(tmp_path)
    with running(pieces, context) as (peer, port):
        connection = a_connection(token_host=f"https://localhost:{port}")
        endpoint = HttpsTokenEndpoint(SystemClock(), ca, None)
        codes = {refusal_by(endpoint, connection).reason.code for _ in range(5)}
        assert codes <= {"no_answer", "malformed_answer", "unreachable"}, "the last: on a busy machine"
        assert nothing_goes_on(peer)
        assert peer.connections >= 5, "none was used again"


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("pieces", ANSWERS.values(), ids=ANSWERS)
def test_a_proxy_that_keeps_a_login_waiting_is_given_up(tmp_path: Path, pieces: Callable[[], Iterator[bytes]]) -> None:
    _, ca = authority(tmp_path)
    with running(pieces) as (peer, port):
        endpoint = HttpsTokenEndpoint(SystemClock(), ca, f"http://127.0.0.1:{port}")
        for _ in range(3):
            assert refusal_by(endpoint, a_connection()).reason.code in {"unreachable", "no_answer"}
        assert nothing_goes_on(peer)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("pieces", ANSWERS.values(), ids=ANSWERS)
def test_a_request_to_aws_ends_in_its_time_and_leaves_no_connection(
    tmp_path: Path, pieces: Callable[[], Iterator[bytes]], *, tls: bool
) -> None:
    context, ca = authority(tmp_path)
    with running(pieces, context if tls else None) as (peer, port):
        client = aws(f"https://localhost:{port}" if tls else f"http://localhost:{port}", ca)
        for _ in range(3):
            with pytest.raises((ReadTimeoutError, HTTPClientError, ConnectTimeoutError)):
                client.call("GetItem")
        assert nothing_goes_on(peer)
        assert peer.connections >= 3, "none was used again"


def aws(url: str, ca: str | None = None) -> DynamoDbClient:
    access = AwsAccess(
        region="eu-central-1",
        url_suffix="amazonaws.com",
        key_id="AKIAEXAMPLE",
        secret_key=Secret("made up"),
        session_token=Secret("made up, too"),
        endpoints={"": url},
    )
    clock = SystemClock()
    return DynamoDbClient(access, ca, clock, Budget(clock))


@pytest.mark.parametrize("length", [aws_client.LARGEST_ANSWER - 8, aws_client.LARGEST_ANSWER + 1])
def test_aws_answers_at_most_so_much(length: int) -> None:
    with answering(saying(b'{"a":"' + b"x" * length + b'"}')) as peer:
        if length < aws_client.LARGEST_ANSWER:
            assert len(aws(peer.url).call("GetItem")["a"]) == length
        else:
            with pytest.raises(HTTPClientError, match="cannot be read"):
                aws(peer.url).call("GetItem")


def test_the_largest_item_of_dynamodb_fits_into_an_answer() -> None:
    largest_item = 400 * 1024
    assert largest_item * 4 / 3 < aws_client.LARGEST_ANSWER, "bytes, as base64"
    assert largest_item * 2 < aws_client.LARGEST_ANSWER, "text of which every character is escaped"


class SlowHandshake:
    """A peer whose first words of TLS come drop by drop."""

    def __call__(self, connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB
        for _ in range(500):
            time.sleep(PAUSE_S)
            connection.sendall(b"\x02")


@pytest.mark.usefixtures("short")
def test_a_handshake_drop_by_drop_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_endpoint, "CONNECT_S", SHORT_S / 3)
    _, ca = authority(tmp_path)
    with listening(SlowHandshake()) as port:
        endpoint = HttpsTokenEndpoint(SystemClock(), ca, None)
        failed = refusal_by(endpoint, a_connection(token_host=f"https://localhost:{port}"))
        with pytest.raises(BotoCoreError) as raised:
            aws(f"https://localhost:{port}", ca).call("GetItem")
    assert failed.reason.code == "unreachable"
    assert isinstance(raised.value, ConnectTimeoutError)


@pytest.mark.usefixtures("short")
def test_who_looks_a_name_up_for_too_long_sends_nothing_when_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = threading.Event()
    look_up = socket.getaddrinfo

    def slowly(*what: object, **more: object) -> object:
        found.wait(5)
        return look_up(*what, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    context, ca = authority(tmp_path)
    with running(lambda: iter([sized(GRANTED, JSON)]), context) as (peer, port):
        endpoint = HttpsTokenEndpoint(SystemClock(), ca, None)
        assert refusal_by(endpoint, a_connection(token_host=f"https://localhost:{port}")).reason.code == "no_answer"
        found.set()
        assert nothing_goes_on(peer)
        assert peer.connections == 0


def test_an_address_that_is_silent_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[object, float]] = []
    connect = budgeted_socket.BudgetedSocket.connect

    def silent_at_first(connection: budgeted_socket.BudgetedSocket, address: object) -> None:
        tried.append((address, connection.gettimeout() or 0.0))
        if len(tried) < 3:
            raise TimeoutError
        connect(connection, address)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 3
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: known)
        monkeypatch.setattr(budgeted_socket.BudgetedSocket, "connect", silent_at_first)
        with budgeted_socket.open_socket(("example", port), 8.0) as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert [round(patience_s) for _, patience_s in tried] == [4, 4, 8]


def test_a_name_without_an_address_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    with pytest.raises(OSError, match="no address"):
        budgeted_socket.open_socket(("example", 443), 1.0)


def test_a_connection_that_is_given_no_time_sends_nothing() -> None:
    with answering(saying(b"{}")) as peer:
        pool = http_pool.HttpPool(peer.url, None, SystemClock(), longest_answer=100)
        connection = pool.take(connect_s=1, within_s=1)
        connection.sock.settimeout(0)
        with pytest.raises(TimeoutError):
            connection.request("GET", "/")
        connection.close()
    assert not peer.asked
