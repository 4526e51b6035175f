"""Salesforce's token endpoint over HTTPS.

Source: RFC 7523 section 2.1; RFC 6749 section 5; Salesforce Help, "OAuth 2.0 JWT Bearer Flow".
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sfmint import clock_skew
from sfmint.adapters import outbound
from sfmint.connection import Connection
from sfmint.failure import REASONS, MintFailed, classify
from sfmint.json_object import parse_object
from sfmint.ports import Clock
from sfmint.protocol import POST_S
from sfmint.quotation import quoted
from sfmint.secret import Secret

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

PATH = "/services/oauth2/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CONNECT_S = 2.0
LARGEST_ANSWER = 64 * 1024  # bytes; a real one has two thousand
_OK = 200
_JSON, _HTML = "application/json", "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    content_type: str
    retry_after: str
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
        self._behind_s: float | None = None

    def behind_s(self) -> float | None:
        """Return by how many seconds this machine's clock was behind Salesforce's when that last answered."""
        return self._behind_s

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Return the JSON object of a 200 answer, got within `POST_S` by the wall clock."""
        session = self._ready_session()
        self._behind_s = None
        deadline = self._clock.monotonic() + POST_S
        try:
            answer = _within(POST_S, lambda: self._post(session, connection, assertion, deadline))
        except Exception:
            self._session = None  # whatever state its connections are in, nobody should meet it
            raise
        return self._granted(answer)

    def _ready_session(self) -> "Session":
        if self._session is None:
            self._session = _new_session(self._ca_bundle)
        elif self._clock.monotonic() - self._used_at > outbound.IDLE_S:
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
            raise _unreachable("no connection in time")
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
        self._behind_s = clock_skew.behind_s(response.headers.get("Date", ""), self._clock.now())
        body = _body(response)
        if body is None:
            raise MintFailed(REASONS["no_answer"], detail="it broke off")
        if len(body) > LARGEST_ANSWER:
            raise _malformed(f"it is longer than {LARGEST_ANSWER // 1024} KiB")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise _malformed("it is compressed")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return _Answer(
            status=response.status_code,
            content_type=content_type,
            retry_after=response.headers.get("Retry-After", ""),
            body=body,
        )

    def _granted(self, answer: _Answer) -> Mapping[str, Any]:
        """Return the fields of a token answer, or raise what another answer means."""
        if answer.status != _OK:
            raise self._refusal(answer)
        if answer.content_type != _JSON:
            raise _malformed("it is not labelled as JSON")
        try:
            return parse_object(answer.body)
        except ValueError as error:
            fault = str(error)
        raise _malformed(f"it is {fault}")

    def _refusal(self, answer: _Answer) -> MintFailed:
        """Return what an error answer means, with as much of its words as may be shown (RFC 6749 section 5.2)."""
        fields: Mapping[str, Any] = {}
        if answer.content_type == _JSON:
            with suppress(ValueError):
                fields = parse_object(answer.body)
        error, description = (
            value if isinstance(value := fields.get(name), str) else "" for name in ("error", "error_description")
        )
        reason = classify(answer.status, error, description, page=answer.content_type == _HTML)
        said = quoted(": ".join(filter(None, (error, description))))
        match reason.code:
            case "assertion_expired" if self._behind_s is not None:
                detail = clock_skew.in_words(self._behind_s)
            case "refused":
                detail = f'it says "{said}"'
            case "refused_without_a_word" | "malformed_answer":
                detail = f"it is HTTP {answer.status}"
            case _:
                detail = ""
        pause_s = _pause_s(answer.retry_after, self._clock.now())
        return MintFailed(reason, detail=detail, said=said, retry_after_s=pause_s)


class _NothingSent(MintFailed):
    """The connection failed before a byte of the request went out: trying again cannot log in twice."""


def _unreachable(detail: str) -> MintFailed:
    return MintFailed(REASONS["unreachable"], detail=detail)


def _malformed(detail: str) -> MintFailed:
    return MintFailed(REASONS["malformed_answer"], detail=detail)


def _kind_of(error: Exception) -> MintFailed:
    from requests import ConnectionError as NoConnection
    from requests import ConnectTimeout, Timeout
    from requests.exceptions import ProxyError, SSLError
    from urllib3.exceptions import NameResolutionError, NewConnectionError

    cause = getattr(error.args[0], "reason", None) if error.args else None
    match error:
        case ConnectTimeout():
            return _NothingSent(REASONS["unreachable"], detail=f"no connection within {CONNECT_S:g} s")
        case ProxyError() if isinstance(getattr(cause, "original_error", None), ConnectionError):
            # The proxy's tunnel stood, as a rule, and the request may be out: never taken for nothing sent.
            return MintFailed(REASONS["no_answer"], detail="the connection through the proxy broke off")
        case ProxyError():
            return _unreachable("the proxy does not let the request through")
        case SSLError():
            return _unreachable("its certificate or its TLS is not accepted")
        case NoConnection() if isinstance(cause, NameResolutionError):
            return _NothingSent(REASONS["unreachable"], detail="its name does not resolve")
        case NoConnection() if isinstance(cause, NewConnectionError):
            return _NothingSent(REASONS["unreachable"], detail="nothing answers at its address")
        case NoConnection() | Timeout():
            return MintFailed(REASONS["no_answer"])
        case _:
            return _malformed("it is not HTTP")


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
        raise _unreachable("its name is read in two ways")
    return request


def _new_session(ca_bundle: str | None) -> "Session":
    from requests import Response, Session
    from requests.adapters import HTTPAdapter

    context = outbound.tls(ca_bundle)

    class OneContext(HTTPAdapter):
        """Parses no authorities of its own, as requests does for each connection."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs, ssl_context=context)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            return super().proxy_manager_for(*args, **kwargs, ssl_context=context)

        def cert_verify(self, conn: Any, *_: Any) -> None:
            conn.cert_reqs = "CERT_REQUIRED"

    class NoRedirects(Session):
        """Sees no redirect in any answer: requests would read its whole body and prepare the next request."""

        def get_redirect_target(self, resp: Response) -> None:
            """Return that there is none."""

    session = NoRedirects()
    session.trust_env = False
    session.mount("https://", OneContext())
    return session


def _pause_s(retry_after: str, now: float) -> float:
    """Return for how many seconds the answer asks for a pause: a number, or a date (RFC 9110 section 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    return max(0.0, clock_skew.behind_s(retry_after, now) or 0.0)
