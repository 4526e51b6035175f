"""One stack in this process: the real handlers, moto for AWS, the embedded org for Salesforce."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.session import Session

import metrics_page
from org_fixture import Customer
from sfmint_local.cloudwatch.metric_line import faults, series
from sfmint_local.environments import bare_stack
from sfmint_local.secret_pieces import Secrets

ROOT = Path(__file__).parents[2]
CONNECTION, OTHER = "my-org", "other-org"
TABLE = bare_stack.TABLE
_TOKEN = re.compile(r"00D\w{12,15}!")


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its call."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def arn_of(function: str, qualifier: str | None = None, *, region: str = "us-east-1", partition: str = "aws") -> str:
    arn = f"arn:{partition}:lambda:{region}:123456789012:function:{function}"
    return arn if qualifier is None else f"{arn}:{qualifier}"


class Cloud:
    """An account of AWS: one table, one key, and the secrets of the connections."""

    def __init__(self) -> None:
        session = Session()
        self.dynamodb: Any = session.create_client("dynamodb")
        self.secrets: Any = session.create_client("secretsmanager")
        self.ssm: Any = session.create_client("ssm")
        kms: Any = session.create_client("kms")
        self.kms, self.key_arn = kms, str(kms.create_key()["KeyMetadata"]["Arn"])
        self.make_table()

    def make_table(self) -> None:
        bare_stack.make_table(self.dynamodb)

    def items(self) -> dict[str, dict[str, Any]]:
        """Return what stands in the table, by key."""
        return {item["pk"]["S"]: item for item in self.dynamodb.scan(TableName=TABLE)["Items"]}

    def clear(self) -> None:
        """Remove every item, every secret and every parameter."""
        for key in self.items():
            self.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": key}})
        for secret in self.secrets.list_secrets()["SecretList"]:
            self.secrets.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)
        if names := [parameter["Name"] for parameter in self.ssm.describe_parameters()["Parameters"]]:
            self.ssm.delete_parameters(Names=names)


@dataclass
class Stack:
    """A deployed stack and all that it was ever heard to say."""

    cloud: Cloud
    customer: Customer
    monkeypatch: pytest.MonkeyPatch
    output: StringIO = field(default_factory=StringIO)
    answers: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def store(self, secret: dict[str, Any] | str, connection: str = CONNECTION) -> None:
        """Store a connection's secret, in place of the one before."""
        if isinstance(secret, dict):
            self.keys.add(str(secret.get("private_key", "")))
            secret = json.dumps(secret)
        name = f"sfmint/acme/{connection}"
        try:
            self.cloud.secrets.put_secret_value(SecretId=name, SecretString=secret)
        except self.cloud.secrets.exceptions.ResourceNotFoundException:
            self.cloud.secrets.create_secret(Name=name, SecretString=secret)

    def stage(self, secret: dict[str, Any], label: str = "SFMINT_TRY", connection: str = CONNECTION) -> None:
        """Store another version of a connection's secret, under a label of its own."""
        self.keys.add(str(secret.get("private_key", "")))
        name = f"sfmint/acme/{connection}"
        self.cloud.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(secret), VersionStages=[label])

    def forget_secret(self) -> None:
        self.cloud.secrets.delete_secret(SecretId=f"sfmint/acme/{CONNECTION}", ForceDeleteWithoutRecovery=True)

    def settle(self) -> None:
        """Let a minute have passed since the row's token was issued: nobody refreshes a younger one ahead."""
        self.cloud.dynamodb.update_item(
            TableName=TABLE,
            Key={"pk": {"S": f"t1#{CONNECTION}"}},
            UpdateExpression="SET issued_at = issued_at - :minute",
            ExpressionAttributeValues={":minute": {"N": "61"}},
        )

    def environment(self, function: str = "token_broker", **variables: str) -> "Environment":
        """Start a new execution environment."""
        settings = {
            **bare_stack.function_variables(
                connections=(CONNECTION, OTHER),
                key_arn=self.cloud.key_arn,
                token_hosts=[self.customer.control.url.removeprefix("https://")],
                trusted=Path(self.customer.control.ca),
            ),
            "SFMINT_STACK": "acme",
            "SFMINT_BROKER_ARN": arn_of("acme-token-broker"),
            "SFMINT_KEEPER_ARN": arn_of("acme-token-keeper", "live"),
            "SFMINT_PROBE_CONNECTION": CONNECTION,
            "AWS_REGION": "us-east-1",
            # A name of its own: Powertools keeps a service's logger, and with it the output of an earlier test.
            "POWERTOOLS_SERVICE_NAME": f"{function}-{uuid4()}",
            "POWERTOOLS_LOG_LEVEL": "DEBUG",
        }
        for name, value in (settings | variables).items():
            self.monkeypatch.setenv(name, value)
        with self.heard():
            return Environment(self, function)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Keep what is written meanwhile."""
        with redirect_stdout(self.output), redirect_stderr(self.output):
            yield

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        """What stands in the table."""
        return self.cloud.items()

    def untold_metrics(self) -> set[str]:
        """Return what is wrong with the lines of metrics, or counted without standing in docs/metrics.md."""
        told = {(metric.name, service) for metric in metrics_page.metrics() for service in metric.services}
        lines = [line for line in self.lines if "_aws" in line]
        wrong = {fault for line in lines for fault in faults(line)}
        for line in lines:
            service = line["service"].partition("-")[0]
            kept = [(name, dict(dimensions)) for (_, name, dimensions), _ in series(line)]
            wrong |= {f"{service} counts {name}" for name, _ in kept if (name, service) not in told}
            wrong |= {f"{name} is counted for {of['stack']}" for name, of in kept if of["stack"] != "acme"}
        return wrong

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log lines, metrics too."""
        return [json.loads(line) for line in self.output.getvalue().splitlines()]

    def leaks(self) -> set[str]:
        """Return where a key, an assertion or a token stands that may not."""
        secrets = Secrets.split(tokens=self.tokens, private_keys=self.keys)
        shown = [{name: value for name, value in answer.items() if name != "access_token"} for answer in self.answers]
        places = {"the output": self.output.getvalue(), "the table": repr(self.items), "an answer": repr(shown)}
        found = {(place, what) for place, text in places.items() for what in secrets.found_in(text.encode())}
        found |= {(place, "something like a token") for place, text in places.items() if _TOKEN.search(text)}
        return {f"{what} in {place}" for place, what in found}


