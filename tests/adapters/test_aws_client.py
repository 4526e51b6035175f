"""The client of AWS and a peer on 127.0.0.1: what is sent and read, which connections are kept, what each fault is called."""

import json
import socket
import ssl
import traceback
import warnings
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

from adapters.aws_peer import FAULTS, answering, giving, saying, saying_nothing
from adapters.peers import authority, listening, silent
from aws_operations import CLIENTS, operations
from sfmint.adapters import http_pool
from sfmint.adapters.aws.signature import Signature
from sfmint.aws_access import AwsAccess
from sfmint.aws_access.budget import Budget
from sfmint_testing.fakes import NOON, FakeClock
from sfmint_values import budgeted_socket
from sfmint_values.secret import Secret

SHORT_S = 0.2  # stands for what is left of a budget
SECRET_KEY, SESSION_TOKEN, SENT, SAID = "canary-key", "canary-token", "canary-sent", "canary-said"

NOTHING_FOUND = giving()


def access_to(url: str, session_token: str = SESSION_TOKEN) -> AwsAccess:
    return AwsAccess(
        region="eu-central-1",
        url_suffix="amazonaws.com",
        key_id="AKIAEXAMPLE",
        secret_key=Secret(SECRET_KEY),
        session_token=Secret(session_token),
        endpoints={"": url},
    )


def client_of(
    url: str,
    service: str = "dynamodb",
    *,
    ca: str | None = None,
    clock: FakeClock | None = None,
    budget: Budget | None = None,
) -> Any:
    clock = clock or FakeClock()
    return CLIENTS[service](access_to(url), ca, clock, budget or Budget(clock))


