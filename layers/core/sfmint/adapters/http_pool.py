"""Connections that leave a function: kept while they stand still, used by one at a time."""

import os.path
import ssl
from base64 import b64encode
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from importlib.util import find_spec
from select import POLLIN, poll
from urllib.parse import SplitResult, unquote, urlsplit
from weakref import finalize

from sfmint.ports import Clock

USER_AGENT = "sfmint"  # for CloudTrail, and for proxies that ask for one
IDLE_S = 60.0  # a NAT forgets a quiet connection without a word: do not send a request into it
_PROXY_PORT = 80


class HttpPool:
    """HTTP connections to one place.

    Args:
        url: scheme, host and port.
        ca_bundle: path of the authorities to trust; None: certifi's.
        clock: tells idle connections.
        proxy: URL of an HTTP proxy, which opens a tunnel, or None.

    Attributes:
        host: with the port, if that is not the scheme's own; what stands in the header.
    """

    def __init__(self, url: str, ca_bundle: str | None, clock: Clock, proxy: str | None = None) -> None:
        self._idle: list[tuple[HTTPConnection, float]] = []  # and since when
        finalize(self, _close, self._idle)
        self._clock = clock
        self._place = urlsplit(url)
        self._proxy = urlsplit(proxy) if proxy is not None else None
        self.host = self._place.netloc
        # Now: while a function starts it has more of a processor than ever after.
        self._context = tls(ca_bundle) if self._place.scheme == "https" else None

    def take(self, *, connect_s: float, read_s: float) -> HTTPConnection:
        """Return a connection that stands; whoever takes it has it alone, and closes it or gives it back.

        Args:
            connect_s: the longest that connecting to an address may take, in seconds; and then the handshake.
            read_s: the longest silence while it is read or written.

        Raises:
            OSError: there is none; of a proxy's answer also HTTPException, of a name also ValueError. Nothing of a request
                has been sent.
        """
        connection = self._kept()
        if connection is None:
            connection = self._new()
            connection.timeout = connect_s
            try:
                connection.connect()
            except BaseException:
                connection.close()
                raise
        connection.sock.settimeout(read_s)
        return connection

    def give_back(self, connection: HTTPConnection) -> None:
        """Keep a connection whose answer was read to its end, if the other side has not asked to close it."""
        if connection.sock is not None:
            self._idle.append((connection, self._clock.monotonic()))

    def _new(self) -> HTTPConnection:
        if self._context is None:
            return HTTPConnection(self.host)
        if self._proxy is None:
            return HTTPSConnection(self.host, context=self._context)
        return _tunnel(self._place, self._proxy, self._context)

    def _kept(self) -> HTTPConnection | None:
        with suppress(IndexError):  # none is left: another thread may have taken the last one just now
            while True:
                connection, since = self._idle.pop()
                if self._clock.monotonic() - since <= IDLE_S and not _has_ended(connection):
                    return connection
                connection.close()
        return None


@cache
def tls(ca_bundle: str | None) -> ssl.SSLContext:
    """Return the one context of TLS 1.2 and later; to parse the authorities anew for each connection takes 17 ms.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
    """
    context = ssl.create_default_context(cafile=ca_bundle) if ca_bundle else _trusting_certifi()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _trusting_certifi() -> ssl.SSLContext:
    """Return a context with certifi's authorities; to import it for its path takes twice as long as to parse them."""
    found = find_spec("certifi")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("certifi")
    certifi = found.origin.removesuffix("__init__.py")
    # Made by tools/lean.py of the same authorities: OpenSSL finds there by name the one that a handshake asks for.
    folder = f"{certifi}authorities"
    if os.path.isdir(folder):  # noqa: PTH112 - pathlib is not imported for this
        return ssl.create_default_context(capath=folder)
    return ssl.create_default_context(cafile=f"{certifi}cacert.pem")


def _tunnel(place: SplitResult, proxy: SplitResult, context: ssl.SSLContext) -> HTTPConnection:
    connection = HTTPSConnection(proxy.hostname or "", proxy.port or _PROXY_PORT, context=context)
    known = {}
    if proxy.username:  # of a person's own proxy; the template takes none
        name = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        known["Proxy-Authorization"] = f"Basic {b64encode(name.encode()).decode()}"
    connection.set_tunnel(place.hostname or "", place.port or HTTPSConnection.default_port, known)
    return connection


def _close(idle: list[tuple[HTTPConnection, float]]) -> None:
    for connection, _ in idle:
        connection.close()


def _has_ended(connection: HTTPConnection) -> bool:
    """Return whether something arrives on a quiet connection: its end, as a rule."""
    looking = poll()
    looking.register(connection.sock, POLLIN)
    return bool(looking.poll(0))
