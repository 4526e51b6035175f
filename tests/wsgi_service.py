"""A WSGI application on a free port of 127.0.0.1, in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from sfmint_local.server_thread import in_a_thread

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def serving(application: "WSGIApplication") -> Iterator[str]:
    """Serve it for as long as the block lasts, and give its URL."""
    server = ThreadedWSGIServer("127.0.0.1", 0, application, _Quiet)
    with in_a_thread(server):
        yield f"http://127.0.0.1:{server.port}"


class _Quiet(WSGIRequestHandler):
    """Says nothing; a caller that has hung up is no error."""

    protocol_version = "HTTP/1.0"  # a connection for each call: none outlives its test

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        pass
