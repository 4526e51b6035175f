"""A server in a thread of its own, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Thread


@contextmanager
def in_a_thread(server: BaseServer) -> Iterator[None]:
    """Serve beside the block, and end with it; the server's socket stays open."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
