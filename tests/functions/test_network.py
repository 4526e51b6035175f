"""What the network's settings do to each function: whom it trusts, whom it asks, and what it does not obey."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.endpoint import Endpoint
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointConnectionError

from adapters.aws_peer import answering, giving
from adapters.peers import authority, listening, tls_in_front_of
from functions.rest_stack import BASE, RestStack
from functions.stack import CONNECTION, Context, Stack, arn_of
from key_rotation.ports import News, RotationPorts
from sdk_models import SDK_OPERATIONS
from sfmint.errors import SfmintError
from sfmint.settings import InvalidSettings
from sfmint_client.errors import NotConfigured

QUERY = {"method": "GET", "path": f"{BASE}/limits"}
FUNCTIONS = ["token_broker", "token_keeper", "salesforce_request", "key_rotation", "prober"]
NOT_STARTED = (InvalidSettings, NotConfigured)


WITHOUT_DUAL_STACK = {"aws-iso-e", "aws-iso-f"}  # botocore has rules for such hosts, but makes no client of them


# --- authorities


@pytest.fixture
def private_aws(rest_stack: RestStack, tmp_path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Let AWS and Salesforce have certificates of different private authorities; give variables and a bundle of both."""
    context, ca = authority(tmp_path)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Path(ca).read_text() + Path(rest_stack.stack.customer.control.ca).read_text())
    secret = giving(SecretString=json.dumps({"username": "u", "password": "p"}))
    front = tls_in_front_of(context, rest_stack.service.url)
    with listening(front) as port, answering(secret, tls=context) as secrets:
        url = f"https://localhost:{port}"
        names = {"AWS_ENDPOINT_URL_SSM": url, "AWS_ENDPOINT_URL_LAMBDA": url}
        yield names | {"AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets.url}, str(bundle)


@pytest.mark.parametrize("other", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_one_bundle_is_trusted_for_every_connection_of_salesforce_request(
    rest_stack: RestStack, private_aws: tuple[dict[str, str], str], other: str
) -> None:
    variables, bundle = private_aws
    environment = rest_stack.environment(**variables, SSL_CERT_FILE=bundle, **{other: "/no/such/file.pem"})
    answer = environment.invoke(QUERY)
    assert answer["status_code"] == 200, answer
    assert rest_stack.service.reads == [f"/sfmint/acme/connections/{CONNECTION}/allow"]
    assert len(rest_stack.service.invocations) == 1


def test_the_secret_of_a_proxy_is_read_under_the_same_authorities(
    rest_stack: RestStack, private_aws: tuple[dict[str, str], str]
) -> None:
    variables, bundle = private_aws
    proxy = {"SFMINT_HTTPS_PROXY": "http://127.0.0.1:9", "SFMINT_HTTPS_PROXY_SECRET_ARN": "arn:aws:x"}
    answer = rest_stack.environment(**variables, **proxy, SSL_CERT_FILE=bundle).invoke(QUERY)
    assert answer["errorType"] == "SalesforceUnavailable", "the secret was read, and nobody listens at the proxy's port"
    assert rest_stack.service.reads


def test_an_authority_that_no_bundle_names_is_not_trusted(
    rest_stack: RestStack, private_aws: tuple[dict[str, str], str]
) -> None:
    variables, _ = private_aws
    answer = rest_stack.environment(**variables).invoke(QUERY)
    assert (answer["errorType"], "SSLError" in answer["errorMessage"]) == ("CacheUnavailable", True)
    assert (rest_stack.service.reads, rest_stack.service.invocations) == ([], [])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bundle_that_is_not_there_keeps_the_function_from_starting(stack: Stack, function: str) -> None:
    with pytest.raises(NOT_STARTED, match="SSL_CERT_FILE names no file"):
        stack.environment(function, SSL_CERT_FILE="/opt/no-such-bundle.pem")


# --- proxies


def test_aws_is_asked_through_no_proxy_of_the_environment(
    rest_stack: RestStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    dead = "http://127.0.0.1:9"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    answer = rest_stack.environment(**dict.fromkeys(names, dead)).invoke(QUERY)
    assert answer["status_code"] == 200, answer


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("url", ["https://proxy.example", "http://joe:canary@proxy.example", "proxy.example:3128"])
def test_a_proxy_that_is_none_keeps_the_function_from_starting(stack: Stack, function: str, url: str) -> None:
    with pytest.raises(NOT_STARTED, match="SFMINT_HTTPS_PROXY is no URL") as raised:
        stack.environment(function, SFMINT_HTTPS_PROXY=url)
    assert "canary" not in str(raised.value)


# --- places


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("switch", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_a_switch_beside_a_place_of_ones_own_keeps_the_function_from_starting(
    stack: Stack, function: str, switch: str
) -> None:
    with pytest.raises(NOT_STARTED, match="AWS_ENDPOINT_URL_SSM names a place of your own"):
        stack.environment(function, **{switch: "true", "AWS_ENDPOINT_URL_SSM": "https://vpce-1.example"})
    with pytest.raises(NOT_STARTED, match=f"{switch} is neither true nor false"):
        stack.environment(function, **{switch: "yes"})


def partitions() -> dict[str, Any]:
    """Return of each partition of AWS a region."""
    loaded = botocore.session.Session().get_component("data_loader").load_data("partitions")
    return {
        partition["id"]: next(region for region in partition["regions"] if not region.endswith("-global"))
        for partition in loaded["partitions"]
    }


@pytest.fixture
def asked(stack: Stack) -> Iterator[list[tuple[str, str]]]:
    """Note which operation is asked of which URL; what is read is answered, and Lambda is not there."""
    places: list[tuple[str, str]] = []
    answers: dict[str, dict[str, Any]] = {
        "GetParameter": {"Parameter": {"Value": "GET /services/"}},
        "GetSecretValue": {"SecretString": json.dumps({"username": "u", "password": "p"})},
        "DescribeSecret": {"VersionIdsToStages": {}},
        "Publish": {"MessageId": "1"},
        "GetPublicKey": {"PublicKey": b"none"},
    }

    def noting(_: Endpoint, request: dict[str, Any], model: Any) -> tuple[Any, dict[str, Any]]:
        url = urlsplit(request["url"])
        places.append((model.name, f"{url.scheme}://{url.netloc}"))
        if model.name not in answers:
            raise EndpointConnectionError(endpoint_url=request["url"])
        return type("Answered", (), {"status_code": 200, "headers": {}}), answers[model.name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Endpoint, "_send_request", noting)
        yield places


# What each function asks of which service here.
OF_REQUESTS = {"secretsmanager": "GetSecretValue", "ssm": "GetParameter", "lambda": "Invoke"}
OF_ROTATIONS = {
    "secretsmanager": "DescribeSecret",
    "ssm": "GetParameter",
    "lambda": "Invoke",
    "sns": "Publish",
    "kms": "GetPublicKey",
}

OF_PROBES = {
    "dynamodb": "GetItem",
    "kms": "Encrypt",
    "lambda": "Invoke",
    "secretsmanager": "GetSecretValue",
    "ssm": "GetParametersByPath",
}


def by_rule(operations: dict[str, str], aws_models: Any, **parameters: Any) -> set[tuple[str, str]]:
    """Return where botocore's rules have each operation asked."""
    partitions = aws_models.load_data("partitions")
    return {
        (
            operation,
            EndpointProvider(aws_models.load_service_model(service, "endpoint-rule-set-1"), partitions)
            .resolve_endpoint(**parameters)
            .url,
        )
        for service, operation in operations.items()
    }


@pytest.mark.parametrize("dual_stack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize(("partition", "region"), partitions().items())
def test_salesforce_request_asks_where_the_switches_say_in_every_partition(
    stack: Stack,
    asked: list[tuple[str, str]],
    aws_models: Any,
    partition: str,
    region: str,
    *,
    fips: bool,
    dual_stack: bool,
) -> None:
    broker = arn_of("acme-token-broker", region=region, partition=partition)
    environment = stack.environment(
        "salesforce_request",
        AWS_REGION=region,
        AWS_DEFAULT_REGION=region,
        AWS_USE_FIPS_ENDPOINT=str(fips).lower(),
        AWS_USE_DUALSTACK_ENDPOINT=str(dual_stack).lower(),
        SFMINT_BROKER_ARN=broker,
        SFMINT_HTTPS_PROXY="http://proxy.example",
        SFMINT_HTTPS_PROXY_SECRET_ARN=f"arn:{partition}:secretsmanager:{region}:123456789012:secret:proxy",
    )
    invoked = arn_of(environment.name, CONNECTION, region=region, partition=partition)
    answer = environment.invoke_as(QUERY, Context(environment.name, invoked))
    if dual_stack and partition in WITHOUT_DUAL_STACK:
        assert "EndpointVariantError" in answer["errorMessage"]
        assert asked == []
        return
    assert answer["errorType"] == "BrokerUnavailable", answer
    assert set(asked) == by_rule(OF_REQUESTS, aws_models, Region=region, UseDualStack=dual_stack, UseFIPS=fips)


@pytest.mark.parametrize(("partition", "region"), partitions().items())
def test_key_rotation_asks_where_the_switches_say_in_every_partition(
    stack: Stack, asked: list[tuple[str, str]], aws_models: Any, partition: str, region: str
) -> None:
    topic, key = (
        f"arn:{partition}:{rest}" for rest in (f"sns:{region}:123456789012:t", f"kms:{region}:123456789012:key/k")
    )
    settings = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_USE_FIPS_ENDPOINT": "true"}
    function = stack.environment(
        "key_rotation", **settings, SFMINT_CONNECTIONS=CONNECTION, SFMINT_ROTATION_TOPIC_ARN=topic
    ).app.FUNCTION
    ports: RotationPorts = function.runner.rotations.ports
    ports.notes.published(CONNECTION)
    ports.secrets.describe(CONNECTION)
    ports.keeper.refresh(CONNECTION, ahead_s=0)
    ports.announcer.say(News(kind="stuck", connection=CONNECTION, words="So it is."))
    with pytest.raises(SfmintError):
        ports.keys.certificate_by_kms(CONNECTION, key)
    assert set(asked) == by_rule(OF_ROTATIONS, aws_models, Region=region, UseDualStack=False, UseFIPS=True)


@pytest.mark.parametrize(("partition", "region"), partitions().items())
def test_prober_asks_where_the_switches_say_in_every_partition(
    stack: Stack, asked: list[tuple[str, str]], aws_models: Any, partition: str, region: str
) -> None:
    settings = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_USE_FIPS_ENDPOINT": "true"}
    broker = arn_of("acme-token-broker", region=region, partition=partition)
    function = stack.environment("prober", **settings, SFMINT_BROKER_ARN=broker, SFMINT_CONNECTIONS=CONNECTION)
    found = function.invoke({"action": "probe"}, "live")
    assert found["failed"]
    places = by_rule(OF_PROBES, aws_models, Region=region, UseDualStack=False, UseFIPS=True)
    assert {(operation, url) for operation, url in asked if operation != "GetParameter"} == places


def test_the_artefact_holds_what_botocore_makes_the_clients_from_and_no_more() -> None:
    assert OF_REQUESTS.keys() | OF_ROTATIONS.keys() | OF_PROBES.keys() == SDK_OPERATIONS.keys()
