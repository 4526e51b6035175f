"""The wire to AWS: what is carried out, and what the caller sees, under each behaviour."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError
from werkzeug.wrappers import Request, Response

from sfmint_local.faults.wire import Asked, AwsError, Behaviour, Hang, LostAnswer, Pass, Refuse, Wire, always, only
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
