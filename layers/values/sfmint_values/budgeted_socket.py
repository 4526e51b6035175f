"""Sockets that give an exchange one time, by the wall clock, and one number of bytes.

A time-out of Python's bounds one call: a peer that sends a byte now and then is waited for without end. And what reads
an answer may be led to read without end. So both are counted here, below everything that reads or writes.

Two things are not bounded: the look-up of a name, which is the resolver's, and what OpenSSL reads for itself while a
trusted peer sends it records without data.
"""

import socket
import ssl
from http.client import HTTPException
from select import POLLIN, poll
from typing import Any

from sfmint_values.system import SystemClock

LONGEST_HEAD = 64 * 1024  # bytes of an answer beside its body; Salesforce's have some two thousand
IDLE_S = 60.0  # a NAT forgets a quiet connection without a word: do not send a request into it

_CLOCK = SystemClock()


class TooLong(HTTPException):
    """The other side sends more than is taken."""


class BudgetedSocket(socket.socket):
    """Takes a time-out for the time that all that follows may take together, and counts the bytes that arrive.

    Until `allow` is called it takes as much as a proxy's answer to CONNECT may have.
    """

    _ends_at: float | None = None
    _bytes_left: int = LONGEST_HEAD

    def settimeout(self, value: float | None) -> None:
        """Begin the time anew: so many seconds for all that follows; None: without end."""
        self._ends_at = None if value is None else _CLOCK.monotonic() + value
        super().settimeout(None if value is None else max(value, 0.001))

    def gettimeout(self) -> float | None:
        """Return how many seconds are left, which is what TLS begins with on the same connection."""
        return None if self._ends_at is None else max(0.001, self._ends_at - _CLOCK.monotonic())

    def allow(self, most: int) -> None:
        """Begin to count anew: an answer with a body of so many bytes may come.

        On the wire it may have twice as many, for chunks have frames, and the head.
        """
        self._bytes_left = LONGEST_HEAD + 2 * most

    def forbid(self) -> None:
        """Take nothing more until `allow` is called."""
        self._bytes_left = 0

    def is_quiet(self) -> bool:
        """Return whether nothing has arrived that nobody has read; the end of the connection counts too."""
        looking = poll()
        looking.register(self, POLLIN)
        return not looking.poll(0)

    def connect(self, address: Any) -> None:
        """Connect in the time that is left."""
        self._hurry()
        super().connect(address)

    def send(self, data: Any, flags: int = 0) -> int:
        """Send some of the data in the time that is left."""
        self._hurry()
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send the data in the time that is left."""
        self._hurry()
        super().sendall(data, flags)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Return what has arrived; `TooLong`: nothing more is taken."""
        data = super().recv(self._room(bufsize), flags)
        self._bytes_left -= len(data)
        return data

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Read what has arrived; `TooLong`: nothing more is taken."""
        count = super().recv_into(buffer, self._room(nbytes or len(buffer)), flags)
        self._bytes_left -= count
        return count

    def _room(self, wanted: int) -> int:
        if self._bytes_left <= 0:
            raise TooLong
        self._hurry()
        return min(wanted, self._bytes_left)

    def _hurry(self) -> None:
        if self._ends_at is not None:
            left_s = self._ends_at - _CLOCK.monotonic()
            if left_s <= 0:
                raise TimeoutError
            super().settimeout(left_s)


class BudgetedTls(BudgetedSocket, ssl.SSLSocket):  # type: ignore[misc]  # the names of arguments
    """The same over TLS; the time that the connection had left goes on through the handshake.

    A connection that ends without TLS's own word for it may have been cut: that is an error and no end (RFC 9112
    section 9.8), or half of a table could pass for the whole.
    """

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - Python's signature
        """Shake hands in the time that is left."""
        ends_at = self._ends_at
        self.suppress_ragged_eofs = False  # wrap_socket has set it
        self._hurry()
        try:
            super().do_handshake(block)
        finally:
            self._ends_at = ends_at  # Python sets the time-out anew

    def is_quiet(self) -> bool:
        """Return whether nothing has arrived: neither on the socket, nor decrypted already."""
        return self.pending() == 0 and super().is_quiet()


def open_socket(address: tuple[str, int], timeout: float, *_: object) -> BudgetedSocket:
    """Return a connection to the first of a host's addresses that takes one.

    Each address may take half of the time that is left, and the last one all of it.

    Args:
        address: host and port.
        timeout: seconds for all of it, by the wall clock, except for the look-up of the name.

    Raises:
        OSError: there is none; `TimeoutError`: not in time.
    """
    ends_at = _CLOCK.monotonic() + timeout
    failed: OSError = OSError("the name has no address")
    found = socket.getaddrinfo(*address, 0, socket.SOCK_STREAM)
    for later, (family, kind, protocol, _name, place) in zip(reversed(range(len(found))), found, strict=True):
        try:
            return _connected(BudgetedSocket(family, kind, protocol), place, ends_at, 2 if later else 1)
        except OSError as error:
            failed = error
    try:
        raise failed
    finally:
        del failed  # it knows this frame


def _connected(connection: BudgetedSocket, place: Any, ends_at: float, share: int) -> BudgetedSocket:
    try:
        connection.settimeout((ends_at - _CLOCK.monotonic()) / share)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body are sent one after the other
        connection.connect(place)
    except BaseException:
        connection.close()
        raise
    connection.settimeout(ends_at - _CLOCK.monotonic())
    return connection


def client_context(*, cafile: str | None = None, capath: str | None = None) -> ssl.SSLContext:
    """Return a context that verifies the peer and gives out sockets with a budget.

    It is Python's default context, but it takes a host's name from the certificate's alternative names only (RFC 9110
    section 4.3.4), and writes no keys to a file, whatever SSLKEYLOGFILE says.

    Args:
        cafile: path of the authorities to trust.
        capath: folder of the authorities to trust, by the hashes of their names.

    Raises:
        OSError: the authorities cannot be read; `ssl.SSLError`: there are none in the file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # `create_default_context` opens the file of keys
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.sslsocket_class = BudgetedTls
    context.load_verify_locations(cafile, capath)
    return context
