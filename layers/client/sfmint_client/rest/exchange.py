"""One REST request over the wire, once: what came back, or why nothing did and whether it may be sent again."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlencode

from requests import PreparedRequest, Request, RequestException, Response, Session
from requests.exceptions import Timeout as TimedOut
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout, Url, parse_url

from sfmint_client.access_token import AccessToken, TokenProvider
from sfmint_client.auth import LONGEST_REFUSAL, SalesforceAuth
from sfmint_client.errors import (
    InvalidCredentials,
    RequestNotAllowed,
    SalesforceForbidden,
    SalesforceUnavailable,
    SfmintError,
)
from sfmint_client.rest.answer import RestAnswer, media_type, too_large
from sfmint_client.rest.any_type import asks_for_pages, is_file, is_own_code, page_refused
from sfmint_client.rest.head_length import check_head
from sfmint_client.rest.path import checked_origin, listed_origin
from sfmint_client.rest.refusals.meaning import Again
from sfmint_client.rest.refusals.refusal import UNSURE, Refusal
from sfmint_client.rest.request import RestRequest
from sfmint_client.rest.session import NotConnected
from sfmint_client.rest.silence import check_silence
from sfmint_values.budgeted_socket import IDLE_S
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret, fingerprint_of
from sfmint_values.system import Clock

LEAST_S = 1.0  # with less left of the time nothing is begun
READ_S = 120.0  # Salesforce ends a query after that long
_CHUNK = 64 * 1024
_SECONDS = re.compile(r"[0-9]{1,6}")  # Retry-After may also name a date, which no clock here is trusted to tell
_PROXY_DENIES = (
    "The proxy asks for a user and a password, or for others than it was given (HTTP 407), so nothing was sent. Give them:"
    " in a stack in the secret that the parameter HttpsProxySecretArn names, elsewhere in the proxy's URL."
)
_JSON, _HTML = "application/json", "text/html"
_NOT_MODIFIED, _UNAUTHORISED = 304, 401


class Failed(Exception):  # noqa: N818 - what happened
    """One sending came to nothing.

    Args:
        error: what the caller meets if it is not sent again.
        again: when it may be.
        retry_after_s: how long Salesforce asks to wait, in seconds.
    """

    def __init__(self, error: SfmintError, again: Again, retry_after_s: float | None = None) -> None:
        super().__init__(type(error).__name__)
        self.error = error
        self.again = again
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What telemetry may know of an answer.

    Attributes:
        status_code: Salesforce's.
        fingerprint: of the token that was sent.
        error_code: Salesforce's `errorCode`, or empty.
    """

    status_code: int
    fingerprint: str
    error_code: str = ""


type Observer = Callable[[Sighting], None]


class _Until(Timeout):
    """What is left of the time whenever somebody asks, and so for the sending after a dead token too."""

    def __init__(self, deadline: float, clock: Clock) -> None:
        super().__init__()
        self._deadline = deadline
        self._clock = clock

    def clone(self) -> Self:
        return self

    def start_connect(self) -> float:
        return self._clock.monotonic()

    @property
    def connect_timeout(self) -> float:
        return self.read_timeout

    @property
    def read_timeout(self) -> float:
        return min(READ_S, max(0.001, self._deadline - self._clock.monotonic()))


@dataclass(frozen=True, slots=True)
class _InTime:
    """Asks for a token, and lets it be used, only with time left for what follows."""

    tokens: TokenProvider
    deadline: float
    clock: Clock

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        self._check()
        token = self.tokens.get_token(min_ttl=min_ttl, rejected=rejected)
        self._check()
        return token

    def _check(self) -> None:
        if self.deadline - self.clock.monotonic() < LEAST_S:
            error = SalesforceUnavailable(
                "The time is too short to send the request, so it was not carried out. Call again, or give it more time."
            )
            raise Failed(error, Again.NEVER)


