"""A proxy that asks who comes, in front of every function: what it hears, what nobody else does, and what costs a login."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from adapters.peers import AskingProxy, listening
from functions.rest_stack import BASE, RestStack
from functions.stack import CONNECTION, OTHER, TABLE, Environment, Stack

USER, PASSWORD = "sfmint", "päss:w@rd ☂"
FUNCTIONS = ["token_broker", "token_keeper", "salesforce_request"]
EVENTS: dict[str, dict[str, Any]] = {
    "token_broker": {},
    "token_keeper": {"action": "refresh", "connection": CONNECTION},
    "salesforce_request": {"method": "GET", "path": f"{BASE}/limits"},
}
NAME = "corporate/proxy"
MAKE_CALL = "_make_api_call"  # of botocore, where every call passes


@pytest.fixture
def asking_proxy() -> Iterator[tuple[AskingProxy, str]]:
    proxy = AskingProxy(USER, PASSWORD)
    with listening(proxy.serve) as port:
        yield proxy, f"http://127.0.0.1:{port}"


@pytest.fixture
def stack(rest_stack: RestStack) -> Stack:
    return rest_stack.stack


def keep(stack: Stack, password: str = PASSWORD, **others: object) -> str:
    """Store the proxy's user and password, and return the ARN of the secret."""
    return keep_text(stack, json.dumps({"username": USER, "password": password, **others}))


def keep_text(stack: Stack, text: str) -> str:
    secrets = stack.cloud.secrets
    try:
        return str(secrets.put_secret_value(SecretId=NAME, SecretString=text)["ARN"])
    except secrets.exceptions.ResourceNotFoundException:
        return str(secrets.create_secret(Name=NAME, SecretString=text)["ARN"])


@pytest.fixture
def arn(stack: Stack) -> str:
    return keep(stack)


def start(stack: Stack, function: str, asking_proxy: tuple[AskingProxy, str], arn: str) -> Environment:
    return stack.environment(function, SFMINT_HTTPS_PROXY=asking_proxy[1], SFMINT_HTTPS_PROXY_SECRET_ARN=arn)


def told(password: str = PASSWORD) -> str:
    return f"Basic {b64encode(f'{USER}:{password}'.encode()).decode()}"


def succeeded(answer: dict[str, Any]) -> bool:
    return "errorType" not in answer


def make_due(stack: Stack) -> None:
    """Let the row's token be past its soft expiry."""
    key = {"pk": {"S": f"t1#{CONNECTION}"}}
    stack.cloud.dynamodb.update_item(TableName=TABLE, Key=key, UpdateExpression="SET soft_expiry = issued_at")


def tokens_asked_for(stack: Stack) -> int:
    return stack.customer.control.counters().token_requests


def no_trace(stack: Stack, *passwords: str) -> None:
    """Make sure that neither log nor answer holds a password, or what a proxy is told."""
    said = stack.output.getvalue() + json.dumps(stack.answers, ensure_ascii=False)
    for password in passwords:
        assert password not in said
        assert told(password).removeprefix("Basic ") not in said


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_proxy_hears_user_and_password_in_the_request_for_a_tunnel(
    function: str, stack: Stack, asking_proxy: tuple[AskingProxy, str], arn: str
) -> None:
    proxy = asking_proxy[0]
    environment = start(stack, function, asking_proxy, arn)
    assert proxy.told == [], "a start asks nobody"
    assert succeeded(environment.invoke(EVENTS[function])), stack.answers
    assert proxy.told == [told()]
    no_trace(stack, PASSWORD)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrong_password_is_told_and_not_repeated(
    function: str, stack: Stack, asking_proxy: tuple[AskingProxy, str]
) -> None:
    proxy, wrong = asking_proxy[0], "wröng:canary@"
    environment = start(stack, function, asking_proxy, keep(stack, wrong))
    before = tokens_asked_for(stack)
    answer = environment.invoke(EVENTS[function])
    assert answer["errorType"] == "InvalidCredentials"
    assert "asks for a user and a password, or for others than it was given (HTTP 407)" in answer["errorMessage"]
    assert "HttpsProxySecretArn" in answer["errorMessage"]
    environment.invoke(EVENTS[function])
    assert (proxy.told, proxy.passed) == ([told(wrong)], 0), "a second try may lock the user out"
    if function != "salesforce_request":
        assert tokens_asked_for(stack) == before
    no_trace(stack, wrong)


