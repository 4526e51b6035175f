"""A stack in memory: CloudFormation, Lambda, and S3 on moto, as `make deploy` and its kin meet them."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest

from deploying import commands
from deploying.aws import Account
from deploying.commands import Job
from deploying.console import Console
from fake_stacks import FakeStacks, refusal
from samconfig import Environment

REGION = "eu-central-1"
VARIABLES = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
BUCKET = "artefacts"
FUNCTIONS = ("token-broker", "token-keeper", "salesforce-request", "key-rotation")
OUTPUTS = {
    "BrokerArn": "arn:aws:lambda:r:1:function:sales-token-broker",
    "KeeperArn": "arn:aws:lambda:r:1:function:sales-token-keeper:live",
    "RequestArn": "arn:aws:lambda:r:1:function:sales-salesforce-request",
    "RotationArn": "arn:aws:lambda:r:1:function:sales-key-rotation:live",
    "ClientLayerArn": "arn:aws:lambda:r:1:layer:sales-client:9",
}
TEMPLATE = """
Parameters:
  Connections: {Type: CommaDelimitedList, AllowedPattern: '[a-z]+', ConstraintDescription: letters}
  Architecture: {Type: String, Default: arm64}
  LogLevel: {Type: String, Default: INFO, AllowedValues: [INFO, DEBUG]}
  BuildId: {Type: String, Default: ''}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: CODE}}
"""


@cache  # what costs time is to make one
def client(service: str) -> Any:
    """Return a client of moto."""
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


class FakeFunctions:
    """Lambda with the functions of a stack: what `live` answers, where aliases point, what there is to prune."""

    def __init__(self) -> None:
        self.build: Callable[[], str] = lambda: ""
        self.failing = 0
        self.error: dict[str, str] | None = None
        self.aliases = {"live": "3", "orders": "3"}
        self.weights: dict[str, float] = {}
        self.versions = ["$LATEST", "1", "2", "3"]
        self.layers = list(range(9, 0, -1))
        self.callers: list[dict[str, Any]] = [{}]
        self.asked: list[str] = []
        self.deleted: list[Any] = []
        self.grants: dict[str, str] = {}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - AWS's
        assert json.loads(Payload) == {"action": "status"}
        self.asked.append(FunctionName)
        if self.failing:
            self.failing -= 1
            raise refusal(
                "AccessDeniedException", "not authorized to perform: lambda:InvokeFunction on resource: x", "Invoke"
            )
        if self.error:
            return {"FunctionError": "Unhandled", "Payload": BytesIO(json.dumps(self.error).encode())}
        return {"Payload": BytesIO(json.dumps({"build": self.build()}).encode())}

    def get_paginator(self, operation: str) -> "Pages":
        weighted = {"RoutingConfig": {"AdditionalVersionWeights": self.weights}}
        aliases = [{"Name": name, "FunctionVersion": at, **weighted} for name, at in self.aliases.items()]
        layers = [{"Version": n, "LayerVersionArn": f"arn:aws:lambda:r:1:layer:sales-client:{n}"} for n in self.layers]
        found: dict[str, dict[str, list[Any]]] = {
            "list_aliases": {"Aliases": aliases},
            "list_versions_by_function": {"Versions": [{"Version": version} for version in self.versions]},
            "list_functions": {"Functions": self.callers},
            "list_layer_versions": {"LayerVersions": layers},
        }
        return Pages(found[operation])

    def delete_function(self, **said: str) -> None:
        self.deleted.append((said["FunctionName"].rpartition(":")[2], said["Qualifier"]))

    def delete_layer_version(self, **said: Any) -> None:
        self.deleted.append((said["LayerName"], said["VersionNumber"]))

    def get_policy(self, **said: str) -> dict[str, str]:
        if said["FunctionName"] not in self.grants:
            raise refusal("ResourceNotFoundException")
        return {"Policy": self.grants[said["FunctionName"]]}

    def get_function_configuration(self, **said: str) -> dict[str, Any]:
        if not said["FunctionName"].endswith(":live"):
            raise refusal("ResourceNotFoundException")
        return {"Environment": {"Variables": {"SFMINT_BUILD": self.build()}}}


class Pages:
    def __init__(self, page: dict[str, list[Any]]) -> None:
        self.page = page

    def paginate(self, **_: str) -> Any:
        return self

    def search(self, key: str) -> list[Any]:
        return self.page[key]

    def __iter__(self) -> Iterator[dict[str, list[Any]]]:
        return iter([self.page])


class World:
    """A tree with a build, the account, and a person who says yes unless told otherwise."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s3 = client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        self.iam = client("iam")
        self.stacks, self.functions = FakeStacks(outputs=OUTPUTS, templates=self._template_at), FakeFunctions()
        self.functions.build = lambda: self.stacks.parameters["BuildId"]
        self.said, self.now, self.typed = StringIO(), 0.0, "y\n"
        self.root = folder
        fakes = {"cloudformation": self.stacks, "lambda": self.functions}
        monkeypatch.setattr(Account, "client", lambda _, service: fakes.get(service) or client(service))
        self.write("one")

    def write(self, code: str) -> None:
        """Build: the fake SAM CLI packages the code's name."""
        (self.root / ".aws-sam/build/F").mkdir(parents=True, exist_ok=True)
        (self.root / ".aws-sam/build.toml").write_text("[layer_build_definitions.x]\narchitecture = 'arm64'\n")
        (self.root / "template.yaml").write_text(TEMPLATE)
        (self.root / ".aws-sam/build/template.yaml").write_text(TEMPLATE)
        (self.root / ".aws-sam/build/F/code").write_text(code)
        self.s3.put_object(Bucket=BUCKET, Key=f"sales/{code}", Body=b"x")
        packaged = TEMPLATE.replace("CODE", f"s3://{BUCKET}/sales/{code}")
        (self.root / "packaged").write_text(packaged)
        (self.root / "sam").write_text(
            '#!/bin/sh\n[ "$1" = --version ] && exec echo "SAM CLI, version 1.170.0"\n'
            f'for last; do :; done\ncp {self.root}/packaged "$last"\n'
        )
        (self.root / "sam").chmod(0o700)
        self.stacks.changes = [{"Action": "Modify", "LogicalResourceId": code, "ResourceType": "AWS::Lambda::Function"}]

    def job(self, given: Mapping[str, str] | None = None, removed: tuple[str, ...] = (), *, plan: bool = False) -> Job:
        return Job(
            target=Environment(stack="sales", prefix="sales", parameters={}, tags={"team": "a"}, role="arn:role"),
            env="default",
            console=Console(out=self.said, answers=StringIO(self.typed), clock=lambda: self.now, sleep=self._sleep),
            parameters=given or {},
            removed=removed,
            plan=plan,
            root=self.root,
            sam=self.root / "sam",
            variables={**VARIABLES, "PATH": "/usr/bin:/bin"},
        )

    def deploy(self, **given: str) -> str:
        build = commands.deploy(self.job(given))
        self.stacks.status = "UPDATE_COMPLETE"
        return build

    def ran(self) -> str:
        """Return which code the stack has."""
        return self.stacks.template.partition(f"s3://{BUCKET}/sales/")[2].partition("}")[0]

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _template_at(self, url: str) -> str:
        key = url.partition(f"/{BUCKET}/")[2]
        return str(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())
