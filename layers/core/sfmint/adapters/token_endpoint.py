"""Salesforce's token endpoint over HTTPS.

Source: RFC 7523 section 2.1; RFC 6749 section 5; Salesforce Help, "OAuth 2.0 JWT Bearer Flow".
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from socket import gaierror
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sfmint import clock_skew
from sfmint.adapters.http_pool import USER_AGENT, HttpPool
from sfmint.errors import SfmintError
from sfmint.json_object import parse_object
from sfmint.ports import Clock
from sfmint.row.decisions import POST_S
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed, classify
from sfmint_values.budgeted_socket import TooLong
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret
from sfmint_values.strict_answer import Unreadable, read_whole
from sfmint_values.strict_connection import ProxyDenied, StrictConnection

if TYPE_CHECKING:
    from sfmint_values.proxy_login import ProxyLogin

PATH = "/services/oauth2/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CONNECT_S = 2.0
LARGEST_ANSWER = 64 * 1024  # bytes; a real one has two thousand
_OK = 200
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


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
        proxy_login: what the proxy is told of us; None: what its URL says.
    """

    def __init__(
        self, clock: Clock, ca_bundle: str | None, proxy: str | None, proxy_login: "ProxyLogin | None" = None
    ) -> None:
        self._clock = clock
        self._ca_bundle = ca_bundle
        self._proxy = proxy
        self._proxy_login = proxy_login
        # By connection, too: whatever is left on a kept connection is no other Salesforce user's.
        self._pools: dict[tuple[str, str], HttpPool] = {}
        self._behind_s: float | None = None

    def behind_s(self) -> float | None:
        """Return by how many seconds this machine's clock was behind Salesforce's when that last answered."""
        return self._behind_s

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Return the JSON object of a 200 answer, got within `POST_S` by the wall clock."""
        self._behind_s = None
        deadline = self._clock.monotonic() + POST_S
        # What is read of the answer counts too: whatever it holds, the time is up in time.
        return _within(POST_S, lambda: self._granted(self._post(connection, assertion, deadline), assertion))

    def _post(self, connection: Connection, assertion: Secret, deadline: float) -> _Answer:
        pool = self._pool_of(connection)
        try:
            channel = self._connected(pool, deadline)
        except _NothingSent:
            channel = self._connected(pool, deadline)
        try:
            with self._asked(channel, pool.host, connection.token_path + PATH, assertion) as response:
                answer = self._read(response)
        except BaseException:
            channel.close()  # whatever state it is in, nobody should meet it
            raise
        pool.give_back(channel)
        return answer

    def _pool_of(self, connection: Connection) -> HttpPool:
        key = (connection.name, connection.token_origin)
        if key not in self._pools:
            self._pools[key] = HttpPool(
                connection.token_origin, self._ca_bundle, self._clock, longest_answer=LARGEST_ANSWER, proxy=self._proxy
            )
        return self._pools[key]

    def _connected(self, pool: HttpPool, deadline: float) -> StrictConnection:
        """Return a connection; a proxy that refuses what it was told before is told what its secret says by now."""
        if (login := self._proxy_login) is None:
            return self._taken(pool, deadline, None)
        for offer in _offers(login):
            with suppress(_ProxyDenied):
                return self._taken(pool, deadline, offer)
        raise _ProxyDenied(REASONS["proxy_login"])

    def _taken(self, pool: HttpPool, deadline: float, proxy_login: Secret | None) -> StrictConnection:
        left_s = deadline - self._clock.monotonic()
        if left_s <= 0:
            raise _unreachable("no connection in time")
        try:
            channel = pool.take(connect_s=CONNECT_S, within_s=left_s, proxy_login=proxy_login)
        except (OSError, HTTPException, ValueError) as error:
            failed = self._unconnected(error)
        else:
            if self._clock.monotonic() < deadline:
                return channel
            channel.close()
            failed = _unreachable("no connection in time")  # nobody waits any more: a login would be for nothing
        raise failed

    def _unconnected(self, error: Exception) -> LoginFailed:
        match error:
            case ProxyDenied():
                return _ProxyDenied(REASONS["proxy_login"])
            case TimeoutError():
                return _NothingSent(REASONS["unreachable"], detail=f"no connection within {CONNECT_S:g} s")
            case ssl.SSLCertVerificationError():
                return LoginFailed(REASONS["untrusted_tls"])
            case ssl.SSLError() if self._proxy is None:
                return LoginFailed(REASONS["untrusted_tls"])
            case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
                return self._unanswered()
            case _ if self._proxy is not None:
                return _unreachable("the proxy does not let the request through")
            case gaierror() | UnicodeError():
                return _NothingSent(REASONS["unreachable"], detail="its name does not resolve")
            case _:
                return _NothingSent(REASONS["unreachable"], detail="nothing answers at its address")

    def _unanswered(self) -> LoginFailed:
        detail = "" if self._proxy is None else "the connection through the proxy broke off"
        return LoginFailed(REASONS["no_answer"], detail=detail)

    def _asked(self, channel: StrictConnection, host: str, path: str, assertion: Secret) -> HTTPResponse:
        body = urlencode({"grant_type": GRANT_TYPE, "assertion": assertion.reveal()})
        headers = {"Host": host, "User-Agent": USER_AGENT, "Accept": _JSON, "Content-Type": _FORM}
        try:
            channel.request("POST", path, body, headers)
            return channel.getresponse()
        except TimeoutError:
            failed = LoginFailed(REASONS["no_answer"])
        except OSError:
            failed = self._unanswered()
        except HTTPException:
            failed = _malformed("it is not HTTP")
        raise failed

    def _read(self, response: HTTPResponse) -> _Answer:
        self._behind_s = clock_skew.behind_s(response.headers.get("Date", ""), self._clock.now())
        body = _body(response)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise _malformed("it is compressed")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return _Answer(
            status=response.status,
            content_type=content_type,
            retry_after=response.headers.get("Retry-After", ""),
            body=body,
        )

    def _granted(self, answer: _Answer, assertion: Secret) -> Mapping[str, Any]:
        """Return the fields of a token answer, or raise what another answer means."""
        if answer.status != _OK:
            raise self._refusal(answer, assertion)
        if answer.content_type != _JSON:
            raise _malformed("it is not labelled as JSON")
        try:
            fields = parse_object(answer.body)
        except ValueError as error:
            failed = _malformed(f"it is {error}")
        else:
            if "error" not in fields or "access_token" in fields:
                return fields
            failed = self._refusal(answer, assertion)
        raise failed

    def _refusal(self, answer: _Answer, assertion: Secret) -> LoginFailed:
        """Return what an error answer means, with as much of its words as may be shown (RFC 6749 section 5.2)."""
        from sfmint.salesforce.login_failures.reading import is_page, said  # who gets a token needs none of it
        from sfmint_values.redaction import redacted

        text = answer.body.decode("utf-8-sig", errors="replace")
        page = is_page(answer.content_type, text)
        error, description = ("", "") if page else said(text)
        reason = classify(answer.status, error, description, page=page)
        quotation = redacted(": ".join(filter(None, (error, description))), sent=(assertion,))
        if reason.code == "assertion_expired" and self._behind_s is not None:
            detail = clock_skew.in_words(self._behind_s)
        elif reason.quoted:
            detail = f'it says "{quotation}"'
        elif reason.code in {"refused_without_a_word", "malformed_answer"}:
            detail = f"it is HTTP {answer.status}"
        else:
            detail = ""
        pause_s = _pause_s(answer.retry_after, self._clock.now())
        return LoginFailed(reason, detail=detail, said=quotation, retry_after_s=pause_s)


class _NothingSent(LoginFailed):
    """The connection failed before a byte of the request went out: trying again cannot log in twice."""


class _ProxyDenied(LoginFailed):
    """The proxy wants another user or password; nothing was sent to Salesforce."""


def _offers(login: "ProxyLogin") -> Iterator[Secret]:
    """Yield what a proxy may be told, or raise why that is unknown."""
    try:
        yield from login.offers()
    except SfmintError as error:
        failed = _unreachable(f"the user and the password of its proxy are unknown ({error.cause.removesuffix('.')})")
    else:
        return
    raise failed


def _unreachable(detail: str) -> LoginFailed:
    return LoginFailed(REASONS["unreachable"], detail=detail)


def _malformed(detail: str) -> LoginFailed:
    return LoginFailed(REASONS["malformed_answer"], detail=detail)


def _body(response: HTTPResponse) -> bytes:
    try:
        return read_whole(response, LARGEST_ANSWER)
    except TimeoutError:
        failed = LoginFailed(REASONS["no_answer"])
    except TooLong:
        failed = _malformed(f"it is longer than {LARGEST_ANSWER // 1024} KiB")
    except Unreadable:
        failed = _malformed("it is not HTTP")
    except (HTTPException, OSError):
        failed = LoginFailed(REASONS["no_answer"], detail="it broke off")
    raise failed  # without a context: what was raised may hold a piece of the token


def _within[Result](seconds: float, call: Callable[[], Result]) -> Result:
    """Return what the call returns, or raise what it raises; once the time is up, `LoginFailed`.

    The connection has the same time and ends with it, and so does the call. Only the look-up of a name has no bound but
    its own: the call then goes on beside us until that returns, and sends nothing.
    """
    outcomes: SimpleQueue[Result | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            outcomes.put(call())
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits, a panic of an extension too
            outcomes.put(error)

    Thread(target=run, daemon=True, name="token-endpoint").start()
    outcome: Result | BaseException = LoginFailed(REASONS["no_answer"])
    with suppress(Empty):
        outcome = outcomes.get(timeout=seconds)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _pause_s(retry_after: Foreign, now: float) -> float:
    """Return for how many seconds the answer asks for a pause: a number, or a date (RFC 9110 section 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    return max(0.0, clock_skew.behind_s(retry_after, now) or 0.0)
