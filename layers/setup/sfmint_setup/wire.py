"""Requests to the org of an administrator's session: to its own host only, each with an end, read no further than wanted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from requests import Request, RequestException, Response, Session
from requests.exceptions import Timeout as TimedOut
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_client.rest.session import NotConnected
from sfmint_setup.errors import InvalidInstance, OrgUnreachable, SetupError, UnusableAnswer
from sfmint_setup.refusals import error_of
from sfmint_setup.rights import Task
from sfmint_values.browser_address import login_of
from sfmint_values.budgeted_socket import IDLE_S
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import token_origin
from sfmint_values.secret import Secret
from sfmint_values.system import Clock

DATA = "/services/data/v67.0"
READ_S = 120.0  # Salesforce ends a request after that long
MOST_BYTES = 4 * 1024 * 1024  # of an answer; less than the session lets through
_CHUNK = 64 * 1024
_JSON = "application/json"
_AGAIN = "Run this again: what is done already is found and kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        status_code: Salesforce's.
        content: the body.
        is_json: whether it calls itself JSON.
    """

    status_code: int
    content: bytes
    is_json: bool

    @property
    def is_success(self) -> bool:
        """Whether it was carried out (RFC 9110 section 15.3)."""
        return 200 <= self.status_code < 300  # noqa: PLR2004


def instance_origin(url: Foreign, allowed: frozenset[str]) -> str:
    """Return the origin that a session may be sent to.

    Args:
        url: the instance URL of the session.
        allowed: further hosts, `host` or `host:port`, that the person has named.

    Raises:
        InvalidInstance: it is none of Salesforce's, and not allowed.
    """
    try:
        return token_origin(url, allowed)
    except ValueError as error:
        login = login_of(url)
        clause = f"is an address of the browser; the org is at {login}" if login else str(error).partition(";")[0]
        raise InvalidInstance(
            f"The instance URL of the administrator's session {clause}.",
            remedy="Give the org's own URL, such as https://acme.my.salesforce.com; a host of your own, for tests, with"
            " --allow-host HOST:PORT.",
        ) from None


class Wire:
    """Sends requests with an administrator's session.

    Args:
        session: of HTTPS; see `sfmint_client.rest.session.https_session`: TLS verified, no redirects, no cookies.
        origin: see `instance_origin`.
        token: the administrator's.
        clock: time.
        read_s: how long one answer is waited for, in seconds.
    """

    def __init__(self, *, session: Session, origin: str, token: Secret, clock: Clock, read_s: float = READ_S) -> None:
        self._session = session
        self._read_s = read_s
        self._token = token
        self._clock = clock
        self._used_at = 0.0
        self.origin = origin

    def __repr__(self) -> str:
        return f"Wire({self.origin})"

    def get(self, path: str, task: Task, query: Mapping[str, str] | None = None) -> Any:
        """Return the JSON of a resource.

        Args:
            path: of our own making.
            task: what it is asked for.
            query: in clear.

        Raises:
            SetupError: of a kind that says what happened.
        """
        asked = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        return self.value(self.send("GET", asked), task)

    def send_json(self, method: str, path: str, body: Mapping[str, object]) -> Answer:
        """Send a JSON object; see `send`."""
        return self.send(method, path, body=json.dumps(body).encode(), headers={"Content-Type": _JSON})

    def value(self, answer: Answer, task: Task) -> Any:
        """Return the JSON of an answer; None: it has no body.

        Raises:
            SetupError: the answer is a refusal, or no JSON.
        """
        if not answer.is_success:
            raise self.refused(answer, task)
        if not answer.content:
            return None
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise _unusable("is no JSON") from None

    def refused(self, answer: Answer, task: Task) -> SetupError:
        """Return the error of an answer that is a refusal."""
        return error_of(self.refusal(answer), task)

    def refusal(self, answer: Answer) -> Refusal:
        """Read a refusal, in which the session is hidden."""
        return Refusal.read(answer.status_code, answer.content, is_json=answer.is_json, token=self._token)

    def said(self, status_code: int, code: Foreign, message: Foreign) -> Refusal:
        """Return a refusal that was read elsewhere, in which the session is hidden."""
        return Refusal.said(status_code, code, message, (self._token,))

    def with_token(self, before: str, after: str) -> bytes:
        """Return a body of XML with the session between two parts of it: SOAP takes it there."""
        return f"{before}{escape(self._token.reveal())}{after}".encode()

    def send(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request once, and return whatever is answered.

        Raises:
            OrgUnreachable: nothing was, or not to its end.
            UnusableAnswer: more than is read, or encoded.
        """
        ends_at = self._clock.monotonic() + self._read_s
        with self._response(method, path, body, headers or {}) as response:
            content = self._read(response, ends_at)
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            answer = Answer(status_code=response.status_code, content=content, is_json=kind == _JSON)
        if answer.is_success and self._token.reveal().encode() in content:  # a refusal is quoted without it
            raise _unusable("repeats the session that it was sent")
        return answer

    def _response(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Response:
        said = {"Accept": _JSON, **headers, "Authorization": f"Bearer {self._token.reveal()}"}
        if self._clock.monotonic() - self._used_at > IDLE_S:
            self._session.close()  # only the connections: minutes of waiting lie between two requests
        prepared = self._session.prepare_request(Request(method, self.origin + path, headers=said, data=body))
        try:
            return self._session.send(prepared, stream=True, timeout=Timeout(self._read_s), allow_redirects=False)  # type: ignore[arg-type]  # urllib3's own
        except NotConnected as error:
            failed = _not_connected(error)
        except RequestException as error:
            # The exception carries the request with the session in it: only its kind goes on.
            failed = _cut("in time" if isinstance(error, TimedOut) else "to its end")
        finally:
            self._used_at = self._clock.monotonic()
        raise failed

    def _read(self, response: Response, ends_at: float) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise _unusable("is encoded in a way that nobody asked for")
        content = bytearray()
        try:
            # One read at a time, so that an answer that comes drop by drop ends too.
            while piece := response.raw.read1(_CHUNK):
                content.extend(piece)
                if len(content) > MOST_BYTES:
                    raise _unusable("is longer than sfmint reads")
                if self._clock.monotonic() > ends_at:
                    raise _cut("in time")
        except (HTTPError, OSError):
            raise _cut("to its end") from None
        return bytes(content)


def _unusable(how: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The org's answer {how}.", remedy="Check that the instance URL is the org's own, and no page stands before it."
    )


def _cut(how: str) -> OrgUnreachable:
    return OrgUnreachable(f"The org did not answer {how}.", remedy=_AGAIN, is_sent=True)


def _not_connected(error: NotConnected) -> OrgUnreachable:
    if error.proxy_denies:
        cause = "The proxy asks for a user and a password, or for others than it was given (HTTP 407)."
        return OrgUnreachable(cause, remedy="Give them in HTTPS_PROXY (http://user:password@host:port).", is_sent=False)
    if error.untrusted:
        cause = "The org's host shows a certificate that cannot be trusted."
        remedy = "Behind a proxy that opens TLS give its authority with --ca-bundle; else check the instance URL."
        return OrgUnreachable(cause, remedy=remedy, is_sent=False)
    return OrgUnreachable(
        "The org's host does not take connections.",
        remedy="Check the instance URL, and the way out: proxy (HTTPS_PROXY), firewall.",
        is_sent=False,
    )
