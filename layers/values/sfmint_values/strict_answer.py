"""Answers of HTTP/1.1, read strictly: where one ends is never a guess, and what follows it is noticed.

`http.client` takes 103 for the answer, `-1` for the size of a chunk and any two bytes for its end, and throws away what
its reader holds beyond the answer. On a connection that is kept, the next request would then get the rest of the last
answer. Reading is therefore written anew here; sending and connecting stay the library's.

Source: RFC 9112 sections 2 to 7; RFC 9110 section 15.2.
"""

from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)
from io import BufferedIOBase
from typing import Any

from sfmint_values.budgeted_socket import LONGEST_HEAD, BudgetedSocket, TooLong

MOST_INTERIM = 100  # answers before the answer: a server that works for long may send 102 now and then
MOST_FIELDS = 100

_LONGEST_SIZE = 16  # hexadecimal digits
_LONGEST_SIZE_LINE = 256  # bytes, with extensions
_LONGEST_LENGTH = 18  # decimal digits
_PIECE = 64 * 1024
_SWITCHING, _OK, _NO_CONTENT, _NOT_MODIFIED = 101, 200, 204, 304
_VERSIONS = {b"HTTP/1.1": 11, b"HTTP/1.0": 10}
_HEX = b"0123456789abcdefABCDEF"
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # RFC 9110 section 5.6.2


class Unreadable(HTTPException):
    """The answer is not framed as RFC 9112 says: where it ends would be a guess."""


