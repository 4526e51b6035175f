"""Faults of the frame: an answer that does not begin or end where HTTP says, on a connection that stays open.

A client that trusts such a frame takes what is left over for its next answer, or reads for ever.
Source: RFC 9110 sections 15.2 and 15.3.5; RFC 9112 sections 6 and 7.1.
"""

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from sfmint_local.org.answer_faults import LARGEST_MB, MEGABYTE
from sfmint_local.org.fault_kinds import Call, kind
from sfmint_local.org.wire import AnswerSent

_LONGEST_S = 120.0
_READ_AT_ONCE = 8192  # bytes: the buffer of Python's sockets
_TOGETHER, _PAUSE_S = 64, 0.01  # lines of an answer without end in one write, and seconds to the next


@kind
def early_hints(call: Call, *, seconds: float = 0.3, code: int = 103) -> Response:
    """Send an interim answer, and after a while the true one (RFC 8297)."""
    _send(call, f"HTTP/1.1 {code} Early\r\nLink: </style.css>; rel=preload\r\n\r\n".encode())
    call.pause(seconds)
    return call.answer()


@kind
def surplus(call: Call, *, text: str = "left over") -> Response:
    """Send the true answer, and bytes that belong to nothing with it."""
    answer = call.answer()
    return _with(answer, answer.get_data(), text.encode())


@kind
def two_answers(call: Call) -> Response:
    """Send the true answer twice in one go.

    The first one is padded with blanks: who reads so much at a time leaves the second one decrypted in its TLS, behind a
    socket that looks empty.
    """
    answer = call.answer()
    again = _head(answer) + answer.get_data()
    return _with(answer, answer.get_data().ljust(_READ_AT_ONCE), again)


@kind
def no_content(call: Call) -> Response:
    """Send a 204, which has no body, with one: it reads like the next answer."""
    answer = call.answer()
    _send(call, b"HTTP/1.1 204 No Content\r\n\r\n")
    _send(call, _head(answer) + answer.get_data())  # in a TLS record of its own
    raise AnswerSent


@kind
def chunk_size(call: Call, *, value: str = "-1", mb: int = 1) -> Response:
    """Send the true answer as one chunk of this size, so many megabytes of blanks, and hang up."""
    answer = call.answer()
    blanks = b" " * (min(mb, LARGEST_MB) * MEGABYTE)
    _send(call, _chunked_head(answer) + f"{value}\r\n".encode() + answer.get_data() + blanks)
    raise ConnectionAbortedError


@kind
def chunk_extensions(call: Call, *, length: int = 60_000, mb: int = LARGEST_MB) -> Response:
    """Send the true answer in chunks of one byte, each with an extension that is longer than most answers."""
    answer = call.answer()
    _send(call, _chunked_head(answer))
    body = answer.get_data()
    for octet in body[: min(mb, LARGEST_MB) * MEGABYTE // length]:
        _send(call, b"1;" + b"x" * length + b"\r\n" + bytes([octet]) + b"\r\n")
    _send(call, b"0\r\n\r\n")
    raise AnswerSent


@kind
def endless_trailers(call: Call, *, seconds: float = 30.0) -> Response:
    """Send the true answer in chunks, and trailers without end."""
    answer = call.answer()
    body = answer.get_data()
    _send(call, _chunked_head(answer) + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n")
    _repeat(call, b"Trailer: x\r\n", seconds)
    raise ConnectionAbortedError


@kind
def endless_continue(call: Call, *, seconds: float = 30.0) -> Response:
    """Send interim answers without end, and never the true one."""
    _repeat(call, b"HTTP/1.1 100 Continue\r\n\r\n", seconds)
    raise ConnectionAbortedError


def _send(call: Call, data: bytes) -> None:
    try:
        call.request.connection.sendall(data)
    except OSError:  # the client has hung up
        raise ConnectionAbortedError from None


def _repeat(call: Call, line: bytes, seconds: float) -> None:
    """Send a line for so many seconds, or until the client hangs up."""
    last = call.now() + min(seconds, _LONGEST_S)
    while call.now() < last:
        _send(call, line * _TOGETHER)
        call.pause(_PAUSE_S)


def _with(answer: Response, body: bytes, more: bytes) -> Response:
    """Return an answer that announces its body and sends more."""
    headers = Headers(answer.headers)
    headers["Content-Length"] = str(len(body))
    return Response(iter([body + more]), status=answer.status, headers=headers)


def _head(answer: Response) -> bytes:
    return f"HTTP/1.1 {answer.status}\r\n{answer.headers}".encode()


def _chunked_head(answer: Response) -> bytes:
    del answer.headers["Content-Length"]
    answer.headers["Transfer-Encoding"] = "chunked"
    return _head(answer)
