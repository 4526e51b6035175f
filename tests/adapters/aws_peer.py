"""AWS's end of a connection on 127.0.0.1: it keeps what it was asked, and replies as it was told."""

import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import parse_headers

from botocore.exceptions import BotoCoreError, ConnectionClosedError, HTTPClientError

from adapters.peers import listening

type Reply = Callable[[socket.socket], object]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    line: bytes
    headers: Message
    body: bytes


class Aws:
    """Gives one reply after the other, the last again and again; of each connection more than one may be asked.

    Args:
        replies: what is done after a request.
        tls: of the peer; None: it speaks plainly.
    """

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections: list[socket.socket] = []
        self.url = ""
        self._replies = list(replies)
        self._tls = tls

    def serve(self, plain: socket.socket) -> None:
        connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
        self.connections.append(connection)
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                headers = parse_headers(stream)
                self.asked.append(Asked(line, headers, stream.read(int(headers["content-length"]))))
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
                reply(connection)

    def hang_up(self) -> None:
        """End every connection, whatever the other side thinks of it."""
        for connection in self.connections:
            with suppress(OSError):  # the other side may have been faster
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def answering(*replies: Reply, tls: ssl.SSLContext | None = None) -> Iterator[Aws]:
    aws = Aws(*replies, tls=tls)
    with listening(aws.serve) as port:
        aws.url = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
        try:
            yield aws
        finally:
            aws.hang_up()


def saying(body: bytes, *headers: str, status: str = "200 OK") -> Reply:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""])
    return lambda connection: connection.sendall(head.encode() + body)


def giving(status: str = "200 OK", **fields: object) -> Reply:
    return saying(json.dumps(fields).encode(), status=status)


def breaking_off(data: bytes) -> Reply:
    def reply(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return reply


def resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionAbortedError  # a peer that closes so says RST and no goodbye


def saying_nothing(connection: socket.socket) -> None:
    pass


# Each way to fail, and what botocore calls it.
FAULTS: dict[str, tuple[Reply, type[BotoCoreError]]] = {
    "hangs up": (breaking_off(b""), ConnectionClosedError),
    "resets": (resetting, ConnectionClosedError),
    "breaks off in the head": (breaking_off(b"HTTP/1.1 200 OK\r\nContent-Le"), HTTPClientError),
    "breaks off in the body": (
        breaking_off(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"SecretString": "canary-said"'),
        ConnectionClosedError,
    ),
    "speaks no HTTP": (breaking_off(b"SSH-2.0-OpenSSH_9.9\r\n"), ConnectionClosedError),
    "gives nothing": (saying(b""), HTTPClientError),
    "gives a page": (saying(b"<html>canary-said</html>"), HTTPClientError),
    "gives a list": (saying(b'["canary-said"]'), HTTPClientError),
    "gives half an object": (saying(b'{"SecretString": "canary-said'), HTTPClientError),
    "gives no text": (saying(b'{"SecretString": "\xff"}'), HTTPClientError),
    "gives bytes that are none": (giving(Plaintext="A"), HTTPClientError),
}