class Exchange:
    """Sends requests with the connection's token, to the token's own host only.

    Args:
        tokens: where tokens come from.
        session: see `https_session`.
        listed: hosts beside Salesforce's own, `host` or `host:port`.
        clock: time.
    """

    def __init__(self, tokens: TokenProvider, session: Session, listed: frozenset[str], clock: Clock) -> None:
        self._tokens = tokens
        self._session = session
        self._listed = listed
        self._clock = clock
        self._used_at = 0.0

    def once(self, request: RestRequest, *, deadline: float, observe: Observer) -> RestAnswer:
        """Send a request once; a dead token is replaced, once, for which the request is sent a second time.

        Args:
            request: what to send.
            deadline: instant of the monotonic clock.
            observe: is told of the answer.

        Raises:
            Failed: no answer came, or it is a refusal.
            AnswerTooLarge: the answer is longer than the request wants.
            AnswerHoldsToken: the answer repeats the token.
            SfmintError: there is no token, or the request may not be sent.
        """
        prepared = self._prepare(request, _InTime(self._tokens, deadline, self._clock))
        with self._send(request, prepared, deadline) as response:
            tokens = [_token_of(each) for each in (response, *response.history)]
            token, fingerprint = tokens[0], fingerprint_of(tokens[0].reveal())
            if _is_answer(response.status_code):
                observe(Sighting(status_code=response.status_code, fingerprint=fingerprint))
                answer, content = self._answer(request, response, deadline)
                check_silence(request, answer, content, tokens)
                return answer
            content = self._read(request, response, LONGEST_REFUSAL, deadline)
        is_json = media_type(response.headers.get("Content-Type", "")) == _JSON
        refusal = Refusal.read(response.status_code, content, is_json=is_json, token=token)
        observe(Sighting(status_code=refusal.status_code, fingerprint=fingerprint, error_code=refusal.code))
        if refusal.status_code == _UNAUTHORISED and not request.is_whole and not response.history:
            raise _refused_by_own_code(request, refusal)
        raise _refused(request, refusal, response.headers.get("Retry-After", ""))

    def _prepare(self, request: RestRequest, tokens: TokenProvider) -> PreparedRequest:
        token = tokens.get_token()
        origin = checked_origin(token.instance_url, self._listed)
        if request.host:
            origin = listed_origin(request.host, token.hosts)
        query = urlencode(request.query, quote_via=quote) or None
        prepared = self._session.prepare_request(
            Request(
                request.method,
                origin + request.path + (f"?{query}" if query else ""),
                headers={"Accept": _JSON} | dict(request.headers),
                data=request.body,
                auth=SalesforceAuth(tokens),
            )
        )
        host = parse_url(origin)
        meant = Url(scheme="https", host=host.host, port=host.port, path=request.path, query=query)
        # What will be sent must be what was checked: compared in the eyes of the one who sends it.
        if parse_url(prepared.url or "") != meant:
            raise RequestNotAllowed("The request would change on its way to the wire. Spell path and query plainly.")
        check_head(prepared)
        return prepared

    def _send(self, request: RestRequest, prepared: PreparedRequest, deadline: float) -> Response:
        if self._clock.monotonic() - self._used_at > IDLE_S:
            self._session.close()
        try:
            return self._session.send(
                prepared,
                stream=True,
                timeout=_Until(deadline, self._clock),  # type: ignore[arg-type]  # the adapter takes urllib3's own
                allow_redirects=False,
            )
        except NotConnected as error:
            failed = _not_connected(error)
        except RequestException as error:
            # The exception carries the request with the token in it: only its kind goes on.
            how = "in time" if isinstance(error, TimedOut) else "to its end"
            failed = Failed(_no_answer(request, how), Again.IF_REPEATABLE)
        finally:
            self._used_at = self._clock.monotonic()
        raise failed

    def _answer(self, request: RestRequest, response: Response, deadline: float) -> tuple[RestAnswer, bytes]:
        content = self._read(request, response, request.max_bytes + 1, deadline)
        if len(content) > request.max_bytes:
            raise too_large(request)
        kind = media_type(response.headers.get("Content-Type", ""))
        is_page = bool(content) and kind == _HTML and not asks_for_pages(request)
        is_any = is_own_code(request.path) or is_file(request.path)
        if is_page and is_own_code(request.path):
            raise Failed(page_refused(request, response.status_code), Again.NEVER)
        # A page that nobody asked for is what Salesforce shows during maintenance.
        if not is_page or is_any:
            with suppress(ValueError):
                return RestAnswer.read(response.status_code, response.headers, content, is_any=is_any), content
        raise Failed(_malformed(request), Again.IF_REPEATABLE)

    def _read(self, request: RestRequest, response: Response, most: int, deadline: float) -> bytes:
        """Return the body, or as much of it as is wanted."""
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise Failed(_malformed(request), Again.NEVER)
        content = bytearray()
        try:
            # One read at a time, so that an answer that comes drop by drop ends at the deadline too.
            while len(content) < most and (piece := response.raw.read1(min(_CHUNK, most - len(content)))):
                content.extend(piece)
                if self._clock.monotonic() > deadline:
                    raise Failed(_no_answer(request, "in time"), Again.NEVER)
        except (HTTPError, OSError):
            raise Failed(_no_answer(request, "to its end"), Again.IF_REPEATABLE) from None
        return bytes(content)


