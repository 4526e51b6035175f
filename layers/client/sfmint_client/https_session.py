"""The HTTP session of REST requests: TLS always verified, and nothing taken from the environment."""

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from certifi import where
from requests import Response, Session
from requests.adapters import HTTPAdapter


def https_session(*, ca_bundle: str | None = None, proxy: str | None = None) -> Session:
    """Return a session that keeps connections and nothing else: no cookies, no netrc, no proxies but the one named.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
        proxy: URL of a proxy, or None.
    """
    context = ssl.create_default_context(cafile=ca_bundle or where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
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

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, **kwargs, ssl_context=self._context)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"
