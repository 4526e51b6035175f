"""The faults: each a small function around the true answer.

A fault gets the `Call` and its parameters, and returns what the client shall see. It may ask for the true answer
(``call.answer()``: the login then takes place), or not, or break the connection off.
"""

import gzip
import inspect
import json
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from sfmint_local.org.values import Fault
from sfmint_local.org.wire import OrgRequest, json_answer

_MEGABYTE = 1024 * 1024
_LONGEST_S = 120.0
_LARGEST_MB = 64
_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that meets a fault.

    Attributes:
        request: what came in.
        answer: does what was asked and returns the true answer.
        pause: waits so many seconds.
        now: seconds of any clock.
        end_session: ends the session of a token.
    """

    request: OrgRequest
    answer: Callable[[], Response]
    pause: Callable[[float], object]
    now: Callable[[], float]
    end_session: Callable[[str], object]


type Effect = Callable[..., Response]

_EFFECTS: dict[str, Effect] = {}


def _kind(effect: Effect) -> Effect:
    _EFFECTS[effect.__name__] = effect
    return effect


def kinds() -> list[str]:
    """Return the names of all kinds."""
    return sorted(_EFFECTS)


def check(fault: Fault) -> None:
    """Refuse a fault that cannot be performed.

    Raises:
        ValueError: an unknown kind or parameter.
    """
    if fault.kind not in _EFFECTS:
        raise ValueError(f"Unknown fault {fault.kind!r}. Known are {', '.join(kinds())}.")
    try:
        inspect.signature(_EFFECTS[fault.kind]).bind(None, **fault.params)
    except TypeError as error:
        raise ValueError(f"The fault {fault.kind} does not take this: {error}.") from None


def perform(fault: Fault, call: Call) -> Response:
    """Let a fault happen.

    Raises:
        ConnectionAbortedError: the fault has dealt with the connection itself.
    """
    return _EFFECTS[fault.kind](call, **fault.params)


@_kind
def status(
    _call: Call, *, code: int = 503, body: str = "", content_type: str = "text/plain", retry_after: int | None = None
) -> Response:
    """Answer a status and a body, without doing anything."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(body, status=code, headers=headers, content_type=content_type)


@_kind
def oauth_error(_call: Call, *, error: str = "unknown_error", description: str = "retry your request") -> Response:
    """Answer a row of the error table that no configuration can bring about."""
    return json_answer({"error": error, "error_description": description}, status=400)


@_kind
def html(_call: Call, *, code: int = 200) -> Response:
    """Answer a maintenance page."""
    return Response("<html><body>Scheduled maintenance</body></html>", status=code, content_type="text/html")


@_kind
def redirect(_call: Call, *, location: str, code: int = 302) -> Response:
    """Send the client elsewhere."""
    return Response(status=code, headers={"Location": location})


@_kind
def content_type(call: Call, *, value: str = "text/plain") -> Response:
    """Label the true answer wrongly."""
    answer = call.answer()
    answer.content_type = value
    return answer


@_kind
def missing_field(call: Call, *, name: str = "access_token") -> Response:
    """Leave a field out of the true answer."""
    return _edited(call, lambda fields: {key: value for key, value in fields.items() if key != name})


@_kind
def changed_field(call: Call, *, name: str, value: Any) -> Response:
    """Put another value into a field of the true answer."""
    return _edited(call, lambda fields: fields | {name: value})


@_kind
def duplicate_keys(call: Call, *, name: str = "access_token", value: Any = "another") -> Response:
    """Name a field of the true answer twice, first with another value."""
    answer = call.answer()
    answer.set_data(answer.get_data(as_text=True).replace("{", f"{{{json.dumps(name)}: {json.dumps(value)}, ", 1))
    return answer


@_kind
def dead_on_arrival(call: Call) -> Response:
    """Grant the login with a token that has already ended."""
    answer = call.answer()
    if answer.status_code == 200:
        call.end_session(answer.get_json()["access_token"])
    return answer


@_kind
def large(call: Call, *, mb: int = 5) -> Response:
    """Make the true answer so many megabytes long; it stays valid JSON."""
    return _edited(call, lambda fields: fields | {"padding": "x" * (min(mb, _LARGEST_MB) * _MEGABYTE)})


@_kind
def endless(call: Call, *, mb: int = _LARGEST_MB, seconds: float = 30.0) -> Response:
    """Answer blanks without end; the caps are for the machine's sake."""

    def blanks() -> Iterator[bytes]:
        last = call.now() + min(seconds, _LONGEST_S)
        for _ in range(min(mb, _LARGEST_MB) * 16):
            if call.now() > last:
                return
            yield b" " * (_MEGABYTE // 16)

    return Response(blanks(), content_type="application/json", headers=_CLOSE)


@_kind
def gzip_bomb(_call: Call, *, mb: int = _LARGEST_MB) -> Response:
    """Answer a small body that unpacks to so many megabytes."""
    body = gzip.compress(b" " * (min(mb, _LARGEST_MB) * _MEGABYTE))
    return Response(body, content_type="application/json", headers={"Content-Encoding": "gzip"})


@_kind
def hang(call: Call, *, seconds: float = 30.0) -> Response:
    """Say nothing for a while, then give the true answer."""
    call.pause(min(seconds, _LONGEST_S))
    return call.answer()


@_kind
def truncate(call: Call, *, keep: int = 20) -> Response:
    """Promises the whole true answer, sends its first bytes and closes."""
    body = call.answer().get_data()
    headers = _CLOSE | {"Content-Length": str(len(body))}
    return Response(iter([body[:keep]]), content_type="application/json", headers=headers)


@_kind
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


@_kind
def reset(call: Call) -> Response:
    """Reset the connection without an answer, and without doing anything."""
    # Lingering for no time turns the close into a reset (socket(7)).
    call.request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.request.connection.close()
    raise ConnectionAbortedError


@_kind
def lost_answer(call: Call) -> Response:
    """Do what was asked, a login say, and reset the connection before the answer."""
    call.answer()
    return reset(call)


def _edited(call: Call, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """Change the JSON object of the true answer; another answer stays as it is."""
    answer = call.answer()
    fields = answer.get_json(silent=True)
    if isinstance(fields, dict):
        answer.set_data(json.dumps(change(fields)))
    return answer
