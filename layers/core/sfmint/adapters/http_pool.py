"""Connections that leave a function: kept while they stand still, used by one at a time."""

import os.path
import ssl
from contextlib import suppress
from functools import cache
from http.client import HTTPSConnection
from importlib.util import find_spec
from urllib.parse import SplitResult, unquote, urlsplit
from weakref import finalize

from sfmint.ports import Clock
from sfmint_values.budgeted_socket import IDLE_S, client_context
from sfmint_values.secret import Secret
from sfmint_values.strict_connection import StrictConnection

USER_AGENT = "sfmint"  # for CloudTrail, and for proxies that ask for one
_PROXY_PORT = 80


class HttpPool:
    """HTTP connections to one place.

    Args:
        url: scheme, host and port.
        ca_bundle: path of the authorities to trust; None: certifi's.
        clock: tells idle connections, and what is left of the time.
        longest_answer: how many bytes the body of an answer may have.
        proxy: URL of an HTTP proxy, which opens a tunnel, or None.

    Attributes:
        host: with the port, if that is not the scheme's own; what stands in the header.
    """

    def __init__(
        self, url: str, ca_bundle: str | None, clock: Clock, *, longest_answer: int, proxy: str | None = None
    ) -> None:
        self._idle: list[tuple[StrictConnection, float]] = []  # and since when
        finalize(self, _close, self._idle)
        self._clock = clock
        self._longest_answer = longest_answer
        self._place = urlsplit(url)
        self._proxy = urlsplit(proxy) if proxy is not None else None
        self.host = self._place.netloc
        # Now: while a function starts it has more of a processor than ever after.
        self._context = tls(ca_bundle) if self._place.scheme == "https" else None

    def take(self, *, connect_s: float, within_s: float, proxy_login: Secret | None = None) -> StrictConnection:
        """Return a connection that stands; whoever takes it has it alone, and closes it or gives it back.

        Args:
            connect_s: the longest that connecting may take, in seconds: all addresses, the proxy's tunnel and the handshake.
            within_s: the longest that the whole exchange may take, connecting included. After it nothing more is sent or read.
            proxy_login: what the proxy is told of us (`Proxy-Authorization`), if a tunnel has to be opened.

        Raises:
            OSError: there is none, `ProxyDenied` where the proxy wants another login; of a proxy's answer also HTTPException, of a name also ValueError. Nothing of a request
                has been sent.
        """
        ends_at = self._clock.monotonic() + within_s
        connection = self._kept()
        if connection is None:
            connection = self._new(proxy_login)
            connection.timeout = min(connect_s, within_s)
            try:
                connection.connect()
            except BaseException:
                connection.close()
                raise
        connection.sock.settimeout(ends_at - self._clock.monotonic())
        connection.allow(self._longest_answer)
        return connection

    def give_back(self, connection: StrictConnection) -> None:
        """Keep a connection whose answer has ended and left nothing behind, and close any other."""
        if connection.is_clean():
            self._idle.append((connection, self._clock.monotonic()))
        else:
            connection.close()

    def _new(self, proxy_login: Secret | None) -> StrictConnection:
        if self._context is None:
            return StrictConnection(self.host)
        if self._proxy is None:
            return _Https(self.host, context=self._context)
        return _tunnel(self._place, self._proxy, self._context, proxy_login)

    def _kept(self) -> StrictConnection | None:
        with suppress(IndexError):  # none is left: another thread may have taken the last one just now
            while True:
                connection, since = self._idle.pop()
                if self._clock.monotonic() - since <= IDLE_S and connection.is_clean():
                    return connection
                connection.close()
        return None


class _Https(StrictConnection, HTTPSConnection):
    """The same over TLS."""


@cache
def tls(ca_bundle: str | None) -> ssl.SSLContext:
    """Return the one context of TLS 1.2 and later; to parse the authorities anew for each connection takes 17 ms.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
    """
    return client_context(cafile=ca_bundle) if ca_bundle else _trusting_certifi()


def _trusting_certifi() -> ssl.SSLContext:
    """Return a context with certifi's authorities; to import it for its path takes twice as long as to parse them."""
    found = find_spec("certifi")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("certifi")
    certifi = found.origin.removesuffix("__init__.py")
    # Made by tools/lean.py of the same authorities: OpenSSL finds there by name the one that a handshake asks for.
    folder = f"{certifi}authorities"
    if os.path.isdir(folder):  # noqa: PTH112 - pathlib is not imported for this
        return client_context(capath=folder)
    return client_context(cafile=f"{certifi}cacert.pem")


def _tunnel(place: SplitResult, proxy: SplitResult, context: ssl.SSLContext, login: Secret | None) -> StrictConnection:
    connection = _Https(proxy.hostname or "", proxy.port or _PROXY_PORT, context=context)
    if proxy.username:  # of a person's own proxy; the template takes none
        from sfmint_values.proxy_login import basic

        login = basic(unquote(proxy.username), unquote(proxy.password or ""))
    known = {} if login is None else {"Proxy-Authorization": login.reveal()}
    connection.set_tunnel(place.hostname or "", place.port or HTTPSConnection.default_port, known)
    return connection


def _close(idle: list[tuple[StrictConnection, float]]) -> None:
    for connection, _ in idle:
        connection.close()
