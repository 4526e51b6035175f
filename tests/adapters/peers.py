"""Servers of one behaviour each on 127.0.0.1, for what the embedded org is too well-behaved to do."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

type Serve = Callable[[socket.socket], None]


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Run a server for as long as the block lasts and yield its port; each connection has a thread of its own."""
    threads: list[Thread] = []
    connections: list[socket.socket] = []

    def converse(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            serve(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            threads.append(Thread(target=converse, args=(connection,), daemon=True))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = Thread(target=accept, daemon=True)
        acceptor.start()
        yield int(listener.getsockname()[1])
        for end in (listener, *connections):
            with suppress(OSError):  # it may have hung up already
                end.shutdown(socket.SHUT_RDWR)
    for thread in (acceptor, *threads):
        thread.join(timeout=5)


def authority(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, str]:
    """Return a TLS context with a certificate for a host, and the path of the authority that vouches for it."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(name).configure_cert(context)
    made.cert_pem.write_to_path(folder / "authority.pem")
    return context, str(folder / "authority.pem")


def old_authority(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, str]:
    """Likewise, of a certificate that names its host in the old way only: by its common name."""
    made, key, now = trustme.CA(), ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    issuer = x509.load_pem_x509_certificate(made.cert_pem.bytes())
    signer = serialization.load_pem_private_key(made.private_key_pem.bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)  # type: ignore[arg-type]
        .sign(signer, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    own = folder / "old.pem"
    own.write_bytes(leaf.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    made.cert_pem.write_to_path(folder / "authority.pem")
    return context, str(folder / "authority.pem")


def canned(context: ssl.SSLContext, answer: bytes, requests: list[bytes]) -> Serve:
    """Return a server that records each request and gives the same bytes to all."""

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            requests.append(_request(tls))
            tls.sendall(answer)

    return serve


def tls_in_front_of(context: ssl.SSLContext, url: str) -> Serve:
    """Return a server that speaks TLS and hands on what it hears to one that does not, and back."""
    place = urlsplit(url)

    def serve(connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as near,
            socket.create_connection((place.hostname or "", place.port or 80), timeout=5) as far,
        ):
            onwards = Thread(target=_pass_on, args=(near, far), daemon=True)
            onwards.start()
            while data := far.recv(65536):
                near.sendall(data)
            with suppress(OSError):
                near.shutdown(socket.SHUT_RDWR)
            onwards.join(timeout=5)

    return serve


def silent(connection: socket.socket) -> None:
    """Take the connection, hear the first words, say nothing, hang up when the other side does."""
    while connection.recv(4096):
        pass


def proxy(connects: list[str]) -> Serve:
    """Return a proxy that records each CONNECT and opens the tunnel (RFC 9110 section 9.3.6)."""

    def serve(connection: socket.socket) -> None:
        target = _head(connection).split()[1].decode()
        connects.append(target)
        _open_tunnel(connection, target)

    return serve


class AskingProxy:
    """A proxy that opens a tunnel for one user, in the form of RFC 7617.

    Args:
        username: whom it lets through.
        password: what it wants to hear; it may be changed.

    Attributes:
        told: for each CONNECT what it was told, or None.
        passed: how many tunnels it has opened.
        bytes_seen: all that it was sent before a tunnel was open.
    """

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password
        self.told: list[str | None] = []
        self.passed = 0
        self.bytes_seen = b""
        self._connections: list[socket.socket] = []

    def serve(self, connection: socket.socket) -> None:
        self._connections.append(connection)
        head = _head(connection)
        self.bytes_seen += head
        line, *fields = head.decode("latin-1").split("\r\n")
        told = dict(field.split(": ", 1) for field in fields if field).get("Proxy-Authorization")
        self.told.append(told)
        wanted = b64encode(f"{self.username}:{self.password}".encode()).decode()
        if told != f"Basic {wanted}":
            asks = b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n'
            connection.sendall(asks + b"Content-Length: 12\r\n\r\nWho are you?")
            return
        self.passed += 1
        _open_tunnel(connection, line.split()[1])

    def hang_up(self) -> None:
        """End every tunnel, as proxies do after a while."""
        for connection in self._connections:
            with suppress(OSError):  # it may have ended already
                connection.shutdown(socket.SHUT_RDWR)


def _open_tunnel(connection: socket.socket, target: str) -> None:
    host, _, port = target.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as far:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = Thread(target=_pass_on, args=(far, connection), daemon=True)
        back.start()
        _pass_on(connection, far)
        back.join(timeout=5)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _head(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and (more := connection.recv(1)):
        data += more
    return data


def _request(connection: socket.socket) -> bytes:
    head = _head(connection)
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    body = b""
    while len(body) < length and (more := connection.recv(65536)):
        body += more
    return head + body