def _token_of(response: Response) -> Secret:
    return Secret(str(response.request.headers["Authorization"]).removeprefix("Bearer "))


def _is_answer(status_code: int) -> bool:
    return 200 <= status_code < 300 or status_code == _NOT_MODIFIED  # noqa: PLR2004 - RFC 9110 section 15.3


def _refused(request: RestRequest, refusal: Refusal, retry_after: Foreign) -> Failed:
    retry_after_s = float(retry_after) if _SECONDS.fullmatch(retry_after) else None
    again = refusal.meaning.again
    if again is Again.ALWAYS and not request.is_whole:
        again = Again.IF_REPEATABLE
    unsure = again is Again.IF_REPEATABLE and not request.is_repeatable
    return Failed(refusal.to_error(unsure=unsure, retry_after_s=retry_after_s), again, retry_after_s)


def _refused_by_own_code(request: RestRequest, refusal: Refusal) -> Failed:
    """Return why a 401 of Apex REST ends here: the token was not refused elsewhere, or nobody knows what was done before."""
    remedy = (
        "It may be the answer of the org's own code: show its author this text." if request.is_repeatable else UNSURE
    )
    return Failed(SalesforceForbidden(f"Salesforce answered {refusal.quoted}. {remedy}"), Again.NEVER)


def _not_connected(error: NotConnected) -> Failed:
    if error.proxy_denies:
        return Failed(InvalidCredentials(_PROXY_DENIES), Again.NEVER)
    if error.untrusted:
        return Failed(_unreachable("shows a certificate that cannot be trusted"), Again.NEVER)
    return Failed(_unreachable("does not take connections"), Again.ALWAYS)


def _unreachable(how: str) -> SalesforceUnavailable:
    return SalesforceUnavailable(
        f"Salesforce's host {how}, so nothing was sent. Look at the way out: subnets, proxy, firewall; behind a proxy"
        " that opens TLS, SSL_CERT_FILE must name its authority."
    )


def _no_answer(request: RestRequest, how: str) -> SalesforceUnavailable:
    return SalesforceUnavailable(f"Salesforce did not answer {how}. {_next_step(request)}")


def _malformed(request: RestRequest) -> SalesforceUnavailable:
    return SalesforceUnavailable(f"Salesforce's answer is not what it calls itself. {_next_step(request)}")


def _next_step(request: RestRequest) -> str:
    return "Call again later." if request.is_repeatable else UNSURE