class StrictAnswer(HTTPResponse):
    """One answer.

    Args:
        sock: the connection, which is allowed nothing more when the answer has ended.
        debuglevel: of `http.client`.
        method: of the request.
        url: of `http.client`.

    Attributes:
        is_drained: whether the answer was framed and read to its end, and nothing after it has been read.
    """

    def __init__(
        self, sock: BudgetedSocket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.is_drained = False
        self._sock = sock
        self._is_bodiless = method == "HEAD"
        self._head_left = LONGEST_HEAD
        self._left: int | None = None  # bytes of the body, or of the chunk; None: until the other side hangs up
        self._is_framed = False
        self._in_chunks = False  # past the first chunk's size

    def begin(self) -> None:
        """Read the head, and those of interim answers before it.

        Raises:
            HTTPException: it is no answer, or one that is not framed rightly, or too long.
            OSError: the connection has ended, or the time is up.
        """
        for _ in range(MOST_INTERIM + 1):
            version, status, reason = self._read_status()
            fields = self._fields()
            if status >= _OK:
                break
            if status == _SWITCHING or fields.get("Transfer-Encoding") is not None or _length(fields):
                raise Unreadable
        else:
            raise Unreadable
        self.version = _VERSIONS[version.encode()]
        self.code = self.status = status
        self.reason = reason
        self.headers = self.msg = fields
        self._measure(fields)
        closing = ",".join(fields.get_all("Connection", ())).lower()
        self.will_close = self.version < _VERSIONS[b"HTTP/1.1"] or "close" in closing or not self._is_framed

    def _measure(self, fields: HTTPMessage) -> None:
        """Tell from the head where the body ends (RFC 9112 section 6.3)."""
        codings, length = fields.get_all("Transfer-Encoding"), _length(fields)
        self.chunked = codings is not None
        if codings is not None and (
            length is not None or self.version == _VERSIONS[b"HTTP/1.0"] or not _is_chunked(codings)
        ):
            raise Unreadable
        self._left = 0 if self.chunked else length
        self._is_framed = self._left is not None
        if self._is_bodiless or self.status in {_NO_CONTENT, _NOT_MODIFIED}:
            self._is_framed = not self.chunked and not length  # what is announced may follow, and is not ours
            self.chunked, self._left = False, 0

    def read(self, amt: int | None = None) -> bytes:
        """Return the rest of the body, or so many bytes of it.

        Raises:
            HTTPException: it is broken off, not framed rightly, or too long.
            OSError: the connection has ended, or the time is up.
        """
        data = bytearray()
        while (amt is None or len(data) < amt) and (piece := self.read1(-1 if amt is None else amt - len(data))):
            data += piece
        return bytes(data)

    def read1(self, n: int = -1) -> bytes:
        """Return what has arrived of the body, at most so many bytes; empty at its end. It raises what `read` does."""
        if self.chunked and not self.isclosed() and self._left == 0 and n != 0:
            self._next_chunk()
        if self.isclosed() or n == 0:
            return b""
        if self._left == 0:
            self._end()
            return b""
        most = _PIECE if n < 0 else min(n, _PIECE)
        piece = self.fp.read1(most if self._left is None else min(most, self._left))
        if self._left is None:
            if not piece:
                self.close()
            return piece
        if not piece:
            raise IncompleteRead(b"", self._left)
        self._left -= len(piece)
        if self._left == 0 and not self.chunked:
            self._end()
        return piece

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer and return how many bytes. It raises what `read` does."""
        piece = self.read1(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def peek(self, n: int = -1) -> bytes:  # noqa: ARG002 - the library's signature
        """Return nothing, so that `readline` reads through `read`."""
        return b""

    readline = BufferedIOBase.readline  # type: ignore[assignment]

    def _end(self) -> None:
        """Note whether the reader holds more than the answer, and let nothing more be read."""
        self._sock.forbid()
        try:
            surplus = self.fp.peek()
        except TooLong:  # it holds nothing, and would have gone to the socket
            surplus = b""
        self.is_drained = self._is_framed and not surplus
        self.close()

    def _next_chunk(self) -> None:
        """Read the size of the next chunk; after the last one also the trailers."""
        if self._in_chunks and self._line(2):
            raise Unreadable
        self._in_chunks = True
        size = self._line(_LONGEST_SIZE_LINE).partition(b";")[0]
        if not 0 < len(size) <= _LONGEST_SIZE or size.translate(None, _HEX):
            raise Unreadable
        self._left = int(size, 16)
        if self._left == 0:
            self._fields()
            self._end()

    def _read_status(self) -> tuple[str, int, str]:
        """Return version, status and reason; a connection reads a proxy's answer to CONNECT with it, too."""
        line = self._line(self._head_left, first=True)
        self._head_left -= len(line) + 2
        version, _, rest = line.partition(b" ")
        status, _, reason = rest.partition(b" ")
        if version not in _VERSIONS or len(status) != 3 or not status.isdigit() or status < b"100":  # noqa: PLR2004
            raise BadStatusLine("(not shown)")
        self.status = int(status)
        return version.decode(), int(status), reason.decode("latin-1").strip()

    def _fields(self) -> HTTPMessage:
        fields = HTTPMessage()
        for _ in range(MOST_FIELDS + 1):
            line = self._line(self._head_left)
            if not line:
                return fields
            self._head_left -= len(line) + 2
            name, colon, value = line.partition(b":")
            if not name or not colon or name.translate(None, _TOKEN):  # a folded line begins with a blank
                raise Unreadable
            fields.set_raw(name.decode(), value.strip(b" \t").decode("latin-1"))
        raise Unreadable

    def _line(self, longest: int, *, first: bool = False) -> bytes:
        """Return a line without its end, which is CR LF and nothing else."""
        line = self.fp.readline(longest + 1)
        if first and not line:
            raise RemoteDisconnected("the other side hung up without an answer")
        if len(line) > longest or line[-2:] != b"\r\n" or line.find(b"\r") != len(line) - 2 or b"\0" in line:
            raise Unreadable
        return line[:-2]


def read_whole(answer: HTTPResponse, most: int) -> bytes:
    """Return the body of an answer.

    Args:
        answer: whose head has been read.
        most: bytes.

    Raises:
        TooLong: it has more.
        HTTPException: it breaks off, or it is not framed rightly.
        OSError: the connection has ended, or the time is up.
    """
    body = answer.read(most + 1)
    if len(body) > most:
        raise TooLong
    return body


def _is_chunked(codings: list[str]) -> bool:
    return len(codings) == 1 and codings[0].lower() == "chunked"


def _length(fields: HTTPMessage) -> int | None:
    """Return what the head says of the body's length; said twice, it has to be said alike."""
    said = {part.strip(" \t") for value in fields.get_all("Content-Length", ()) for part in value.split(",")}
    if not said:
        return None
    length = said.pop()
    if said or not length.isascii() or not length.isdigit() or len(length) > _LONGEST_LENGTH:
        raise Unreadable
    return int(length)
