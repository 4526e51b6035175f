"""Salesforce's token endpoint over HTTPS.

Source: RFC 7523 section 2.1; RFC 6749 section 5; Salesforce Help, "OAuth 2.0 JWT Bearer Flow".
"""

import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sfmint.connection import Connection
from sfmint.failure import REASONS, MintFailed, classify
from sfmint.json_object import parse_object
from sfmint.ports import Clock
from sfmint.protocol import POST_S
from sfmint.secret import Secret

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

PATH = "/services/oauth2/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CONNECT_S = 2.0
LARGEST_ANSWER = 64 * 1024  # bytes; a real one has two thousand
IDLE_S = 60.0  # a NAT forgets a quiet connection without a word: do not send a login into it
_OK = 200
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    content_type: str
    body: bytes = field(repr=False)


class HttpsTokenEndpoint:
    """Exchanges assertions for tokens; redirects, proxies of the environment and netrc are ignored.

    Args:
        clock: for idle connections.
        ca_bundle: path of the authorities to trust; None: certifi's.
        proxy: URL of a proxy, or None.
    """

    def __init__(self, clock: Clock, ca_bundle: str | None, proxy: str | None) -> None:
        self._clock = clock
        self._ca_bundle = ca_bundle
        self._proxies = {"https": proxy} if proxy else {}
        self._session: Session | None = None
        self._used_at = 0.0

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Return the JSON object of a 200 answer, got within `POST_S` by the wall clock."""
        session = self._ready_session()
        deadline = self._clock.monotonic() + POST_S
        try:
            answer = _within(POST_S, lambda: self._post(session, connection, assertion, deadline))
        except Exception:
            self._session = None  # whatever state its connections are in, nobody should meet it
            raise
        return _fields(answer)

    def _ready_session(self) -> "Session":
        if self._session is None:
            self._session = _new_session(self._ca_bundle)
        elif self._clock.monotonic() - self._used_at > IDLE_S:
            self._session.close()
        self._used_at = self._clock.monotonic()
        return self._session

    def _post(self, session: "Session", connection: Connection, assertion: Secret, deadline: float) -> _Answer:
        request = _prepare(session, connection.token_host, assertion)
        left_s = deadline - self._clock.monotonic()
        try:
            response = self._send(session, request, left_s)
        except _NothingSent:
            response = self._send(session, request, deadline - self._clock.monotonic())
        with response:
            return self._read(response)

    def _send(self, session: "Session", request: "PreparedRequest", left_s: float) -> "Response":
        from requests import RequestException

        if left_s <= 0:
            raise MintFailed(REASONS["unreachable"])
        try:
            return session.send(
                request,
                stream=True,
                timeout=(min(CONNECT_S, left_s), left_s),
                allow_redirects=False,
                verify=True,
                proxies=self._proxies,
            )
        except RequestException as error:
            # The exception carries the request's body, the assertion: only its kind goes on.
            kind = _kind_of(error)
        raise kind

    def _read(self, response: "Response") -> _Answer:
        body = _body(response)
        if body is None:
            raise MintFailed(REASONS["no_answer"])
        if len(body) > LARGEST_ANSWER or response.headers.get("Content-Encoding", "identity") != "identity":
            raise MintFailed(REASONS["malformed_answer"])
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return _Answer(status=response.status_code, content_type=content_type, body=body)


class _NothingSent(MintFailed):
    """The connection failed before a byte of the request went out: trying again cannot log in twice."""

    def __init__(self) -> None:
        super().__init__(REASONS["unreachable"])


def _kind_of(error: Exception) -> MintFailed:
    from requests import ConnectionError as NoConnection
    from requests import ConnectTimeout, Timeout
    from requests.exceptions import ProxyError, SSLError
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, ConnectTimeout) or isinstance(reason, NewConnectionError):
        return _NothingSent()
    if isinstance(error, (ProxyError, SSLError)):
        return MintFailed(REASONS["unreachable"])
    lost = isinstance(error, (NoConnection, Timeout))
    return MintFailed(REASONS["no_answer" if lost else "malformed_answer"])


def _body(response: "Response") -> bytes | None:
    """Return the body, cut one byte after the longest that is taken, or None where it breaks off."""
    from urllib3.exceptions import HTTPError

    body = b""
    try:
        # One read may come short without a word; the one after it tells a broken answer from a whole one.
        while piece := response.raw.read(LARGEST_ANSWER + 1 - len(body), decode_content=False):
            body += piece
    except (HTTPError, OSError):
        return None  # what is raised here holds the bytes so far, a piece of the token perhaps
    return body


def _within(seconds: float, call: Callable[[], _Answer]) -> _Answer:
    """Return what the call returns, or raise what it raises; once the time is up, `MintFailed`.

    No time-out of a socket bounds a name look-up or an answer that comes drop by drop. So the call runs beside us and,
    where it is late, is left to its end; its token, if any, is dropped.
    """
    outcomes: SimpleQueue[_Answer | Exception] = SimpleQueue()

    def run() -> None:
        try:
            outcomes.put(call())
        except Exception as error:  # noqa: BLE001 - raised again by the one who waits
            outcomes.put(error)

    Thread(target=run, daemon=True, name="token-endpoint").start()
    outcome: _Answer | Exception = MintFailed(REASONS["no_answer"])
    with suppress(Empty):
        outcome = outcomes.get(timeout=seconds)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _prepare(session: "Session", token_host: str, assertion: Secret) -> "PreparedRequest":
    from requests import Request

    request = session.prepare_request(
        Request(
            "POST",
            token_host + PATH,
            data={"grant_type": GRANT_TYPE, "assertion": assertion.reveal()},
            headers={"Accept": _JSON, "Accept-Encoding": "identity"},
        )
    )
    asked, meant = urlsplit(request.url or ""), urlsplit(token_host)
    if (asked.scheme, asked.hostname, asked.port) != (meant.scheme, meant.hostname, meant.port):
        raise MintFailed(REASONS["unreachable"])
    return request


def _new_session(ca_bundle: str | None) -> "Session":
    from certifi import where
    from requests import Session
    from requests.adapters import HTTPAdapter

    context = ssl.create_default_context(cafile=ca_bundle or where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    class OneContext(HTTPAdapter):
        """Parses the authorities once for the session, not once a connection (15 ms)."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs, ssl_context=context)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            return super().proxy_manager_for(*args, **kwargs, ssl_context=context)

        def cert_verify(self, conn: Any, *_: Any) -> None:
            conn.cert_reqs = "CERT_REQUIRED"

    session = Session()
    session.trust_env = False
    session.mount("https://", OneContext())
    return session


def _fields(answer: _Answer) -> Mapping[str, Any]:
    """Return the fields of a token answer, or raise what an error answer means."""
    fields: Mapping[str, Any] | None = None
    with suppress(ValueError):
        fields = parse_object(answer.body) if answer.content_type == _JSON else None
    if answer.status == _OK and fields is not None:
        return fields
    if answer.status == _OK:
        raise MintFailed(REASONS["malformed_answer"])
    said = fields or {}
    raise MintFailed(classify(answer.status, str(said.get("error", "")), str(said.get("error_description", ""))))
