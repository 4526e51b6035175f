"""The HTTP session of REST requests: TLS always verified, and nothing taken from the environment."""

import ssl
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from certifi import where
from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from sfmint_values.system import SystemClock

CONNECT_S = 3.0  # for the host, for the proxy, for TLS

_CLOCK = SystemClock()


class NotConnected(Exception):  # noqa: N818 - what happened; no OSError, which urllib3 would take for one of its own
    """No connection was made: not a byte of the request was sent.

    Args:
        untrusted: no authority vouches for the host.
    """

    def __init__(self, *, untrusted: bool) -> None:
        super().__init__(untrusted)
        self.untrusted = untrusted


def https_session(*, ca_bundle: str | None = None, proxy: str | None = None) -> Session:
    """Return a session that keeps connections and nothing else: no cookies, no netrc, no proxies but the one named.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
        proxy: URL of a proxy, or None.
    """
    context = ssl.create_default_context(cafile=ca_bundle or where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _OneTime
    session = _NoRedirects()
    session.trust_env = False
    session.proxies = {"https": proxy} if proxy else {}
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # one connection's are not another's
    session.headers.update({"User-Agent": "sfmint", "Accept-Encoding": "identity"})
    session.mount("https://", _OneContext(context))
    return session


class _NoRedirects(Session):
    """Sees no redirect in any answer: requests would read its whole body and prepare the next request."""

    def get_redirect_target(self, resp: Response) -> None:
        """Return that there is none."""


class _OneContext(HTTPAdapter):
    """Parses the authorities once for the session, not once a connection (15 ms)."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs, ssl_context=self._context)
        manager.pool_classes_by_scheme = {"https": _Pool}
        return manager

    def cert_verify(self, conn: Any, *_: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class _OneTime(ssl.SSLSocket):
    """Takes a time-out for the time that all that follows may take together: who drips gains nothing by it."""

    _ends_at: float | None = None

    def settimeout(self, value: float | None) -> None:
        self._ends_at = None if value is None else _CLOCK.monotonic() + value
        super().settimeout(value)

    def send(self, *args: Any) -> int:
        self._hurry()
        return super().send(*args)

    def recv_into(self, *args: Any) -> int:
        self._hurry()
        return super().recv_into(*args)

    def _hurry(self) -> None:
        if self._ends_at is not None:
            left_s = self._ends_at - _CLOCK.monotonic()
            if left_s <= 0:
                raise TimeoutError
            super().settimeout(left_s)


class _Connection(HTTPSConnection):
    """Tells what happened before the request from what happened to it, and has patience for each of its own."""

    def connect(self) -> None:
        began, patience_s = _CLOCK.monotonic(), self.timeout
        self.timeout = CONNECT_S if patience_s is None else min(CONNECT_S, patience_s)
        try:
            super().connect()
        except (OSError, HTTPError, HTTPException) as error:
            raise NotConnected(untrusted=isinstance(error, ssl.SSLCertVerificationError)) from None
        # The request is sent with this one: urllib3 sets it anew before it does.
        self.timeout = patience_s and max(0.001, patience_s - (_CLOCK.monotonic() - began))


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection
