"""The faults of the frame: each does to a trusting client (Python's own) what it is there for."""

import json
import ssl
from collections.abc import Iterator
from http.client import HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Any
from urllib.parse import urlencode

import pytest

from local.conftest import MakeVisitor
from local.org_visitor import JWT_BEARER, Visitor
from sfmint_local.org.values import Fault


class Trusting:
    """A client that keeps its connection and believes every frame."""

    def __init__(self, visitor: Visitor) -> None:
        context = ssl.create_default_context(cafile=visitor.control.ca)
        self.connection = HTTPSConnection(visitor.control.url.removeprefix("https://"), context=context, timeout=5)

    def send(self, visitor: Visitor) -> None:
        form = urlencode({"grant_type": JWT_BEARER, "assertion": visitor.assertion()})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", "/services/oauth2/token", form, headers)

    def ask(self, visitor: Visitor) -> HTTPResponse:
        self.send(visitor)
        return self.connection.getresponse()

    def fields(self, visitor: Visitor) -> dict[str, Any]:
        with self.ask(visitor) as answer:
            fields: dict[str, Any] = json.loads(answer.read())
        return fields

    def raw(self, visitor: Visitor, end: bytes) -> bytes:
        """Return what stands on the wire up to these bytes, or a megabyte."""
        self.send(visitor)
        read = b""
        while end not in read and len(read) < 1024 * 1024:
            read += self.connection.sock.recv(65536)
        return read


@pytest.fixture
def client(visitor: Visitor) -> Iterator[Trusting]:
    client = Trusting(visitor)
    yield client
    client.connection.close()


def inject(visitor: Visitor, kind: str, **params: object) -> None:
    visitor.control.add_fault(Fault(where="token", kind=kind, params=params))


def logins(visitor: Visitor) -> int:
    return visitor.control.counters().by_user[visitor.user.username].granted


def test_an_interim_answer_comes_before_the_true_one(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "early_hints", seconds=0)
    read = client.raw(visitor, b'"}')
    assert read.startswith(b"HTTP/1.1 103 Early\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert logins(visitor) == 1


def test_who_knows_no_interim_answers_is_one_answer_behind(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "early_hints")
    with client.ask(visitor) as interim:
        assert (interim.status, interim.read()) == (103, b"")
    assert "access_token" in client.fields(visitor)
    assert logins(visitor) in {1, 2}, "the second request may be under way"


@pytest.mark.parametrize("kind", ["two_answers", "no_content"])
def test_who_trusts_the_frame_takes_the_rest_for_another_answer(
    visitor: Visitor, client: Trusting, make_visitor: MakeVisitor, kind: str
) -> None:
    other = make_visitor()
    inject(visitor, kind)
    with client.ask(visitor) as first:
        first.read()
    slipped, own = client.fields(other), client.fields(other)
    assert visitor.probe(slipped["access_token"]) == 200
    assert slipped["id"] != own["id"], "the first is another user's"


def test_the_first_of_two_answers_is_sound(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "two_answers")
    assert visitor.probe(client.fields(visitor)["access_token"]) == 200


def test_surplus_bytes_follow_a_sound_answer(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "surplus", text="left over")
    head, _, rest = client.raw(visitor, b"left over").partition(b"\r\n\r\n")
    body = rest.removesuffix(b"left over")
    assert f"Content-Length: {len(body)}".encode() in head
    assert "access_token" in json.loads(body)


@pytest.mark.parametrize("value", ["-1", "-5", "+2", "ffffffffffff"])
def test_a_chunk_has_the_size_that_it_was_told(visitor: Visitor, client: Trusting, value: str) -> None:
    inject(visitor, "chunk_size", value=value)
    head, _, body = client.raw(visitor, b'"} ').partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert body.startswith(value.encode() + b"\r\n{")


def test_a_chunk_of_size_minus_one_is_read_without_a_bound(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "chunk_size", value="-1", mb=2)
    with client.ask(visitor) as answer, pytest.raises(IncompleteRead) as broken:
        answer.read(10)
    assert len(broken.value.partial) > 2 * 1024 * 1024


def test_a_chunk_of_size_minus_five_breaks_who_trusts_it(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "chunk_size", value="-5")
    with client.ask(visitor) as answer, pytest.raises(ValueError, match="non-negative"):
        answer.read(10)


def test_extensions_weigh_more_than_the_answer(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "chunk_extensions", length=1000)
    read = client.raw(visitor, b"\r\n0\r\n\r\n")
    assert read.count(b"\r\n1;" + b"x" * 1000 + b"\r\n") == len(read) // 1007


def test_trailers_come_without_end(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "endless_trailers", seconds=5)
    read = client.raw(visitor, b"Trailer: x\r\n" * 500)
    assert b'"}\r\n0\r\nTrailer: x\r\n' in read


def test_interim_answers_come_without_end(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "endless_continue", seconds=0.1)
    with pytest.raises(ConnectionError):
        client.ask(visitor)
    assert logins(visitor) == 0


def test_the_assertion_can_stand_in_the_answer(visitor: Visitor) -> None:
    inject(visitor, "repeated_assertion", name="scope")
    assertion = visitor.assertion()
    assert visitor.exchange(assertion).json()["scope"] == assertion


def test_a_field_can_hold_half_a_character(visitor: Visitor, client: Trusting) -> None:
    inject(visitor, "changed_field", name="scope", value="api \ud800")
    assert client.fields(visitor)["scope"] == "api \ud800"