def test_a_secret_that_was_corrected_counts_at_once_for_requests(
    stack: Stack, asking_proxy: tuple[AskingProxy, str]
) -> None:
    environment = start(stack, "salesforce_request", asking_proxy, keep(stack, "wrong"))
    assert environment.invoke(EVENTS["salesforce_request"])["errorType"] == "InvalidCredentials"
    keep(stack)
    assert succeeded(environment.invoke(EVENTS["salesforce_request"]))
    assert asking_proxy[0].told == [told("wrong"), told()]


@pytest.mark.parametrize("function", ["token_broker", "salesforce_request"])
def test_a_wrong_password_that_is_read_anew_is_not_repeated_either(
    function: str, stack: Stack, asking_proxy: tuple[AskingProxy, str], arn: str
) -> None:
    proxy = asking_proxy[0]
    environment = start(stack, function, asking_proxy, arn)
    first = environment.invoke(EVENTS[function])
    proxy.password = "changed, and the secret wrongly"
    proxy.hang_up()
    keep(stack, "another wrong one")
    stack.settle()
    stack.store(stack.customer.secret(), OTHER)
    rejected = {"rejected": first["fingerprint"]} if function == "token_broker" else {}
    for connection in (CONNECTION, OTHER, CONNECTION):
        assert not succeeded(environment.invoke(EVENTS[function] | rejected, connection))
    assert proxy.told == [told(), told(), told("another wrong one")]


def test_a_wrong_password_is_told_once_for_all_connections(stack: Stack, asking_proxy: tuple[AskingProxy, str]) -> None:
    stack.store(stack.customer.secret(), OTHER)
    environment = start(stack, "token_broker", asking_proxy, keep(stack, "wrong"))
    for connection in (CONNECTION, OTHER):
        assert environment.invoke({}, connection)["errorType"] == "InvalidCredentials"
    assert asking_proxy[0].told == [told("wrong")]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_proxy_that_asks_where_the_stack_names_no_secret_is_told_of(
    function: str, stack: Stack, asking_proxy: tuple[AskingProxy, str]
) -> None:
    answer = start(stack, function, asking_proxy, "").invoke(EVENTS[function])
    assert answer["errorType"] == "InvalidCredentials"
    assert "HttpsProxySecretArn" in answer["errorMessage"]
    assert asking_proxy[0].told == [None]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_password_that_changes_while_the_function_runs_is_read_again(
    function: str, stack: Stack, asking_proxy: tuple[AskingProxy, str], arn: str
) -> None:
    proxy = asking_proxy[0]
    environment = start(stack, function, asking_proxy, arn)
    first = environment.invoke(EVENTS[function])
    assert succeeded(first)
    proxy.password = "another: @ß"
    keep(stack, proxy.password)
    proxy.hang_up()
    stack.settle()
    make_due(stack)
    rejected = {"rejected": first["fingerprint"]} if function == "token_broker" else {}
    assert succeeded(environment.invoke(EVENTS[function] | rejected)), stack.answers
    assert proxy.told == [told(), told(), told(proxy.password)]
    no_trace(stack, PASSWORD, proxy.password)


def test_without_a_proxy_its_secret_is_not_read(stack: Stack, read: list[str]) -> None:
    for function in FUNCTIONS:
        environment = stack.environment(function, SFMINT_HTTPS_PROXY="", SFMINT_HTTPS_PROXY_SECRET_ARN="arn:none")
        assert succeeded(environment.invoke(EVENTS[function]))
    assert "arn:none" not in read


