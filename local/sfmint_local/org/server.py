"""The server: TLS on 127.0.0.1, a thread for each connection, HTTP/1.1 that keeps connections open."""

import secrets
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from sfmint_local.org.announcement import Announcement
from sfmint_local.org.application import Log, Org
from sfmint_local.org.store import Clock, Store
from sfmint_local.org.tls import server_context
from sfmint_local.org.wire import AnswerSent
from sfmint_local.server_thread import in_a_thread

_BACKLOG = 512


class _Handler(WSGIRequestHandler):
    """Serves one connection. Werkzeug's own handler closes it after each request."""

    protocol_version = "HTTP/1.1"
    timeout = 120  # seconds without a byte
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request; the application has read its whole body."""
        with suppress(AnswerSent):
            self._send(*run_wsgi_app(self.server.app, self.make_environ()))

    def _send(self, body: Iterable[bytes], status: str, headers: Headers) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response_only(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        if "Content-Length" not in headers and code != "204":
            self.close_connection = True
        self.end_headers()
        for piece in body:
            self.wfile.write(piece)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the application logs."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Log the cause of a broken connection, but not the request line that may stand in it."""
        self.server.log("error", "connection broken off: %s", args[0] if args else format)


class OrgServer(ThreadedWSGIServer):
    """An org that listens. `serve_forever` answers until it is shut down or interrupted.

    Args:
        state: the directory for ``ca.pem`` and ``org.json``.
        port: 0 takes a free one.
        clock: epoch seconds.
        log: takes the log's lines.

    Raises:
        OSError: the port is taken, or the directory cannot be written.
    """

    daemon_threads = True

    def __init__(self, *, state: Path, port: int, clock: Clock, log: Log) -> None:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        ca = (state / "ca.pem").resolve()
        context = server_context(ca)
        with socket.create_server(("127.0.0.1", port), backlog=_BACKLOG) as listener:
            origin = f"https://localhost:{listener.getsockname()[1]}"
            control_token = secrets.token_urlsafe(32)
            self._log = log
            self._state = state
            self.org = Org(origin=origin, store=Store(clock=clock, origin=origin), control_token=control_token, log=log)
            super().__init__("127.0.0.1", port, self.org, _Handler, fd=listener.fileno())
        self.ssl_context = self._context = context
        self.announcement = Announcement(url=origin, ca=str(ca), control_token=control_token)
        self.announcement.write(state)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a connection. Its handshake is left to its own thread: here a slow client would block everyone."""
        connection, address = super().get_request()
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Log what the server itself has to say."""
        self._log(f"{type} {message % args}")

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Answer until shut down or interrupted, then withdraws the announcement."""
        try:
            super().serve_forever(poll_interval)
        finally:
            self.org.close()
            Announcement.withdraw(self._state)


@contextmanager
def running_org(*, state: Path, clock: Clock, log: Log, port: int = 0) -> Iterator[Announcement]:
    """Run an org in a thread of this process for as long as the block lasts."""
    server = OrgServer(state=state, port=port, clock=clock, log=log)
    with in_a_thread(server):
        yield server.announcement
