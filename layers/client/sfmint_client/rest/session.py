"""The HTTP session of REST requests: TLS always verified, and nothing taken from the environment."""

import ssl
from collections.abc import Callable
from functools import partial
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from certifi import where
from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from sfmint_client.rest.request import LARGEST_MAX_BYTES
from sfmint_values.budgeted_socket import BudgetedSocket, client_context, open_socket
from sfmint_values.proxy_login import HEADER, ProxyLogin
from sfmint_values.secret import Secret
from sfmint_values.strict_connection import ProxyDenied, StrictConnection
from sfmint_values.system import SystemClock

CONNECT_S = 3.0  # for the host, the proxy and TLS together

_CLOCK = SystemClock()


class NotConnected(Exception):  # noqa: N818 - what happened; no OSError, which urllib3 would take for one of its own
    """No connection was made: not a byte of the request was sent.

    Args:
        untrusted: no authority vouches for the host.
        proxy_denies: the proxy wants a user and a password, or others.
    """

    def __init__(self, *, untrusted: bool = False, proxy_denies: bool = False) -> None:
        super().__init__(untrusted, proxy_denies)
        self.untrusted = untrusted
        self.proxy_denies = proxy_denies


def https_session(*, ca_bundle: str | None = None, proxy: str | None = None) -> Session:
    """Return a session that keeps connections and nothing else: no cookies, no netrc, no proxies but the one named.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
        proxy: URL of a proxy, or None.
    """
    return session_maker(ca_bundle=ca_bundle, proxy=proxy)()


def session_maker(
    *, ca_bundle: str | None = None, proxy: str | None = None, proxy_login: ProxyLogin | None = None
) -> Callable[[], Session]:
    """Return what makes sessions as `https_session` does; they share the parsed authorities and no connection.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
        proxy: URL of a proxy, or None.
        proxy_login: what the proxy is told of us; what it raises goes through. None: what the proxy's URL says.
    """
    context = client_context(cafile=ca_bundle or where())
    return lambda: _session(context, proxy, proxy_login)


def _session(context: ssl.SSLContext, proxy: str | None, proxy_login: ProxyLogin | None) -> Session:
    session = _NoRedirects()
    session.trust_env = False
    session.proxies = {"https": proxy} if proxy else {}
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # one connection's are not another's
    session.headers.update({"User-Agent": "sfmint", "Accept-Encoding": "identity"})
    session.mount("https://", _OneContext(context, proxy_login))
    return session


class _NoRedirects(Session):
    """Sees no redirect in any answer: requests would read its whole body and prepare the next request."""

    def get_redirect_target(self, resp: Response) -> None:
        """Return that there is none."""


class _OneContext(HTTPAdapter):
    """Parses the authorities once for the session, not once a connection (15 ms)."""

    def __init__(self, context: ssl.SSLContext, proxy_login: ProxyLogin | None) -> None:
        self._context = context
        self._proxy_login = proxy_login
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs, ssl_context=self._context)
        manager.pool_classes_by_scheme = {"https": partial(_Pool, proxy_login=self._proxy_login)}
        return manager

    def cert_verify(self, conn: Any, *_: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class _Connection(StrictConnection, HTTPSConnection):
    """Tells what happened before the request from what happened to it, and has patience for each of its own."""

    @property
    def is_connected(self) -> bool:
        """Whether the next request may be sent here; the pool asks before it takes a kept connection."""
        return self.is_clean()

    def connect(self) -> None:
        began, patience_s = _CLOCK.monotonic(), self.timeout
        self.timeout = CONNECT_S if patience_s is None else min(CONNECT_S, patience_s)
        try:
            super().connect()
        except (OSError, HTTPError, HTTPException) as error:
            raise NotConnected(
                untrusted=isinstance(error, ssl.SSLCertVerificationError), proxy_denies=isinstance(error, ProxyDenied)
            ) from None
        # The request is sent with this one: urllib3 sets it anew before it does.
        self.timeout = patience_s and max(0.001, patience_s - (_CLOCK.monotonic() - began))

    def _new_conn(self) -> BudgetedSocket:
        return open_socket((self._dns_host, self.port), self.timeout or CONNECT_S)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        """Return the answer, whose body is put together below: urllib3 would read chunks in its own way."""
        self.allow(LARGEST_MAX_BYTES)
        response = super().getresponse()
        response.chunked = False
        return response


class _Pool(HTTPSConnectionPool):
    """Connections to one host; a proxy that refuses what it was told before is told what its secret says by now."""

    ConnectionCls = _Connection

    def __init__(self, *args: Any, proxy_login: ProxyLogin | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._proxy_login = proxy_login

    def _prepare_proxy(self, conn: Any) -> None:
        if (login := self._proxy_login) is None:
            return super()._prepare_proxy(conn)
        for offer in login.offers():
            try:
                return self._tunnel(conn, offer)
            except NotConnected as error:
                if not error.proxy_denies:
                    raise
        raise NotConnected(proxy_denies=True)

    def _tunnel(self, conn: Any, login: Secret) -> None:
        conn.set_tunnel(scheme="http", host=self._tunnel_host, port=self.port, headers={HEADER: login.reveal()})
        conn.connect()
