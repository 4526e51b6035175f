"""The wire to AWS: what is carried out, and what the caller sees, under each behaviour."""

import json
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError
from werkzeug.wrappers import Request, Response

from sfmint_local.faults.behaviours import (
    Asked,
    AwsError,
    Behaviour,
    Drip,
    EarlyHints,
    Endless,
    Hang,
    LostAnswer,
    Pass,
    Refuse,
    Twice,
    always,
    once,
    only,
)
from sfmint_local.faults.wire import Wire
from wsgi_service import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Aws:
    """So much of Secrets Manager that one can see what was carried out."""

    def __init__(self) -> None:
        self.text = "first"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = json.loads(Request(environ).get_data())
        self.text = asked.get("SecretString", self.text)
        answer = Response(json.dumps({"SecretString": self.text}), content_type="application/x-amz-json-1.1")
        return answer(environ, start_response)


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def wire(aws: Aws) -> Iterator[Wire]:
    with serving(aws) as url, Wire(url) as wire:
        yield wire


@pytest.fixture
def secrets(wire: Wire, aws_credentials: None) -> Iterator[Any]:
    config = Config(read_timeout=0.3, retries={"total_max_attempts": 1}, proxies={})
    client: Any = botocore.session.get_session().create_client("secretsmanager", endpoint_url=wire.url, config=config)
    yield client
    client.close()


class Raw:
    """A connection to the wire on which one sees every byte."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection

    def send(self) -> None:
        body = json.dumps({"SecretId": "orders", "SecretString": "second"})
        head = f"POST / HTTP/1.1\r\nHost: aws\r\nX-Amz-Target: secretsmanager.PutSecretValue\r\nContent-Length: {len(body)}"
        self.socket.sendall(f"{head}\r\n\r\n{body}".encode())

    def until(self, end: bytes) -> bytes:
        read = b""
        while not read.endswith(end):
            read += self.socket.recv(65536)
        return read


@pytest.fixture
def raw(wire: Wire) -> Iterator[Raw]:
    with socket.create_connection(("127.0.0.1", urlsplit(wire.url).port or 0), timeout=5) as connection:
        yield Raw(connection)


def put(secrets: Any) -> None:
    secrets.put_secret_value(SecretId="orders", SecretString="second")


def test_a_request_passes_with_its_answer(secrets: Any, aws: Aws) -> None:
    put(secrets)
    assert secrets.get_secret_value(SecretId="orders")["SecretString"] == aws.text == "second"


@pytest.mark.parametrize(
    ("behaviour", "error", "text"),
    [
        (Refuse(), ConnectionClosedError, "first"),
        (Hang(), ReadTimeoutError, "first"),
        (Pass(after_s=30), ReadTimeoutError, "first"),
        (LostAnswer(), ConnectionClosedError, "second"),
    ],
)
def test_no_answer_comes_and_the_request_is_carried_out_or_not(
    secrets: Any, wire: Wire, aws: Aws, behaviour: Behaviour, error: type[BotoCoreError], text: str
) -> None:
    wire.behave = always(behaviour)
    with pytest.raises(error):
        put(secrets)
    assert aws.text == text


def test_an_error_of_aws_is_answered_and_nothing_is_carried_out(secrets: Any, wire: Wire, aws: Aws) -> None:
    wire.behave = always(AwsError("AccessDeniedException", message="no"))
    with pytest.raises(ClientError) as failed:
        put(secrets)
    assert failed.value.response["Error"] == {"Code": "AccessDeniedException", "Message": "no"}
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "date" in failed.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert aws.text == "first"


def test_one_operation_may_be_struck_alone(secrets: Any, wire: Wire) -> None:
    wire.behave = only(AwsError("InternalServiceError", status=500), "PutSecretValue")
    assert secrets.get_secret_value(SecretId="orders")["SecretString"] == "first"
    with pytest.raises(ClientError):
        put(secrets)


@pytest.mark.parametrize("headers", [False, True])
def test_an_answer_drips(raw: Raw, wire: Wire, aws: Aws, headers: bool) -> None:  # noqa: FBT001
    wire.behave = always(Drip(headers=headers, interval_s=0.002))
    raw.send()
    first = raw.socket.recv(65536)
    assert first == b"H" if headers else first.endswith(b"\r\n\r\n")
    pieces = 0
    while not raw.socket.recv(65536).endswith(b"}"):
        pieces += 1
    assert pieces > 5
    assert aws.text == "second"


def test_an_interim_answer_comes_first(raw: Raw, wire: Wire) -> None:
    wire.behave = always(EarlyHints(after_s=0))
    raw.send()
    read = raw.until(b"}")
    assert read.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 ")


def test_an_answer_comes_twice_in_one_go(raw: Raw, wire: Wire) -> None:
    wire.behave = always(Twice())
    raw.send()
    read = raw.socket.recv(65536)
    assert read[: len(read) // 2] == read[len(read) // 2 :]
    assert read.endswith(b"}")
    wire.behave = always(Pass())
    raw.send()
    assert raw.until(b"}").count(b"HTTP/1.1 200") == 1, "the connection stays"


def test_an_answer_without_end_goes_on_after_its_object(raw: Raw, wire: Wire) -> None:
    wire.behave = always(Endless())
    raw.send()
    read = raw.until(b" " * 1_000_000)
    assert int(read.partition(b"Content-Length: ")[2].split()[0]) > 100_000_000


def test_a_fault_of_the_first_request_meets_each_operation_once(secrets: Any, wire: Wire) -> None:
    wire.behave = once(always(AwsError("InternalServiceError", status=500)))
    for ask in (partial(put, secrets), partial(secrets.get_secret_value, SecretId="orders")):
        with pytest.raises(ClientError):
            ask()
        ask()
        ask()


def test_a_wire_that_is_mended_passes_again(secrets: Any, wire: Wire) -> None:
    wire.behave = always(Refuse())
    with pytest.raises(ConnectionClosedError):
        put(secrets)
    wire.behave = always(Pass())
    put(secrets)


def test_whoever_decides_is_told_what_was_asked(secrets: Any, wire: Wire) -> None:
    seen: list[Asked] = []

    def behave(asked: Asked) -> Behaviour:
        seen.append(asked)
        return Pass()

    wire.behave = behave
    secrets.get_secret_value(SecretId="orders")
    assert [(asked.service, asked.operation) for asked in seen] == [("secretsmanager", "GetSecretValue")]
    assert json.loads(seen[0].body) == {"SecretId": "orders"}


def test_it_ends_while_somebody_hangs(aws_credentials: None) -> None:
    arrived = Event()

    def behave(_asked: Asked) -> Behaviour:
        arrived.set()
        return Hang()

    config = Config(read_timeout=30, retries={"total_max_attempts": 1}, proxies={})
    with ThreadPoolExecutor() as pool, Wire("http://127.0.0.1:1", behave) as wire:
        client: Any = botocore.session.get_session().create_client("kms", endpoint_url=wire.url, config=config)
        hanging = pool.submit(client.list_keys)
        assert arrived.wait(10)
    with pytest.raises(ConnectionClosedError):
        hanging.result()
    client.close()
