"""The token in the requests of `requests`, and a second try where Salesforce says that it has expired."""

from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from requests import PreparedRequest, RequestException, Response
from requests.auth import AuthBase
from requests.exceptions import ChunkedEncodingError
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from sfmint_client.access_token import AccessToken, TokenProvider
from sfmint_client.errors import WrongHost
from sfmint_client.session_place import carries_beside, carry, is_of_the_platform, may_tell_expiry, tells_expiry

LONGEST_REFUSAL = 64 * 1024  # bytes of an error's body that are read; Salesforce's have a hundred

_PROBE = "/services/data/v60.0/limits"  # wants a session, and costs nothing else
_READS = frozenset({"GET", "HEAD"})
_PORTS = {"https": 443, "http": 80}


class SalesforceAuth(AuthBase):
    """Adds the connection's token to each request: `requests.get(url, auth=SalesforceAuth(tokens))`, or a session's auth.

    On 401 `INVALID_SESSION_ID` "Session expired or invalid" the token is reported and the request is sent once more
    with the next one, to the same host; likewise on `InvalidSessionId` of Bulk API 1.0 and of SOAP. There the token is put
    where they take it: into the header X-SFDC-Session, and into the envelope's sessionId.

    Apex REST is code of the org, which may hand on another system's 401 after its work. So a request outside of
    `/services/data/`, `/services/async/` and `/services/Soap/` is no proof: the token is reported only if Salesforce
    refuses it too for `/services/data/v60.0/limits`, and a write is not sent again.
    A body that cannot be read twice (a generator, a pipe) is not sent again: its
    401 comes back, and the next request has the next token. Of a 401's body 64 KiB are read; what is longer is cut.

    It keeps nothing of a request, so sessions and threads may share it.

    Args:
        tokens: a `TokenClient`, or whatever else hands out tokens.

    Raises:
        WrongHost: from the request: it would go to another scheme, host or port than the token's `instance_url`, and
            is not sent; or the org has moved while it was under way, and it is not repeated; or a redirect would take to
            another host what `requests` leaves in it, the token in X-SFDC-Session or in an envelope.
        SfmintError: from the request: there is no token, or no other one in place of the expired.
    """

    def __init__(self, tokens: TokenProvider) -> None:
        self._tokens = tokens

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the token."""
        token = self._tokens.get_token()
        _check_host(request, token)
        carry(request, token)
        heal = partial(self._heal, sent=token, start=_position(request.body))
        request.register_hook("response", heal)  # type: ignore[no-untyped-call]
        return request

    def _heal(self, response: Response, *, sent: AccessToken, start: int | None, **options: Any) -> Response:
        """Return the answer to a second try, if that may help; else the answer as it is."""
        request = response.request
        _check_redirect(response, sent)
        # A redirect takes this hook along, to other hosts too: only what bears our token is ours.
        ours = request.headers.get("Authorization") == sent.authorization and _origin(request.url) in _origins_of(sent)
        if not (ours and may_tell_expiry(request, response.status_code) and tells_expiry(_start_of_body(response))):
            return response
        is_plain = is_of_the_platform(request)
        if not (is_plain or _is_refused_elsewhere(response, sent, options)):
            return response
        token = self._tokens.get_token(rejected=sent.fingerprint)
        if not (is_plain or request.method in _READS) or not _rewind(request.body, start):
            return response
        _check_host(request, token)
        again = request.copy()
        carry(again, token)
        healed: Response = response.connection.send(again, **options)
        _check_redirect(healed, sent)
        healed.history.append(response)
        healed.request = again
        return healed


def _is_refused_elsewhere(response: Response, sent: AccessToken, options: dict[str, Any]) -> bool:
    """Return whether Salesforce itself refuses the token, asked for something that is no code of the org's."""
    probe = PreparedRequest()
    headers = {"Accept": "application/json", "Authorization": sent.authorization}
    probe.prepare(method="GET", url=sent.instance_url + _PROBE, headers=headers)
    try:
        with response.connection.send(probe, **options) as answer:
            return may_tell_expiry(probe, answer.status_code) and tells_expiry(_start_of_body(answer))
    except RequestException:
        return False


def _check_host(request: PreparedRequest, token: AccessToken) -> None:
    if (meant := _origin(request.url)) not in _origins_of(token):
        further = f", or to one of {', '.join(token.hosts)}, which its connection lists" if token.hosts else ""
        raise WrongHost(
            f"The request goes to {meant[0]}://{meant[1]}:{meant[2]}, where the token may not go. "
            f"Send it to {token.instance_url}, the instance_url of get_token(){further}."
        )


def _check_redirect(response: Response, token: AccessToken) -> None:
    """Refuse to follow a redirect that would take the token along; `requests` itself takes out Authorization only."""
    target = urljoin(response.request.url or "", response.headers.get("Location", ""))
    if response.is_redirect and carries_beside(response.request) and _origin(target) not in _origins_of(token):
        raise WrongHost(
            "Salesforce sends the request on to another host, where the token may not go, and it stands in a header or an"
            f" envelope. Send it to {token.instance_url}, and look whether the org has moved."
        )


def _origins_of(token: AccessToken) -> set[tuple[str, str, int | None]]:
    return {_origin(token.instance_url), *(_origin(f"https://{host}") for host in token.hosts)}


def _origin(url: str | None) -> tuple[str, str, int | None]:
    """Return scheme, host and port, in the eyes of the library that sends (RFC 6454 section 4)."""
    parts = parse_url(url or "")
    scheme = parts.scheme or ""
    return scheme, parts.host or "", parts.port or _PORTS.get(scheme)


def _start_of_body(response: Response) -> bytes:
    """Return the start of the body, and put it back, so that the response can still be read."""
    raw, start = response.raw, b""
    try:
        # One read at a time: whatever sizes the answer claims, no more than a buffer comes at once.
        while len(start) < LONGEST_REFUSAL and (piece := raw.read1(LONGEST_REFUSAL - len(start), decode_content=False)):
            start += piece
    except HTTPError as error:
        raise ChunkedEncodingError(f"the answer broke off: {type(error).__name__}", response=response) from None
    raw.close()  # a body that was read to its end has given its connection back already

    def body() -> HTTPResponse:
        return HTTPResponse(
            BytesIO(start), raw.headers, raw.status, preload_content=False, enforce_content_length=False
        )

    response.raw = body()
    try:
        return body().read(LONGEST_REFUSAL, decode_content=True)
    except HTTPError:
        return b""


def _position(body: object) -> int | None:
    """Return where a body that is a file begins."""
    try:
        return int(body.tell())  # type: ignore[attr-defined]  # whatever the caller gave
    except (AttributeError, OSError, TypeError, ValueError):
        return None


def _rewind(body: object, start: int | None) -> bool:
    """Return whether the body can be sent again, after taking it back to its beginning."""
    if body is None or isinstance(body, (bytes, str)):
        return True
    if start is None:
        return False
    try:
        body.seek(start)  # type: ignore[attr-defined]
    except (AttributeError, OSError, TypeError, ValueError):
        return False
    return True