# --- the secret


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which secrets are read."""
    ids: list[str] = []
    call = getattr(BaseClient, MAKE_CALL)

    def noting(client: Any, operation: str, request: dict[str, Any]) -> Any:
        if operation == "GetSecretValue":
            ids.append(request["SecretId"])
        return call(client, operation, request)

    monkeypatch.setattr(BaseClient, MAKE_CALL, noting)
    return ids


def refusal(code: str, said: str = "") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(answer, "GetSecretValue")


def fail(monkeypatch: pytest.MonkeyPatch, arn: str, error: Exception) -> None:
    """Let the proxy's secret be unreadable, and no other."""
    call = getattr(BaseClient, MAKE_CALL)

    def failing(client: Any, operation: str, request: dict[str, Any]) -> Any:
        if operation == "GetSecretValue" and request["SecretId"] == arn:
            raise error
        return call(client, operation, request)

    monkeypatch.setattr(BaseClient, MAKE_CALL, failing)


UNREADABLE: list[tuple[Exception, str, str]] = [
    (refusal("ResourceNotFoundException"), "InvalidCredentials", "does not exist.*HttpsProxySecretArn"),
    (refusal("InvalidRequestException"), "InvalidCredentials", "scheduled for deletion.*restore-secret"),
    (refusal("AccessDeniedException"), "InvalidCredentials", "AccessDeniedException.*secretsmanager:GetSecretValue"),
    (
        refusal("AccessDeniedException", "Access to KMS is not allowed"),
        "InvalidCredentials",
        "kms:Decrypt.*SecretsKeyArns",
    ),
    (refusal("DecryptionFailure"), "InvalidCredentials", "kms:Decrypt.*SecretsKeyArns"),
    (refusal("InternalServiceError"), "CacheUnavailable", "InternalServiceError"),
    (ReadTimeoutError(endpoint_url="https://x"), "CacheUnavailable", "ReadTimeoutError"),
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("unreadable", UNREADABLE, ids=lambda case: str(case[0])[:60])
def test_a_secret_that_cannot_be_read_is_told_and_costs_no_login(
    function: str,
    unreadable: tuple[Exception, str, str],
    stack: Stack,
    asking_proxy: tuple[AskingProxy, str],
    arn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (error, name, told_of), before = unreadable, tokens_asked_for(stack)
    environment = start(stack, function, asking_proxy, arn)
    with monkeypatch.context() as patch:
        fail(patch, arn, error)
        answer = environment.invoke(EVENTS[function])
    assert answer["errorType"] == name
    assert re.search(told_of, answer["errorMessage"])
    assert (asking_proxy[0].told, tokens_asked_for(stack)) == ([], before)
    assert not any(key.startswith("budget") for key in stack.items), "a login was counted that never was"
    assert succeeded(environment.invoke(EVENTS[function])), "nothing of it is remembered"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "text", [PASSWORD, json.dumps([USER, PASSWORD]), json.dumps({"user": USER, "password": PASSWORD})]
)
def test_a_secret_of_another_form_is_told_and_costs_no_login(
    function: str, text: str, stack: Stack, asking_proxy: tuple[AskingProxy, str]
) -> None:
    answer = start(stack, function, asking_proxy, keep_text(stack, text)).invoke(EVENTS[function])
    assert answer["errorType"] == "InvalidCredentials"
    assert 'Store {"username": "...", "password": "..."} in it.' in answer["errorMessage"]
    assert asking_proxy[0].told == []
    assert not any(key.startswith("budget") for key in stack.items)
    no_trace(stack, PASSWORD)


def test_a_good_token_is_served_while_the_proxy_refuses(
    stack: Stack, asking_proxy: tuple[AskingProxy, str], arn: str
) -> None:
    environment = start(stack, "token_broker", asking_proxy, arn)
    first = environment.invoke({})
    asking_proxy[0].password = "not yet known"
    asking_proxy[0].hang_up()
    make_due(stack)
    again = start(stack, "token_broker", asking_proxy, arn).invoke({})
    assert again["fingerprint"] == first["fingerprint"]
    assert asking_proxy[0].told == [told(), told()]