class Environment:
    """An execution environment: a module of its own, imported anew."""

    def __init__(self, stack: Stack, function: str) -> None:
        path = ROOT / "functions" / function / "app.py"
        spec = spec_from_file_location(f"{function}_{uuid4().hex}", path)
        assert spec is not None
        assert spec.loader is not None
        self.app: Any = module_from_spec(spec)
        stack.monkeypatch.syspath_prepend(path.parent)  # as Lambda does
        spec.loader.exec_module(self.app)
        self.name = f"acme-{function.replace('_', '-')}"
        self._stack = stack

    def invoke(self, event: object, qualifier: str | None = CONNECTION) -> dict[str, Any]:
        """Return the answer as Lambda hands it on."""
        return self.invoke_as(event, Context(self.name, arn_of(self.name, qualifier)))

    def invoke_as(self, event: object, context: Context) -> dict[str, Any]:
        """Likewise, under any context."""
        answer = self._answer(event, context)
        if "access_token" in answer:
            self._stack.tokens.add(answer["access_token"])
        self._stack.answers.append(answer)
        return answer

    def _answer(self, event: object, context: Context) -> dict[str, Any]:
        with self._stack.heard():
            try:
                answer: dict[str, Any] = json.loads(json.dumps(self.app.handler(event, context)))
            except Exception as error:  # noqa: BLE001 - as Lambda does
                return {"errorType": type(error).__name__, "errorMessage": str(error)}
        return answer
