"""A connection whose other end is the test's: it sends bytes as they stand, in time or out of it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sfmint_values.budgeted_socket import BudgetedSocket
from sfmint_values.strict_answer import read_whole
from sfmint_values.strict_connection import StrictConnection

MOST = 1000  # bytes of a body that are taken
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def sized(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    """Return an answer that says how long it is."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join([*lines, b"", b""]) + body


def in_chunks(*sizes_and_pieces: tuple[bytes, bytes], trailers: bytes = b"") -> bytes:
    """Return an answer in chunks, each with the size line that is given, and an end."""
    return CHUNKED + b"".join(b"%b\r\n%b\r\n" % each for each in sizes_and_pieces) + b"0\r\n" + trailers + b"\r\n"


@dataclass
class Wire:
    """A connection to a peer that has read the request.

    Attributes:
        connection: our end.
        peer: the other one.
    """

    connection: StrictConnection
    peer: socket.socket

    def ask(self, method: str = "POST", *, within_s: float = 5.0, most: int = MOST) -> tuple[int, bytes]:
        """Send a request and return status and body."""
        self.connection.sock.settimeout(within_s)
        self.connection.allow(most)
        self.connection.request(method, "/")
        with self.connection.getresponse() as answer:
            return answer.status, read_whole(answer, most)


@contextmanager
def wire(*sent: bytes, hang_up: bool = False) -> Iterator[Wire]:
    """Yield a connection whose peer has sent so much already."""
    ours, peer = socket.socketpair()
    peer.settimeout(5)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)  # for all that is sent before anybody reads
    connection = StrictConnection("localhost")
    with BudgetedSocket(fileno=ours.detach()) as ours, peer:
        connection.sock = ours
        for data in sent:
            peer.sendall(data)
        if hang_up:
            peer.shutdown(socket.SHUT_WR)
        yield Wire(connection, peer)
        connection.close()
