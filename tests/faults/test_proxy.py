"""The proxy on the way to the token endpoint: what comes through it, and when."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from sfmint_local.faults.proxy import ProxyAnswer, running_proxy


@pytest.fixture
def far() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as far:
        yield far


def place(server: socket.socket) -> str:
    return f"127.0.0.1:{server.getsockname()[1]}"


def asking(url: str, target: str) -> socket.socket:
    """Return a connection to a proxy that was asked for a tunnel."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=5)
    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    return connection


def test_a_tunnel_passes_everything_on(far: socket.socket) -> None:
    with running_proxy(ProxyAnswer()) as url, closing(HTTPConnection(url.removeprefix("http://"), timeout=5)) as client:
        client.set_tunnel(place(far))
        client.connect()
        client.sock.sendall(b"there")
        beyond, _ = far.accept()
        with beyond:
            assert beyond.recv(100) == b"there"
            beyond.sendall(b"and back")
        assert client.sock.recv(100) == b"and back"


def test_a_refusal_opens_no_tunnel(far: socket.socket) -> None:
    with running_proxy(ProxyAnswer(status=407)) as url, asking(url, place(far)) as connection:
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    assert said == b"HTTP/1.1 407 Answered\r\nVia: 1.1 a-proxy\r\n\r\n"


def test_an_answer_drips(far: socket.socket) -> None:
    with running_proxy(ProxyAnswer(interval_s=0.005)) as url, asking(url, place(far)) as connection:
        pieces = [connection.recv(65536)]
        while not b"".join(pieces).endswith(b"\r\n\r\n"):
            pieces.append(connection.recv(65536))
    assert pieces[0] == b"H"
    assert len(pieces) > 5


def test_it_ends_while_it_drips(far: socket.socket) -> None:
    with running_proxy(ProxyAnswer(interval_s=0.5)) as url:
        connection = asking(url, place(far))
        first = connection.recv(1)
    with connection:
        rest = b"".join(iter(lambda: connection.recv(65536), b""))
    assert (first, len(rest) < 5) == (b"H", True)
