"""A host that answers what a test tells it to, over real TLS, and remembers every request that reached it."""

import json
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPMessage, parse_headers
from socket import socket
from typing import Any

import pytest

from adapters.peers import authority, listening
from client.answers import a_token, fingerprint_of
from sfmint_client.access_token import AccessToken
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest
from sfmint_client.rest.session import https_session
from sfmint_testing.fakes import FakeChance, FakeClock

NOTHING = b""  # hang up without an answer
SILENCE = b"..."  # neither answer nor hang up


@dataclass(frozen=True)
class Received:
    """A request as it stood on the wire."""

    method: str
    target: str
    headers: HTTPMessage
    body: bytes


@dataclass
class Peer:
    """A host on 127.0.0.1.

    Attributes:
        url: its origin.
        ca: path of the authority that vouches for it.
        received: every request, in the order of arrival.
        answers: the next ones; the last goes on for ever.
    """

    url: str
    ca: str
    received: list[Received] = field(default_factory=list)
    answers: deque[bytes] = field(default_factory=deque)

    def answer_with(self, *answers: bytes) -> None:
        self.answers.extend(answers)

    @property
    def sent(self) -> list[str]:
        """What was asked for: method and target."""
        return [f"{request.method} {request.target}" for request in self.received]

    def converse(self, connection: socket) -> None:
        with connection.makefile("rb") as stream:
            method, target, _ = stream.readline().decode("latin-1").split(" ")
            headers = parse_headers(stream)
            body = stream.read(int(headers.get("Content-Length", "0")))
        self.received.append(Received(method, target, headers, body))
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if answer == SILENCE:
            connection.recv(1)  # until the other side hangs up
        else:
            connection.sendall(answer)


@contextmanager
def running_peer(context: ssl.SSLContext, ca: str) -> Iterator[Peer]:
    peer = Peer("", ca)

    def serve(connection: socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            peer.converse(tls)

    with listening(serve) as port:
        peer.url = f"https://localhost:{port}"
        yield peer


def http(status: int, body: object = b"", /, **headers: str) -> bytes:
    """Return an answer: JSON, unless the body is bytes; header names with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json;charset=UTF-8", "Content-Length": str(len(content))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()} | {"Connection": "close"}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def refusal(status: int, code: str, message: str, **headers: str) -> bytes:
    """Return Salesforce's answer to what it refuses."""
    return http(status, [{"message": message, "errorCode": code}], **headers)


@dataclass
class Tokens:
    """Hands out tokens of one host: the next one whenever the last is reported."""

    instance_url: str
    texts: tuple[str, ...] = ("00D000000000001!first", "00D000000000001!second", "00D000000000001!third")
    rejected: list[str] = field(default_factory=list)
    asked: int = 0
    hosts: tuple[str, ...] = ()

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        self.asked += 1
        if rejected == fingerprint_of(self.texts[len(self.rejected)]):
            self.rejected.append(rejected)
        return a_token(self.texts[len(self.rejected)], instance_url=self.instance_url, hosts=list(self.hosts))


type MakeRest = Callable[..., RestClient]


@pytest.fixture(scope="session")
def rest_authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def peer(rest_authority: tuple[ssl.SSLContext, str]) -> Iterator[Peer]:
    with running_peer(*rest_authority) as peer:
        yield peer


@pytest.fixture
def tokens(peer: Peer) -> Tokens:
    return Tokens(peer.url)


@pytest.fixture
def make_rest(peer: Peer, tokens: Tokens, clock: FakeClock) -> Iterator[MakeRest]:
    """Make clients that may send tokens to the peer, and whose time passes only where they wait."""
    sessions = []

    def make(*, clock: FakeClock = clock, **options: Any) -> RestClient:
        sessions.append(https_session(**({"ca_bundle": peer.ca} | options)))
        listed = frozenset({peer.url.removeprefix("https://"), tokens.instance_url.removeprefix("https://")})
        return RestClient(tokens, sessions[-1], listed=listed, clock=clock, chance=FakeChance())

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def rest(make_rest: MakeRest) -> RestClient:
    return make_rest()


BASE = "/services/data/v67.0"
ACCOUNT = f"{BASE}/sobjects/Account"
UPSERT = f"{ACCOUNT}/External_Id__c/A-1"
JSON = {"Content-Type": "application/json"}
EXPIRED = refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
DOWN = refusal(503, "SERVER_UNAVAILABLE", "Server is busy")
OK = http(200, {"ok": True})

GET = RestRequest(method="GET", path=f"{BASE}/limits")
HEAD = RestRequest(method="HEAD", path=f"{BASE}/limits")
REPEATABLE = [GET, RestRequest(method="PATCH", path=UPSERT, headers=JSON, body=b"{}")]
WRITES = [
    RestRequest(method="POST", path=ACCOUNT, headers=JSON, body=b'{"Name": "Acme"}'),
    RestRequest(method="POST", path=UPSERT, headers=JSON, body=b"{}"),
    RestRequest(method="PATCH", path=f"{ACCOUNT}/001000000000001", headers=JSON, body=b"{}"),
    RestRequest(method="PATCH", path=f"{ACCOUNT}/External_Id__c/A-1/Owner", headers=JSON, body=b"{}"),
    RestRequest(method="PATCH", path=f"{ACCOUNT}/001000000000001/Owner", headers=JSON, body=b"{}"),
    RestRequest(method="PATCH", path=f"{BASE}/composite/sobjects/Account/External_Id__c", headers=JSON, body=b"{}"),
    RestRequest(method="PATCH", path="/services/apexrest/Account/External_Id__c/A-1", headers=JSON, body=b"{}"),
    RestRequest(method="PUT", path=UPSERT, headers=JSON, body=b"{}"),
    RestRequest(method="DELETE", path=UPSERT),
]


def name_of(value: object) -> str:
    return f"{value.method} {value.path}" if isinstance(value, RestRequest) else ""
