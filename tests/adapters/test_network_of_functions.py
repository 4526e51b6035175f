"""Broker and keeper as a whole in front of an AWS with a private authority: each connection trusts the one bundle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.aws_peer import answering, giving
from adapters.peers import authority
from sfmint import bootstrap
from sfmint.adapters.aws.services import Aws
from sfmint.aws_access.budget import Budget
from sfmint.errors import CacheUnavailable, InvalidCredentials, SfmintError
from sfmint.request import parse_broker_event, parse_keeper_event
from sfmint.settings import Settings
from sfmint_testing.fakes import FakeClock

CALLS: dict[str, Callable[[Aws], Any]] = {
    "dynamodb": lambda aws: aws.dynamodb().get_item(TableName="t", Key={"pk": {"S": "x"}}, ConsistentRead=True),
    "kms": lambda aws: aws.kms().encrypt(KeyId="k", Plaintext=b"x", EncryptionContext={}),
    "secretsmanager": lambda aws: aws.secrets_manager().get_secret_value(SecretId="s", VersionStage="AWSCURRENT"),
    "ssm": lambda aws: aws.ssm().get_parameters_by_path(Path="/x", WithDecryption=False, MaxResults=10),
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "SFMINT_STACK": "acme",
        "SFMINT_CONNECTIONS": "orders",
        "SFMINT_TABLE": "acme-Table-1",
        "SFMINT_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/1",
        "SFMINT_MEMORY_TRUST_SECONDS": "30",
        "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "a secret key",
    }


@pytest.mark.parametrize("service", CALLS)
def test_the_bundle_of_the_settings_is_trusted_for_each_service(
    environment: dict[str, str], tmp_path: Path, service: str
) -> None:
    context, ca = authority(tmp_path)
    with answering(giving(), tls=context) as peer:
        settings = Settings.from_environment(environment | {"AWS_ENDPOINT_URL": peer.url, "SSL_CERT_FILE": ca})
        clock = FakeClock()
        CALLS[service](Aws(settings.aws, settings.ca_bundle, clock, Budget(clock)))
    assert len(peer.asked) == 1


def ask_broker() -> None:
    request: Any = parse_broker_event({}, "orders")
    bootstrap.token_broker().use_case.get_token(request, remaining_s=60)


def ask_keeper() -> None:
    request: Any = parse_keeper_event({"action": "refresh", "connection": "orders"}, {"orders"})
    bootstrap.token_keeper().use_case.refresh(request, remaining_s=60)


@pytest.mark.parametrize("ask", [ask_broker, ask_keeper])
@pytest.mark.parametrize(("trusted", "error"), [(True, InvalidCredentials), (False, CacheUnavailable)])
def test_a_whole_function_asks_under_the_bundle_of_its_environment(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[], None],
    error: type[SfmintError],
    *,
    trusted: bool,
) -> None:
    context, ca = authority(tmp_path)
    with answering(giving(), giving(SecretString="no secret"), tls=context) as peer:
        bundle = {"SSL_CERT_FILE": ca} if trusted else {"AWS_CA_BUNDLE": ca, "REQUESTS_CA_BUNDLE": ca}
        for name, value in (environment | bundle | {"AWS_ENDPOINT_URL": peer.url}).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(error, match=r"is not JSON|no JSON|SSLError"):
            ask()
    asked = [each.headers["x-amz-target"] for each in peer.asked]
    assert asked == (["DynamoDB_20120810.GetItem", "secretsmanager.GetSecretValue"] if trusted else [])
