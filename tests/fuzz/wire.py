"""Readers of HTTP: what a peer on 127.0.0.1 says to the client of AWS, at the token endpoint and to the REST client.

The peer gives each connection one answer, whatever it is, and closes it. Or it pauses after the first head, and waits a
moment for a second request of the same connection, which must never get what the first has left over.
"""

import json
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

from hypothesis import strategies as st

from adapters.peers import authority
from client.answers import FIRST, a_token
from embedded_access import embedded_access
from fuzz.mutation import as_bytes, json_texts, mutated
from fuzz.parsers import ANSWER
from fuzz.target import Target, is_plain_json, read
from sfmint.adapters.aws.services import Aws
from sfmint.adapters.secrets_manager import SecretsManagerCredentials
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.aws_access.budget import Budget
from sfmint.errors import CacheUnavailable, ConnectionNotFound, InvalidCredentials
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_client import errors as client_errors
from sfmint_client.access_token import AccessToken
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest
from sfmint_client.rest.session import https_session
from sfmint_testing.fakes import FakeChance, FakeClock
from sfmint_values.secret import Secret
from time_for_aws import repeats_by

PAUSE_S = 0.02  # after the first head: whoever takes that for all there is has sent the next request by then
WAITS_S = 0.05  # for a second request
ASSERTION = Secret("header.assertion.signature")
PIECES = (
    b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 204 No Content\r\n",
    b"HTTP/1.1 304 Not Modified\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"Content-Encoding: gzip\r\n", b"Connection: keep-alive\r\n", b"\r\n", b"\n", b"0\r\n\r\n", b"-1\r\n", b"-5\r\n",
    b"ffffffffffffffff\r\n", b"1;a=b\r\n", b"\x00", b"\xff", b"a" * 70_000, b"X: y\r\n" * 120,
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What the peer says.

    Attributes:
        answer: the bytes of the first answer.
        stays: whether the connection stays for a second request.
    """

    answer: bytes
    stays: bool


@dataclass
class Script:
    """What one test hears: the first request something, all after it a second thing."""

    said: Said
    second: bytes
    is_begun: bool = False

    def next(self) -> Said:
        """Return what the next request hears."""
        said = Said(self.second, stays=False) if self.is_begun else self.said
        self.is_begun = True
        return said


class Peer:
    """A server that says what the test wants next.

    Args:
        context: of TLS; None: it speaks plainly.
    """

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.script = Script(Said(b"", stays=False), b"")
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"https://localhost:{port}" if context else f"http://127.0.0.1:{port}"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            Thread(target=self._serve, args=(connection, self.script), daemon=True).start()

    def _serve(self, plain: socket.socket, script: Script) -> None:
        with suppress(OSError, ValueError), plain:
            plain.settimeout(5)
            connection = self._context.wrap_socket(plain, server_side=True) if self._context else plain
            with connection, connection.makefile("rb") as stream:
                while _hear(stream):
                    said = script.next()
                    if not said.stays:
                        connection.sendall(said.answer)
                        break
                    head, border, rest = said.answer.partition(b"\r\n\r\n")
                    connection.sendall(head + border)
                    time.sleep(PAUSE_S)
                    connection.sendall(rest)
                    connection.settimeout(WAITS_S)
                with suppress(OSError):
                    plain.shutdown(socket.SHUT_WR)


def _hear(stream: Any) -> bool:
    """Read one request; False where there is none."""
    length = 0
    while (line := stream.readline(70_000)) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    stream.read(length)
    return bool(line)


def answer(body: bytes, kind: str = "application/json", status: str = "200 OK") -> bytes:
    """Return a whole answer with a length."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunked(body: bytes, kind: str = "application/json") -> bytes:
    """Return the same in chunks."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def said_with(*bodies: dict[str, Any]) -> st.SearchStrategy[Said]:
    """Return answers: the framing whole and the body changed, or the framing changed too."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    whole = [early + answer(json.dumps(bodies[0]).encode())]
    whole += [framed(json.dumps(body).encode()) for body in bodies for framed in (answer, chunked)]
    whole.append(
        answer(json.dumps({"error": "invalid_grant", "__type": "x#AccessDeniedException"}).encode(), status="400 Bad")
    )
    framed = as_bytes(json_texts(*bodies)).map(answer)
    return st.builds(
        Said, answer=framed | mutated(*whole, pieces=PIECES), stays=st.integers(0, 9).map(lambda n: n == 0)
    )


@cache
def _authority() -> tuple[ssl.SSLContext, str]:
    return authority(Path(tempfile.mkdtemp(prefix="fuzz-")))


@cache
def _plain_peer() -> Peer:
    return Peer(None)


@cache
def _tls_peer() -> Peer:
    return Peer(_authority()[0])


SECOND = "00D000000000001!second"  # the token of the second answer, which is always whole


def _in_turn[Result](
    peer: Peer, said: Said, second: bytes, ask: Callable[[], Result | None]
) -> tuple[Result | None, Result | None]:
    """Return the results of two requests; the second gets an answer of its own, or none."""
    peer.script = Script(said, second)
    return ask(), ask()


ITEM = {
    "Item": {
        "pk": {"S": "t1#orders"},
        "fence": {"N": "7"},
        "sealed": {"B": "AXNlYWxlZA=="},
        "failure_keys": {"SS": ["a"]},
    }
}


def _aws(peer: Peer, clock: FakeClock) -> Aws:
    return Aws(embedded_access(peer.url), None, clock, Budget(clock))


def _of_dynamodb(said: Said) -> None:
    peer, clock = _plain_peer(), FakeClock()
    store = DynamoDBStore(_aws(peer, clock).dynamodb(), "table", clock, repeats_by(clock))
    second = answer(json.dumps({"Item": {"fingerprint": {"S": SECOND}}}).encode())
    _, own = _in_turn(peer, said, second, lambda: read(lambda: store.read("t1#orders"), CacheUnavailable))
    assert own in (None, {"fingerprint": SECOND})


VALUE = {
    "ARN": "arn",
    "Name": "sfmint/acme/orders",
    "SecretString": json.dumps({"consumer_key": "k"}),
    "VersionId": "1",
}


def _of_secrets_manager(said: Said) -> None:
    peer, clock = _plain_peer(), FakeClock()
    client = _aws(peer, clock).secrets_manager()
    peer.script = Script(said, answer(b"{}"))
    named = (CacheUnavailable, ConnectionNotFound, InvalidCredentials)
    read(lambda: SecretsManagerCredentials(client, "acme", frozenset(), repeats_by(clock)).load("orders"), *named)


def _of_the_token_endpoint(said: Said) -> None:
    peer = _tls_peer()
    endpoint = HttpsTokenEndpoint(FakeClock(), _authority()[1], None)
    connection = Connection(
        name="orders",
        consumer_key="k",
        username="u",
        audience=peer.url,
        token_host=peer.url,
        private_key=Secret("-"),
    )
    second = answer(json.dumps(ANSWER | {"access_token": SECOND}).encode())
    _, own = _in_turn(peer, said, second, lambda: read(lambda: endpoint.exchange(connection, ASSERTION), LoginFailed))
    assert own is None or own["access_token"] == SECOND


class _Tokens:
    def __init__(self, instance_url: str) -> None:
        self._token = a_token(FIRST, instance_url=instance_url)

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        return self._token


RECORDS: dict[str, Any] = {"records": [], "done": True}
WRITE = RestRequest(
    method="POST", path="/services/data/v67.0/x", headers={"Content-Type": "application/json"}, body=b"{}"
)


def _of_rest(said: Said) -> None:
    peer, clock = _tls_peer(), FakeClock()
    listed = frozenset({peer.url.removeprefix("https://")})
    with https_session(ca_bundle=_authority()[1]) as session:  # its own: no connection of another input is met
        rest = RestClient(_Tokens(peer.url), session, listed=listed, clock=clock, chance=FakeChance())
        second = answer(json.dumps({"token": SECOND}).encode())
        _, own = _in_turn(peer, said, second, lambda: read(lambda: rest.send(WRITE), client_errors.SfmintError))
    if own is not None:
        is_plain_json(own.to_json())
        assert own.body == {"token": SECOND}


def _found(body: dict[str, Any]) -> list[Said]:
    """Return answers that were taken for another's, read without limit, or ended in an exception of a library's."""
    whole = answer(json.dumps(body).encode())
    head = whole.partition(b"Content-Length")[0] + b"Transfer-Encoding: chunked\r\n\r\n"
    sizes = (b"-1", b"-5", b"f" * 16, b"+5", b"1_0", b" 5", b"")
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    beside = (
        interim + whole,
        interim * 3 + whole,
        whole * 2,
        whole + b"surplus",
        whole.replace(b"200 OK", b"204 No Content"),
    )
    chunks = (head + size + b"\r\n{}\r\n0\r\n\r\n" for size in sizes)
    return [*(Said(one, stays=True) for one in beside), *(Said(one, stays=False) for one in chunks)]


TARGETS = (
    Target("answers of DynamoDB", said_with(ITEM, {}), _of_dynamodb, found=lambda: _found(ITEM)),
    Target("answers of Secrets Manager", said_with(VALUE), _of_secrets_manager, found=lambda: _found(VALUE)),
    Target("answers of the token endpoint", said_with(ANSWER), _of_the_token_endpoint, found=lambda: _found(ANSWER)),
    Target("answers of REST", said_with(RECORDS), _of_rest, found=lambda: _found(RECORDS)),
)
