"""One embedded org for one fault of its token endpoint, over real TLS, in threads of this process."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sfmint_local.faults.endpoint_fault import EndpointFault
from sfmint_local.faults.proxy import running_proxy
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.server import running_org
from sfmint_local.org.values import App, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A running org with its one app.

    Attributes:
        control: arranges the org.
        app: what all connections log in to.
        token_host: what their secrets name.
        reached: requests get to the org.
        proxy: URL of the proxy on the way, or None.
    """

    control: OrgControl
    app: App
    token_host: str
    reached: bool
    proxy: str | None

    @property
    def requests(self) -> int:
        """How many requests its token endpoint has got."""
        return self.control.counters().token_requests

    def admit(self, username: str) -> None:
        """Let a new user log in."""
        self.control.put_user(User(username=username))
        self.control.approve(self.app.consumer_key, username)


@contextmanager
def tenancy(folder: Path, certificate: str, fault: EndpointFault | None) -> Iterator[Tenant]:
    """Run an org for as long as the block lasts.

    Args:
        folder: for its files.
        certificate: of the key that every connection has, PEM.
        fault: meets every request of its token endpoint; None: none does.
    """
    with ExitStack() as ending:
        announcement = ending.enter_context(running_org(state=folder, clock=time.time, log=_unsaid))
        control = ending.enter_context(OrgControl(announcement))
        app = control.put_app(App(certificate=certificate))
        told = None if fault is None else fault.at_the_org()
        if told is not None:
            control.add_fault(told)
        reached = fault is None or told is not None
        answer = None if fault is None else fault.proxy
        proxy = None if answer is None else ending.enter_context(running_proxy(answer))
        listens = reached or proxy is not None
        token_host = control.url if listens else f"https://localhost:{ending.enter_context(_deaf_port())}"
        yield Tenant(control=control, app=app, token_host=token_host, reached=reached, proxy=proxy)


@contextmanager
def _deaf_port() -> Iterator[int]:
    """Keep a port at which nothing listens: whoever connects is refused."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        port: int = deaf.getsockname()[1]
        yield port


def _unsaid(_line: str) -> None:
    pass
