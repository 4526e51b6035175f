"""The event of salesforce_request, read into a request that has passed all rules."""

import json
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from math import isfinite

from sfmint_client.errors import InvalidRequest
from sfmint_client.rest.request import DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES, RestRequest
from sfmint_values.foreign import plain_names

_FIELDS = (
    "method",
    "path",
    "host",
    "query",
    "headers",
    "body",
    "body_base64",
    "all_pages",
    "fail_on_partial",
    "max_bytes",
)


def parse_event(event: object) -> RestRequest:
    """Return the request of an event.

    Raises:
        InvalidRequest: no object, an unknown field, a value of a wrong type or out of range.
        RequestNotAllowed: a method, path, query or header that may not be sent.
    """
    if not isinstance(event, dict):
        raise InvalidRequest('The event is not a JSON object. Send {"method": "GET", "path": "/services/data/..."}.')
    _refuse_unknown(event)
    headers = _headers(event.get("headers", {}))
    body = _body(event)
    if "body" in event and not isinstance(event["body"], str) and "content-type" not in map(str.lower, headers):
        headers = headers | {"Content-Type": "application/json"}
    return RestRequest(
        method=_text(event, "method"),
        path=_text(event, "path"),
        host=_host(event.get("host", "")),
        query=_query(event.get("query", {})),
        headers=headers,
        body=body,
        all_pages=_switch(event, "all_pages"),
        fail_on_partial=_switch(event, "fail_on_partial"),
        max_bytes=_max_bytes(event.get("max_bytes", DEFAULT_MAX_BYTES)),
    )


def _refuse_unknown(event: Mapping[str, object]) -> None:
    if unknown := set(event) - set(_FIELDS):
        raise InvalidRequest(f"The event has unknown fields: {plain_names(unknown)}. Known are {', '.join(_FIELDS)}.")


def _text(event: Mapping[str, object], field: str) -> str:
    value = event.get(field)
    if isinstance(value, str):
        return value
    raise InvalidRequest(f"The event's {field} is missing, or no text. Send both method and path as texts.")


def _host(value: object) -> str:
    if isinstance(value, str):
        return value
    raise InvalidRequest("The event's host is not a text. Send a host that the connection lists, or leave it out.")


def _query(value: object) -> dict[str, str]:
    if isinstance(value, dict):
        return {name: _parameter(parameter) for name, parameter in value.items()}
    raise InvalidRequest('The event\'s query is no object. Send names and values, such as {"q": "SELECT ..."}.')


def _parameter(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if isfinite(value):
            return str(value)
        case _:
            raise InvalidRequest("A value of the event's query is unusable. Send texts, numbers, true or false.")


def _headers(value: object) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return dict(value)
    raise InvalidRequest("The event's headers are no object of texts. Send names and values, both texts.")


def _body(event: Mapping[str, object]) -> bytes | None:
    match "body" in event, "body_base64" in event:
        case True, True:
            raise InvalidRequest("The event has both body and body_base64. Send one of them.")
        case True, False:
            return _plain(event["body"])
        case False, True:
            return _decoded(event["body_base64"])
        case _:
            return None


def _plain(value: object) -> bytes:
    with suppress(RecursionError, ValueError):
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    raise InvalidRequest("The event's body is unusable. Send a JSON object, a JSON array or a text.")


def _decoded(value: object) -> bytes:
    with suppress(ValueError):
        if isinstance(value, str):
            return b64decode(value, validate=True)
    raise InvalidRequest("The event's body_base64 is no base64. Encode the bytes as RFC 4648 section 4 says.")


def _switch(event: Mapping[str, object], field: str) -> bool:
    value = event.get(field, False)
    if isinstance(value, bool):
        return value
    raise InvalidRequest(f"The event's {field} is neither true nor false. Send one of them, or leave it out.")


def _max_bytes(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise InvalidRequest(f"The event's max_bytes is no number. Give a whole number from 1 to {LARGEST_MAX_BYTES}.")
