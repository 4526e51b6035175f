"""A proxy on 127.0.0.1 that opens tunnels (RFC 9110 section 9.3.6), and answers as it is told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from sfmint_local.server_thread import in_a_thread

_LONGEST_S = 120.0
_OPENED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyAnswer:
    """What a proxy answers to CONNECT.

    Attributes:
        status: of HTTP; 200 opens the tunnel.
        interval_s: between two bytes of the answer.
    """

    status: int = _OPENED
    interval_s: float = 0.0


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: ProxyAnswer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.closing = Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that connections break is the purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        answer = self.server.answer
        with socket.create_connection((host, int(port)), timeout=_LONGEST_S) as far:
            for octet in f"HTTP/1.1 {answer.status} Answered\r\nVia: 1.1 a-proxy\r\n\r\n".encode():
                if self.server.closing.wait(answer.interval_s):
                    return
                self.wfile.write(bytes([octet]))
            if answer.status == _OPENED:
                self._hand_on(far)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Say nothing."""

    def _hand_on(self, far: socket.socket) -> None:
        back = Thread(target=_copy, args=(far, self.connection), daemon=True)
        back.start()
        _copy(self.connection, far)
        back.join(_LONGEST_S)


@contextmanager
def running_proxy(answer: ProxyAnswer) -> Iterator[str]:
    """Run a proxy for as long as the block lasts and yield its URL."""
    with _Proxy(answer) as proxy, in_a_thread(proxy):
        yield f"http://127.0.0.1:{proxy.server_port}"
        proxy.closing.set()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
