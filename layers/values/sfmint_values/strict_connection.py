"""A connection of HTTP/1.1 that keeps a budget, sends a request in one piece, and reads its answers strictly.

Source: RFC 9112 sections 3 and 9; RFC 9110 section 9.3.6.
"""

from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any

from sfmint_values.budgeted_socket import open_socket
from sfmint_values.strict_answer import StrictAnswer

_PIECE = 64 * 1024
_PROXY_DENIES = 407


class ProxyDenied(OSError):  # noqa: N818 - what happened
    """A proxy asks for a user and a password, or for others than it was given (RFC 9110 section 15.5.8)."""


class StrictConnection(HTTPConnection):
    """Connects with a budget, reads answers strictly, and knows whether it may be used again."""

    _buffer: list[bytes]  # the library's: the lines of the head

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = open_socket
        self._last: StrictAnswer | None = None

    def response_class(self, *arguments: Any, **options: Any) -> StrictAnswer:  # type: ignore[override]
        """Begin an answer."""
        self._last = StrictAnswer(*arguments, **options)
        return self._last

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send what `request` would, with one look at the whole head in place of several at each of its lines.

        Args:
            path: of the request.
            headers: `host` among them; their names are our own.
            body: of the request.

        Raises:
            ValueError: a value does not fit in its line. It is not quoted: it may be a credential.
            OSError: the connection has ended, or the time is up.
        """
        head = "\n".join(f"{name}: {value}" for name, value in {"Content-Length": len(body), **headers}.items())
        if head.count("\n") != len(headers) or "\r" in head or "\0" in head or not head.isascii():
            raise ValueError("a header does not fit in its line")
        self.putrequest("POST", path, skip_host=True)
        self._buffer += head.encode().split(b"\n")
        self.endheaders(body)

    def _send_output(self, message_body: object = None, encode_chunked: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        """Send head and body at once, as one record of TLS; the library sends them one after the other."""
        if not isinstance(message_body, bytes) or len(message_body) > _PIECE:
            super()._send_output(message_body, encode_chunked)  # type: ignore[misc]  # typeshed leaves it out
            return
        request = b"\r\n".join((*self._buffer, b"", message_body))
        self._buffer.clear()
        self.send(request)

    def _tunnel(self) -> None:
        """Open a tunnel, and tell a proxy that wants to know more of us from one that is in the way."""
        self._last = None  # of a connection that is made again
        try:
            super()._tunnel()  # type: ignore[misc]  # the library's, as HTTPS needs it
        except OSError:
            if self._last is not None and self._last.status == _PROXY_DENIES:
                raise ProxyDenied from None
            raise

    def allow(self, most: int) -> None:
        """Let the next answer have a body of so many bytes."""
        connection: Any = self.sock
        connection.allow(most)

    def is_clean(self) -> bool:
        """Return whether the last answer has ended and nothing is there that the next request could take for its own."""
        connection: Any = self.sock
        drained = self._last is not None and self._last.is_drained
        return drained and connection is not None and connection.is_quiet()
