"""On a connection that is kept nobody gets another's answer: neither of AWS, nor of the token endpoint."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, HTTPClientError

from adapters.aws_peer import Aws, Reply, answering
from adapters.peers import authority, old_authority
from adapters.wire import CHUNKED, HEAD, in_chunks, sized
from sfmint.adapters import http_pool
from sfmint.adapters.aws.services import DynamoDbClient
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.aws_access import AwsAccess
from sfmint.aws_access.budget import Budget
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_testing.fakes import FakeClock, a_connection
from sfmint_values.secret import Secret

JSON = b"Content-Type: application/json"
LATE_S = 0.15


def sending(*pieces: bytes | float) -> Reply:
    """Return a reply of bytes, each at once, and of pauses in seconds."""

    def reply(connection: socket.socket) -> None:
        for piece in pieces:
            if isinstance(piece, bytes):
                connection.sendall(piece)
            else:
                time.sleep(piece)

    return reply


def said(text: str) -> bytes:
    """Return a body that both read: the token endpoint's client and that of AWS."""
    return json.dumps({"access_token": text}).encode()


def answer(text: str) -> bytes:
    return sized(said(text), JSON)


def chunked(text: str) -> bytes:
    body = said(text)
    return in_chunks((b"%x" % len(body), body)).replace(b"OK\r\n", b"OK\r\n" + JSON + b"\r\n")


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
ANOTHERS = answer("another's")
LENGTH = b"Content-Length: %d\r\n\r\n" % len(ANOTHERS)
SLIPS = {
    "103, and later the answer": sending(EARLY, LATE_S, answer("first")),
    "102 and 199, and later the answer": sending(
        b"HTTP/1.1 102 Processing\r\n\r\n", LATE_S, b"HTTP/1.1 199 Odd\r\n\r\n", answer("first")
    ),
    "two answers in one record": sending(answer("first") + ANOTHERS),
    "a long answer after it": sending(answer("first") + sized(b"x" * 12_000, JSON)),
    "chunks, and an answer in the same record": sending(chunked("first") + ANOTHERS),
    "a line end more": sending(answer("first") + b"\r\n"),
    "HTTP/1.0, and an answer": sending(answer("first").replace(b"HTTP/1.1", b"HTTP/1.0") + ANOTHERS),
    "204, and later a body": sending(b"HTTP/1.1 204 No Content\r\n" + LENGTH, LATE_S, ANOTHERS),
    "304, and later a body": sending(b"HTTP/1.1 304 Not Modified\r\n" + LENGTH, LATE_S, ANOTHERS),
    "103 with a length, and later an answer": sending(b"HTTP/1.1 103 Early\r\n" + LENGTH, answer("first"), LATE_S, ANOTHERS),
    "a chunk of size -1": sending(CHUNKED + b"-1\r\n" + ANOTHERS),
    "a chunk of size -5": sending(CHUNKED + b"-5\r\n" + ANOTHERS),
    "an unknown coding": sending(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + ANOTHERS),
    "two lengths": sending(sized(b"{}", JSON, b"Content-Length: 1") + ANOTHERS),
    "101": sending(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", ANOTHERS),
}  # fmt: skip


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    return authority(tmp_path)


def aws(peer: Aws, ca: str) -> DynamoDbClient:
    secret = Secret("made up")
    access = AwsAccess(
        region="eu-central-1",
        url_suffix="amazonaws.com",
        key_id="AKIAEXAMPLE",
        secret_key=secret,
        session_token=secret,
        endpoints={"": peer.url},
    )
    clock = FakeClock()
    return DynamoDbClient(access, ca, clock, Budget(clock))


def token(endpoint: HttpsTokenEndpoint, url: str, name: str = "my-org") -> Any:
    try:
        return endpoint.exchange(a_connection(name=name, token_host=url), Secret("an-assertion"))["access_token"]
    except LoginFailed:
        return "none"


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_the_next_login_gets_its_own_token(tls: tuple[ssl.SSLContext, str], slip: Reply) -> None:
    with answering(slip, sending(answer("second")), sending(answer("third")), tls=tls[0]) as peer:
        endpoint = HttpsTokenEndpoint(FakeClock(), tls[1], None)
        assert token(endpoint, peer.url) in {"first", "none"}
        assert token(endpoint, peer.url) == "second"
        time.sleep(LATE_S)
        assert token(endpoint, peer.url) == "third"
        assert len(peer.asked) == 3, "a login is never sent twice"


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_the_next_request_to_aws_gets_its_own_answer(tls: tuple[ssl.SSLContext, str], slip: Reply) -> None:
    with answering(slip, sending(answer("second")), sending(answer("third")), tls=tls[0]) as peer:
        client = aws(peer, tls[1])
        with suppress(Exception):
            assert client.call("GetItem")["access_token"] == "first"
        assert client.call("GetItem")["access_token"] == "second"
        time.sleep(LATE_S)
        assert client.call("GetItem")["access_token"] == "third"


def test_what_has_arrived_before_the_next_request_is_not_its_answer(tls: tuple[ssl.SSLContext, str]) -> None:
    with answering(sending(answer("first"), LATE_S / 2, ANOTHERS), sending(answer("second")), tls=tls[0]) as peer:
        endpoint, client = HttpsTokenEndpoint(FakeClock(), tls[1], None), aws(peer, tls[1])
        assert token(endpoint, peer.url) == "first"
        time.sleep(LATE_S)
        assert token(endpoint, peer.url) == "second"
        assert client.call("GetItem")["access_token"] == "second"
        assert len(peer.connections) == 3


@pytest.mark.parametrize("framed", [answer("same"), chunked("same")], ids=["a length", "chunks"])
def test_what_is_framed_and_whole_keeps_its_connection(tls: tuple[ssl.SSLContext, str], framed: bytes) -> None:
    with answering(sending(framed), tls=tls[0]) as peer:
        endpoint, client = HttpsTokenEndpoint(FakeClock(), tls[1], None), aws(peer, tls[1])
        for _ in range(3):
            assert token(endpoint, peer.url) == client.call("GetItem")["access_token"] == "same"
        assert (len(peer.asked), len(peer.connections)) == (6, 2)


def test_each_connection_of_salesforce_has_connections_of_its_own(tls: tuple[ssl.SSLContext, str]) -> None:
    with answering(sending(answer("same")), tls=tls[0]) as peer:
        endpoint = HttpsTokenEndpoint(FakeClock(), tls[1], None)
        for name in ("one", "other", "one", "other"):
            token(endpoint, peer.url, name)
        assert (len(peer.asked), len(peer.connections)) == (4, 2)


def test_an_answer_of_aws_whose_end_is_a_guess_cannot_be_read(tls: tuple[ssl.SSLContext, str]) -> None:
    with answering(sending(CHUNKED + b"-1\r\n{}"), tls=tls[0]) as peer, pytest.raises(HTTPClientError):
        aws(peer, tls[1]).call("GetItem")


def test_a_host_that_only_the_common_name_names_is_told_nothing(tmp_path: Path) -> None:
    context, ca = old_authority(tmp_path)
    with answering(sending(answer("first")), tls=context) as peer:
        assert token(HttpsTokenEndpoint(FakeClock(), ca, None), peer.url) == "none"
        with pytest.raises(BotoCoreError, match="Hostname mismatch"):
            aws(peer, ca).call("GetItem")
        assert not peer.asked


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    http_pool.tls.cache_clear()
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    yield tmp_path / "keys"
    http_pool.tls.cache_clear()


@pytest.mark.parametrize("bundle", ["ours", "certifi's"])
def test_no_keys_of_tls_are_written_to_a_file(tls: tuple[ssl.SSLContext, str], keys: Path, bundle: str) -> None:
    with answering(sending(answer("first")), tls=tls[0]) as peer:
        ca = tls[1] if bundle == "ours" else None
        expected = "first" if bundle == "ours" else "none"
        assert token(HttpsTokenEndpoint(FakeClock(), ca, None), peer.url) == expected
    assert not keys.exists()
