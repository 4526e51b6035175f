"""The command line, an account for it, and files with keys; no run may have shown a secret when a test is over."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore import loaders
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from cli.cloud_formation import CloudFormation, running_cloud_formation
from cli.command_line import CommandLine
from cli.empty_org import create, deployed, empty, http
from cli.fake_keeper import FakeKeeper
from kms_service import KmsService, running_kms
from lambda_service import REGION, LambdaService, lambda_service
from org_fixture import customer, make_customer, org, org_announcement, org_control, org_log

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = [
    "create",
    "customer",
    "deployed",
    "empty",
    "http",
    "lambda_service",
    "make_customer",
    "org",
    "org_announcement",
    "org_control",
    "org_log",
]

type AwsClient = Callable[[str], Any]
type WriteFile = Callable[[str, str], Path]

_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]}
)
_FOREIGN = ("AWS_PROFILE", "AWS_REGION", "SFMINT_STACK", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY")


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of AWS with one stack, `acme`, which has the connections `my-org` and `other-org`."""

    cloud_formation: CloudFormation
    functions: LambdaService
    keeper: FakeKeeper
    secrets: Any
    parameters: Any
    identities: Any

    def secret(self, connection: str = "my-org") -> str:
        """Return a secret's value as it stands."""
        return self.staged("AWSCURRENT", connection) or ""

    def staged(self, stage: str, connection: str = "my-org") -> str | None:
        """Return the value that a stage names."""
        try:
            found = self.secrets.get_secret_value(SecretId=f"sfmint/acme/{connection}", VersionStage=stage)
        except self.secrets.exceptions.ResourceNotFoundException:
            return None
        return str(found.get("SecretString"))

    def has_secrets(self) -> bool:
        return bool(self.secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"])


@pytest.fixture
def sfmint(
    key_pair: "KeyPair", shared_aws_models: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[CommandLine]:
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # no pauses
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    command_line = CommandLine(keys={key_pair.pem})
    yield command_line
    assert command_line.leaks() == set()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AbstractContextManager[None]]:
    """Have one call of AWS fail: the first is number 0; `after` it was carried out, or before."""
    asked = vars(BaseClient)["_make_api_call"]

    @contextmanager
    def block(number: int, *, after: bool) -> Iterator[None]:
        calls = count()

        def call(self: Any, operation: str, parameters: Any) -> Any:
            if next(calls) != number:
                return asked(self, operation, parameters)
            if after:
                asked(self, operation, parameters)
            raise ReadTimeoutError(endpoint_url="https://aws.example")

        with monkeypatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", call)
            yield

    return block


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """Have Ctrl-C pressed before one call of AWS: the first is number 0."""
    asked = vars(BaseClient)["_make_api_call"]

    @contextmanager
    def block(number: int) -> Iterator[None]:
        calls = count()

        def call(self: Any, operation: str, parameters: Any) -> Any:
            # Only the program's own: the fake keeper reads secrets, too.
            if current_thread() is main_thread() and next(calls) == number:
                raise KeyboardInterrupt
            return asked(self, operation, parameters)

        with monkeypatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", call)
            yield

    return block


@pytest.fixture
def denied(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Operations that AWS does not allow."""
    operations: set[str] = set()
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        if operation in operations:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
        return ask(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return operations


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write a file of the test's own folder and return its path."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def key_file(write_file: WriteFile, key_pair: "KeyPair") -> Path:
    return write_file("my-org.key", key_pair.pem)


@pytest.fixture
def certificate_file(write_file: WriteFile, key_pair: "KeyPair") -> Path:
    return write_file("my-org.crt", key_pair.certificate)


@pytest.fixture(scope="session")
def aws_clients(aws_models: loaders.Loader) -> AwsClient:
    """Give a test's own client of the account: one for a service, which every test's `mock_aws` answers anew."""
    session = botocore.session.Session()
    session.register_component("data_loader", aws_models)
    session.set_credentials("testing", "testing")
    config: Any = Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg]  # its stubs lack that

    @cache
    def client(service: str) -> Any:
        return session.create_client(service, REGION, config=config)

    return client


@pytest.fixture
def cloud_formation(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    with running_cloud_formation() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", service.url)
        yield service


@pytest.fixture
def kms(aws_credentials: None, shared_aws_models: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[KmsService]:
    monkeypatch.setenv("AWS_REGION", REGION)
    with running_kms() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", service.url)
        yield service


@pytest.fixture
def account(
    aws_credentials: None,
    shared_aws_models: None,
    aws_clients: AwsClient,
    cloud_formation: CloudFormation,
    lambda_service: LambdaService,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Account]:
    monkeypatch.delenv("AWS_ENDPOINT_URL_SSM")  # moto's
    monkeypatch.setenv("SFMINT_STACK", "acme")
    cloud_formation.deploy("acme", "my-org", "other-org")
    with mock_aws():
        secrets = aws_clients("secretsmanager")
        keeper = FakeKeeper(secrets)
        lambda_service.broker = keeper
        identities = aws_clients("iam")
        for name in ("get-token-my-org", "request-my-org"):
            identities.create_policy(PolicyName=f"acme-{name}-{REGION}", PolicyDocument=_POLICY)
        yield Account(
            cloud_formation=cloud_formation,
            functions=lambda_service,
            keeper=keeper,
            secrets=secrets,
            parameters=aws_clients("ssm"),
            identities=identities,
        )
