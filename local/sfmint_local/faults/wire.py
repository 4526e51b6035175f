"""A wire to AWS that can be cut: an HTTP proxy on 127.0.0.1 before the embedded AWS, which decides request by request.

with Wire(aws.endpoint_url) as wire:
    start_something(AWS_ENDPOINT_URL_KMS=wire.url)
    wire.behave = only(Hang(), "Decrypt")
"""

import json
import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import formatdate
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from sfmint_local.faults.behaviours import (
    PASSING,
    Asked,
    AwsError,
    Behave,
    Drip,
    EarlyHints,
    Endless,
    Hang,
    LostAnswer,
    Pass,
    Refuse,
    Twice,
)
from sfmint_local.server_thread import in_a_thread

_HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}
_LONGEST_S = 120.0  # a hang, for the machine's sake
_ENDLESS = 1 << 28  # bytes, likewise
_BLANKS = b" " * (1 << 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """A running proxy; leaving it ends it. Several services may share one.

    Args:
        target: the embedded AWS's endpoint URL.
        behave: decides what becomes of a request; it is called in the request's own thread.
        tls: the server's side of TLS, for 127.0.0.1; without it the wire speaks plain HTTP, as the embedded AWS does.

    Attributes:
        behave: the same, and may be changed at any time; a request under way keeps its fate.
        timed: is told of every request that was carried out, and how many seconds AWS took for it.
        url: where to send requests, the value of an `AWS_ENDPOINT_URL_*` variable.
    """

    def __init__(self, target: str, behave: Behave = PASSING, *, tls: ssl.SSLContext | None = None) -> None:
        self.behave = behave
        self.timed: Callable[[Asked, float], None] = _unnoticed
        self._server = _Server(self, urlsplit(target).netloc, tls)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._serving = in_a_thread(self._server)

    def __enter__(self) -> Self:
        self._serving.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._serving.__exit__(kind, error, traceback)
        self._server.hang_up()


class _Server(ThreadingHTTPServer):
    """Serves each connection in a thread of its own, and can hang up on all of them."""

    request_queue_size = 128
    daemon_threads = False  # so that closing waits for them, and nothing is written after the end

    def __init__(self, wire: Wire, target: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.wire = wire
        self.target = target
        self._tls = tls
        self.closing = Event()
        self._lock = Lock()
        self._connections: set[Any] = set()

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self._tls:  # the handshake is left to the connection's own thread
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: that connections break is the purpose."""

    def hang_up(self) -> None:
        self.closing.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Speaks AWS's JSON protocol with one caller (all four services have it)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = self._asked(body)
        behaviour = self.server.wire.behave(asked)
        match behaviour:
            case Pass(after_s):
                self.close_connection = self.server.closing.wait(after_s)
                if not self.close_connection:
                    self._hand_on(self._carry_out(asked))
            case Refuse():
                self._reset()
            case Hang():
                self.connection.settimeout(_LONGEST_S)
                self.connection.recv(1)  # returns when the caller hangs up
                self.close_connection = True
            case LostAnswer():
                self._carry_out(asked)
                self._reset()
            case AwsError() as error:
                self._hand_on(_error(error))
            case _:
                self._misbehave(behaviour, self._carry_out(asked))

    def _misbehave(self, behaviour: Drip | EarlyHints | Twice | Endless, answer: _Answer) -> None:
        match behaviour:
            case Drip(headers, interval_s):
                self._drip(answer, interval_s, headers=headers)
            case EarlyHints(after_s):
                self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
                self.server.closing.wait(after_s)
                self._hand_on(answer)
            case Twice():
                self.wfile.write(2 * (_head(answer) + answer.body))
            case Endless():
                self._go_on(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Say nothing."""

    def _asked(self, body: bytes) -> Asked:
        # Credential=KEY/DATE/REGION/SERVICE/aws4_request (AWS Signature Version 4)
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split("/")
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        return Asked(service=scope[3] if len(scope) > 3 else "", operation=operation, body=body)

    def _carry_out(self, asked: Asked) -> _Answer:
        began = time.monotonic()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        with closing(HTTPConnection(self.server.target, timeout=_LONGEST_S)) as far:
            far.request("POST", self.path, asked.body, headers)
            response = far.getresponse()
            answer = _Answer(status=response.status, headers=dict(response.getheaders()), body=response.read())
        self.server.wire.timed(asked, time.monotonic() - began)
        return answer

    def _hand_on(self, answer: _Answer) -> None:
        self.wfile.write(_head(answer) + answer.body)

    def _drip(self, answer: _Answer, interval_s: float, *, headers: bool) -> None:
        head, drops = (b"", _head(answer) + answer.body) if headers else (_head(answer), answer.body)
        self.wfile.write(head)
        for drop in drops:
            self.close_connection = self.server.closing.wait(interval_s)
            if self.close_connection:
                return
            self.wfile.write(bytes([drop]))

    def _go_on(self, answer: _Answer) -> None:
        self.wfile.write(_head(answer, _ENDLESS) + answer.body)
        for _ in range(_ENDLESS // len(_BLANKS)):
            self.wfile.write(_BLANKS)
        self.close_connection = True

    def _reset(self) -> None:
        # Lingering for no time turns the close into a reset (socket(7)).
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _head(answer: _Answer, length: int | None = None) -> bytes:
    """Return an answer's status line and headers, with the length of its body or another one."""
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
    told = {**kept, "Content-Length": len(answer.body) if length is None else length}
    lines = [f"HTTP/1.1 {answer.status} ", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


def _unnoticed(_asked: Asked, _seconds: float) -> None:
    pass


def _error(error: AwsError) -> _Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1", "Date": formatdate(usegmt=True)}
    body = {"__type": error.code, "message": error.message}
    return _Answer(status=error.status, headers=headers, body=json.dumps(body).encode())
