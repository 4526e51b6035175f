"""Where a session stands in a request, and what Salesforce says when it has ended.

Most interfaces take it in Authorization. Bulk API 1.0 takes it in X-SFDC-Session, SOAP in the header of the envelope.
"""

import json
import re
from urllib.parse import urlsplit

from requests import PreparedRequest

from sfmint_client.access_token import AccessToken
from sfmint_values.foreign import Foreign, ForeignBytes

_BULK_HEADER = "X-SFDC-Session"
_REST, _BULK, _SOAP = "/services/data/", "/services/async/", "/services/Soap/"
_SESSION_ID = re.compile(rb"(<(?:[A-Za-z0-9_-]{1,32}:)?sessionId(?:\s[^<>]{0,256})?>)[^<>]{0,4096}(</)")
_STATUSES = {_BULK: (400, 401), _SOAP: (500,)}
_ENDED = "Session expired or invalid"
_ENDED_IN_XML = (b"<exceptionCode>InvalidSessionId</exceptionCode>", b":INVALID_SESSION_ID</faultcode>")


def carry(request: PreparedRequest, token: AccessToken) -> None:
    """Put a token wherever a request carries its session, in place of what stands there."""
    request.headers["Authorization"] = token.authorization
    if _BULK_HEADER in request.headers:
        request.headers[_BULK_HEADER] = token.access_token
    body = request.body.encode() if isinstance(request.body, str) else request.body
    if _path(request).startswith(_SOAP) and isinstance(body, bytes):
        request.body = _with_session(body, token.access_token.encode())
        request.headers["Content-Length"] = str(len(request.body))


def carries_beside(request: PreparedRequest) -> bool:
    """Tell whether a request carries its session in another place than Authorization, too."""
    return _BULK_HEADER in request.headers or (isinstance(request.body, bytes) and _path(request).startswith(_SOAP))


def is_of_the_platform(request: PreparedRequest) -> bool:
    """Tell whether Salesforce itself answers a request, and checks the session before it does anything.

    Whatever else there is, such as Apex REST, is code of the org, and may hand on another system's refusal.
    """
    return f"{_path(request)}/".startswith((_REST, _BULK, _SOAP))


def may_tell_expiry(request: PreparedRequest, status: int) -> bool:
    """Tell whether an answer of this status may say that the session has ended."""
    path = _path(request)
    return status in next((statuses for place, statuses in _STATUSES.items() if path.startswith(place)), (401,))


def tells_expiry(body: ForeignBytes) -> bool:
    """Tell whether a body says that the session has ended; other refusals are of another kind and stay."""
    if body.lstrip()[:1] == b"<":
        is_of_rest = b"<errorCode>INVALID_SESSION_ID</errorCode>" in body and f">{_ENDED}<".encode() in body
        return is_of_rest or any(sign in body for sign in _ENDED_IN_XML)
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return any(isinstance(fault, dict) and _is_expiry(fault) for fault in (said if isinstance(said, list) else [said]))


def _is_expiry(fault: dict[str, object]) -> bool:
    if fault.get("exceptionCode") == "InvalidSessionId":
        return True
    return fault.get("errorCode") == "INVALID_SESSION_ID" and fault.get("message") == _ENDED


def _with_session(envelope: ForeignBytes, session: bytes) -> bytes:
    return _SESSION_ID.sub(lambda found: found[1] + session + found[2], envelope, count=1)


def _path(request: PreparedRequest) -> Foreign:
    return urlsplit(request.url or "").path
