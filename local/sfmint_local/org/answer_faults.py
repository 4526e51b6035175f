"""Faults of what the org says."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.wrappers import Response

from sfmint_local.org.fault_kinds import Call, kind
from sfmint_local.org.wire import json_answer

MEGABYTE = 1024 * 1024
LARGEST_MB = 64


@kind
def status(
    _call: Call, *, code: int = 503, body: str = "", content_type: str = "text/plain", retry_after: int | None = None
) -> Response:
    """Answer a status and a body, without doing anything."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(body, status=code, headers=headers, content_type=content_type)


@kind
def oauth_error(_call: Call, *, error: str = "unknown_error", description: str = "retry your request") -> Response:
    """Answer a row of the error table that no configuration can bring about."""
    return json_answer({"error": error, "error_description": description}, status=400)


@kind
def html(_call: Call, *, code: int = 200) -> Response:
    """Answer a maintenance page."""
    return Response("<html><body>Scheduled maintenance</body></html>", status=code, content_type="text/html")


@kind
def redirect(_call: Call, *, location: str, code: int = 302) -> Response:
    """Send the client elsewhere."""
    return Response(status=code, headers={"Location": location})


@kind
def content_type(call: Call, *, value: str = "text/plain") -> Response:
    """Label the true answer wrongly."""
    answer = call.answer()
    answer.content_type = value
    return answer


@kind
def missing_field(call: Call, *, name: str = "access_token") -> Response:
    """Leave a field out of the true answer."""
    return _edited(call, lambda fields: {key: value for key, value in fields.items() if key != name})


@kind
def changed_field(call: Call, *, name: str, value: Any) -> Response:
    """Put another value into a field of the true answer."""
    return _edited(call, lambda fields: fields | {name: value})


@kind
def repeated_assertion(call: Call, *, name: str = "scope") -> Response:
    """Put the assertion of the request into a field of the true answer."""
    return _edited(call, lambda fields: fields | {name: call.request.form["assertion"]})


@kind
def duplicate_keys(call: Call, *, name: str = "access_token", value: Any = "another") -> Response:
    """Name a field of the true answer twice, first with another value."""
    answer = call.answer()
    answer.set_data(answer.get_data(as_text=True).replace("{", f"{{{json.dumps(name)}: {json.dumps(value)}, ", 1))
    return answer


@kind
def dead_on_arrival(call: Call) -> Response:
    """Grant the login with a token that has already ended."""
    answer = call.answer()
    if answer.status_code == 200:
        call.end_session(answer.get_json()["access_token"])
    return answer


@kind
def large(call: Call, *, mb: int = 5) -> Response:
    """Make the true answer so many megabytes long; it stays valid JSON."""
    return _edited(call, lambda fields: fields | {"padding": "x" * (min(mb, LARGEST_MB) * MEGABYTE)})


@kind
def gzip_bomb(_call: Call, *, mb: int = LARGEST_MB) -> Response:
    """Answer a small body that unpacks to so many megabytes."""
    body = _bomb(min(mb, LARGEST_MB))
    return Response(body, content_type="application/json", headers={"Content-Encoding": "gzip"})


@cache
def _bomb(mb: int) -> bytes:
    return gzip.compress(b" " * (mb * MEGABYTE))


def _edited(call: Call, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """Change the JSON object of the true answer; another answer stays as it is."""
    answer = call.answer()
    fields = answer.get_json(silent=True)
    if isinstance(fields, dict):
        answer.set_data(json.dumps(change(fields)))
    return answer