def ask(client: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get_item(TableName="tokens", Key={"pk": {"S": SENT}})
    return answer


def failure_of[Failure: Exception](client: Any, kind: type[Failure]) -> Failure:
    """Return how a request fails, once it is plain that neither side's words are in what one may print of it."""
    with pytest.raises(kind) as raised:
        ask(client)
    error = raised.value
    assert type(error) is kind
    printed = "".join([str(error), repr(error), *traceback.format_exception(error)])
    assert not [canary for canary in (SECRET_KEY, SESSION_TOKEN, SENT, SAID) if canary in printed]
    return error


def test_a_request_is_signed_json_that_is_posted_to_the_root() -> None:
    with answering(NOTHING_FOUND) as aws:
        ask(client_of(aws.url))
    [asked] = aws.asked
    assert asked.line == b"POST / HTTP/1.1\r\n"
    assert json.loads(asked.body) == {"TableName": "tokens", "Key": {"pk": {"S": SENT}}}
    own = {
        "content-type": "application/x-amz-json-1.0",
        "host": aws.url.removeprefix("http://"),
        "x-amz-target": "DynamoDB_20120810.GetItem",
    }
    signed = Signature(access_to(aws.url), "dynamodb").sign(own, asked.body, at=NOON)
    assert {name.lower(): value for name, value in asked.headers.items()} == {
        **signed,
        "accept-encoding": "identity",
        "user-agent": "sfmint",
        "content-length": str(len(asked.body)),
    }


@pytest.mark.parametrize("service", CLIENTS)
def test_each_operation_is_asked_by_botocores_name_and_sent_by_awss(
    service: str, aws_session: botocore.session.Session
) -> None:
    model = aws_session.get_service_model(service)
    with answering(NOTHING_FOUND) as aws:
        client = client_of(aws.url, service)
        for operation in operations(service):
            assert model.operation_model(operation).http["requestUri"] == "/"
            getattr(client, xform_name(operation))()
    target, version = model.metadata["targetPrefix"], model.metadata["jsonVersion"]
    assert {asked.headers["x-amz-target"] for asked in aws.asked} == {
        f"{target}.{operation}" for operation in operations(service)
    }
    assert {asked.headers["content-type"] for asked in aws.asked} == {f"application/x-amz-json-{version}"}


@pytest.mark.parametrize("name", ["scan", "delete_item", "encrypt", "GetItem", "getitem", "__len__"])
def test_what_no_role_allows_is_no_attribute(name: str) -> None:
    client = client_of("http://127.0.0.1:1")
    assert hasattr(client, "get_item")
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'$"):
        getattr(client, name)


def test_bytes_are_base64_on_the_way_only() -> None:
    data = bytes(range(256))
    text = b64encode(data).decode()
    item = {"sealed": {"B": text}, "B": {"S": text}, "Plaintext": {"N": "1"}}
    with answering(giving(CiphertextBlob=text, KeyId=text), giving(Plaintext=text), giving(Item=item)) as aws:
        kms = client_of(aws.url, "kms")
        encrypted = kms.encrypt(KeyId="key", Plaintext=data)
        decrypted = kms.decrypt(CiphertextBlob=data)
        found = ask(client_of(aws.url))
    assert [json.loads(asked.body) for asked in aws.asked[:2]] == [
        {"KeyId": "key", "Plaintext": text},
        {"CiphertextBlob": text},
    ]
    assert (encrypted["CiphertextBlob"], encrypted["KeyId"], decrypted["Plaintext"]) == (data, text, data)
    assert found["Item"] == {"sealed": {"B": data}, "B": {"S": text}, "Plaintext": {"N": "1"}}


def test_what_is_no_json_is_refused_before_it_is_sent_and_not_quoted() -> None:
    with answering(NOTHING_FOUND) as aws, pytest.raises(TypeError, match="set is nothing that AWS takes"):
        client_of(aws.url).get_item(Key={SENT})
    assert not aws.asked


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_an_answer_shows_its_status_and_its_date(status: str) -> None:
    with answering(saying(b"{}", "Date: Mon, 23 Nov 2026 12:00:00 GMT", status=status)) as aws:
        try:
            answer: Any = ask(client_of(aws.url))
        except ClientError as error:
            answer = error.response
    metadata = answer["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == int(status[:3])
    assert metadata["HTTPHeaders"]["date"] == "Mon, 23 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("ThrottlingException", "ThrottlingException"),
        ("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "ResourceNotFoundException"),
        ("Throttling:http://internal.amazon.com/coral/com.amazon.coral.service/", "Throttling"),
        ("com.amazon.coral.service#Throttling:http://internal.amazon.com/coral/#here", "Throttling"),
        (None, "400"),
        (7, "400"),
    ],
)
def test_an_error_has_its_name_without_namespace_and_url(named: object, code: str) -> None:
    with answering(giving("400 Bad Request", __type=named, message=SAID)) as aws:
        error = failure_of(client_of(aws.url), ClientError)
    assert error.response["Error"]["Code"] == code
    assert error.operation_name == "GetItem"


@pytest.mark.parametrize("body", [b"", b"<html>canary-said</html>", b'["canary-said"]', b"\xff"])
def test_an_error_that_is_no_json_object_is_called_by_its_status(body: bytes) -> None:
    with answering(saying(body, status="503 Service Unavailable")) as aws:
        assert failure_of(client_of(aws.url), ClientError).response["Error"]["Code"] == "503"


def test_a_refused_condition_shows_the_item_with_its_bytes() -> None:
    item = {"sealed": {"B": b64encode(b"\x00copy").decode()}}
    refusal = giving("400 Bad Request", __type="a#ConditionalCheckFailedException", Item=item, Message="no")
    with answering(refusal) as aws:
        error = failure_of(client_of(aws.url), ClientError)
    assert error.response["Item"] == {"sealed": {"B": b"\x00copy"}}  # type: ignore[typeddict-item]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_one_request_has_botocores_name_and_is_over_with_the_next(fault: str) -> None:
    reply, kind = FAULTS[fault]
    with answering(reply, NOTHING_FOUND) as aws:
        client = client_of(aws.url)
        failure_of(client, kind)
        assert len(aws.asked) == 1
        assert "Item" not in ask(client)


@pytest.fixture
def short() -> Iterator[Budget]:
    """Return a budget of which little is left."""
    budget = Budget(FakeClock())
    with budget.share(SHORT_S):
        yield budget


def test_a_peer_that_answers_late_is_waited_for_as_long_as_there_is_time() -> None:
    def late(connection: socket.socket) -> None:
        Event().wait(1.2)  # longer than a second
        NOTHING_FOUND(connection)

    with answering(late) as aws:
        assert "Item" not in ask(client_of(aws.url))
    assert len(aws.asked) == 1


def test_whoever_has_no_time_left_sends_nothing() -> None:
    budget = Budget(FakeClock())
    with answering(NOTHING_FOUND) as aws, budget.share(0.0):
        failure_of(client_of(aws.url, budget=budget), ConnectTimeoutError)
    assert not aws.asked


def test_who_takes_a_request_and_says_nothing_is_not_waited_for(short: Budget) -> None:
    with answering(saying_nothing, NOTHING_FOUND) as aws:
        client = client_of(aws.url, budget=short)
        failure_of(client, ReadTimeoutError)
        ask(client)
    assert len(aws.connections) == 2, "its late answer would be taken for the next one's"


def test_who_never_ends_the_handshake_is_not_waited_for(short: Budget) -> None:
    with listening(silent) as port:
        failure_of(client_of(f"https://127.0.0.1:{port}", budget=short), ConnectTimeoutError)


def test_where_nobody_listens_there_is_no_endpoint() -> None:
    with listening(silent) as port:
        pass
    failure_of(client_of(f"http://127.0.0.1:{port}"), EndpointConnectionError)


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example"])
def test_a_name_that_cannot_be_one_is_told_as_nobody_there(host: str) -> None:
    failure_of(client_of(f"http://{host}"), EndpointConnectionError)


@pytest.mark.parametrize("token", [f"{SESSION_TOKEN}\r\nX-Other: 1", f"{SESSION_TOKEN}\N{EURO SIGN}"])
def test_a_credential_that_fits_no_header_is_not_quoted(token: str) -> None:
    with answering(NOTHING_FOUND) as aws:
        failure_of(
            CLIENTS["dynamodb"](access_to(aws.url, token), None, FakeClock(), Budget(FakeClock())),
            ConnectionClosedError,
        )
    assert not aws.asked


def test_many_requests_take_one_connection() -> None:
    refused = giving("400 Bad Request", __type="ThrottlingException")
    with answering(NOTHING_FOUND, refused, NOTHING_FOUND) as aws:
        client = client_of(aws.url)
        ask(client)
        failure_of(client, ClientError)
        ask(client)
    assert (len(aws.asked), len(aws.connections)) == (3, 1)


def test_a_connection_that_the_peer_has_ended_is_not_used_again() -> None:
    with answering(NOTHING_FOUND) as aws:
        client = client_of(aws.url)
        ask(client)
        aws.hang_up()
        ask(client)
    assert len(aws.connections) == 2


def test_a_connection_that_is_to_be_closed_is_not_used_again() -> None:
    with answering(saying(b"{}", "Connection: close")) as aws:  # and it does not hang up
        client = client_of(aws.url)
        ask(client)
        ask(client)
    assert len(aws.connections) == 2


def test_a_connection_that_was_idle_for_long_is_not_used_again() -> None:
    clock = FakeClock()
    with answering(NOTHING_FOUND) as aws:
        client = client_of(aws.url, clock=clock)
        opened = []
        for idle_s in (0, budgeted_socket.IDLE_S, budgeted_socket.IDLE_S + 1):
            clock.time += idle_s
            ask(client)
            opened.append(len(aws.connections))
    assert opened == [1, 1, 2]


def test_two_threads_have_a_connection_each_and_both_are_kept() -> None:
    both = Barrier(2, timeout=5)

    def together(connection: socket.socket) -> None:
        both.wait()
        NOTHING_FOUND(connection)

    with answering(together) as aws, ThreadPoolExecutor(2) as pool:
        client = client_of(aws.url)
        for _ in range(2):
            for asking in [pool.submit(ask, client), pool.submit(ask, client)]:
                asking.result()
    assert (len(aws.asked), len(aws.connections)) == (4, 2)


def test_a_peer_whom_the_authority_vouches_for_is_asked_over_tls(tmp_path: Path) -> None:
    context, ca = authority(tmp_path)
    with answering(NOTHING_FOUND, tls=context) as aws:
        client = client_of(aws.url, ca=ca)
        ask(client)
        ask(client)
    assert (len(aws.asked), len(aws.connections)) == (2, 1)


@pytest.mark.parametrize("ca", [None, "another"])
def test_a_peer_whom_nobody_trusted_vouches_for_is_told_nothing(tmp_path: Path, ca: str | None) -> None:
    context, _ = authority(tmp_path)
    if ca is not None:
        (tmp_path / ca).mkdir()
        _, ca = authority(tmp_path / ca)
    with answering(NOTHING_FOUND, tls=context) as aws:
        failure_of(client_of(aws.url, ca=ca), SSLError)
    assert not aws.asked


def test_a_peer_of_another_name_is_told_nothing(tmp_path: Path) -> None:
    context, ca = authority(tmp_path, "example.com")
    with answering(NOTHING_FOUND, tls=context) as aws:
        failure_of(client_of(aws.url, ca=ca), SSLError)
    assert not aws.asked


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2])
def test_tls_1_2_is_the_oldest_that_is_spoken(tmp_path: Path, newest: ssl.TLSVersion) -> None:
    context, ca = authority(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_1, newest
    with answering(NOTHING_FOUND, tls=context) as aws:
        client = client_of(aws.url, ca=ca)
        if newest == ssl.TLSVersion.TLSv1_2:
            ask(client)
        else:
            failure_of(client, SSLError)


def test_the_authorities_are_parsed_once_for_all_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    http_pool.tls.cache_clear()
    parsed: list[object] = []
    parse = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *files: Any, **more: Any) -> None:
        parsed.append(files or more)
        parse(context, *files, **more)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    context, ca = authority(tmp_path)
    made_for_the_peer = len(parsed)
    with answering(saying(b"{}", "Connection: close"), tls=context) as aws:
        for client in [client_of(aws.url, ca=ca) for _ in range(3)]:
            ask(client)
            ask(client)
    assert len(aws.connections) == 6
    assert len(parsed) - made_for_the_peer == 1
