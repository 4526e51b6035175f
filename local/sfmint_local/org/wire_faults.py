"""Faults of when and how long the org says it."""

import socket
import struct
from collections.abc import Iterator

from werkzeug.wrappers import Response

from sfmint_local.org.answer_faults import LARGEST_MB, MEGABYTE
from sfmint_local.org.fault_kinds import Call, kind

_LONGEST_S = 120.0
_CLOSE = {"Connection": "close"}


@kind
def endless(call: Call, *, mb: int = LARGEST_MB, seconds: float = 30.0) -> Response:
    """Answer blanks without end; the caps are for the machine's sake."""

    def blanks() -> Iterator[bytes]:
        last = call.now() + min(seconds, _LONGEST_S)
        for _ in range(min(mb, LARGEST_MB) * 16):
            if call.now() > last:
                return
            yield b" " * (MEGABYTE // 16)

    return Response(blanks(), content_type="application/json", headers=_CLOSE)


@kind
def hang(call: Call, *, seconds: float = 30.0) -> Response:
    """Say nothing for a while, then give the true answer."""
    call.pause(min(seconds, _LONGEST_S))
    return call.answer()


@kind
def truncate(call: Call, *, keep: int = 20) -> Response:
    """Promises the whole true answer, sends its first bytes and closes."""
    body = call.answer().get_data()
    headers = _CLOSE | {"Content-Length": str(len(body))}
    return Response(iter([body[:keep]]), content_type="application/json", headers=headers)


@kind
def drip(call: Call, *, interval_ms: int = 100, headers: bool = False) -> Response:
    """Send the true answer byte by byte: the body, or with ``headers`` all of it."""
    answer = call.answer()
    body = answer.get_data()

    def drops(data: bytes) -> Iterator[bytes]:
        last = call.now() + _LONGEST_S
        for octet in data:
            if call.now() > last:
                return
            call.pause(interval_ms / 1000)
            yield bytes([octet])

    if not headers:
        sent = _CLOSE | {"Content-Length": str(len(body))}
        return Response(drops(body), status=answer.status, content_type=answer.content_type, headers=sent)
    head = f"HTTP/1.1 {answer.status}\r\nConnection: close\r\n{answer.headers}"
    for drop in drops(head.encode() + body):
        call.request.connection.sendall(drop)
    raise ConnectionAbortedError


@kind
def reset(call: Call) -> Response:
    """Reset the connection without an answer, and without doing anything."""
    # Lingering for no time turns the close into a reset (socket(7)).
    call.request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.request.connection.close()
    raise ConnectionAbortedError


@kind
def lost_answer(call: Call) -> Response:
    """Do what was asked, a login say, and reset the connection before the answer."""
    call.answer()
    return reset(call)
