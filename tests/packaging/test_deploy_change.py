"""From the change set to the last alias, and the ways back and out: CloudFormation and Lambda in memory, S3 on moto."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from deploying import commands
from deploying.aws import Account
from deploying.changes import Change, table, warnings
from deploying.commands import Job
from deploying.console import Console
from deploying.errors import DeployError, Failed, Refused
from deploying.proof import prove
from deploying.pruning import KEPT_LAYERS
from fake_stacks import FakeStacks, refusal
from samconfig import Environment

REGION = "eu-central-1"
VARIABLES = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
BUCKET = "artefacts"
FUNCTIONS = ("token-broker", "token-keeper", "salesforce-request")
OUTPUTS = {
    "BrokerArn": "arn:aws:lambda:r:1:function:sales-token-broker",
    "KeeperArn": "arn:aws:lambda:r:1:function:sales-token-keeper:live",
    "RequestArn": "arn:aws:lambda:r:1:function:sales-salesforce-request",
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
    """Lambda with the three functions of a stack: what `live` answers, where aliases point, what there is to prune."""

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

    def get_function_configuration(self, **_: str) -> None:
        raise refusal("ResourceNotFoundException")


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


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws():
        yield World(tmp_path, monkeypatch)


# ------------------------------------------------------------------------------------------------ The change set


def test_a_first_deploy_and_a_second_that_keeps_what_it_does_not_name(world: World) -> None:
    world.stacks.ending = "CREATE_COMPLETE"
    first = world.deploy(Connections="orders,billing")
    world.stacks.ending = "UPDATE_COMPLETE"
    second = world.deploy(LogLevel="DEBUG")
    assert first != second
    assert world.stacks.parameters == {
        "Connections": "orders,billing",
        "Architecture": "arm64",
        "LogLevel": "DEBUG",
        "BuildId": second,
    }
    assert f"build {second} runs behind orders, billing" in world.said.getvalue()


def test_only_live_is_invoked_so_a_deployer_needs_no_right_to_a_token(world: World) -> None:
    world.deploy(Connections="orders,billing")
    assert sorted(name.partition("function:")[2] for name in world.functions.asked) == sorted(
        f"sales-{name}:live" for name in FUNCTIONS
    )


def test_a_deploy_without_changes_asks_nobody_and_executes_nothing(world: World) -> None:
    world.deploy(Connections="orders")
    world.stacks.changes, world.typed, world.stacks.calls = [], "", []
    world.deploy()
    assert "execute_change_set" not in world.stacks.calls
    assert "nothing" in world.said.getvalue()


def test_who_may_invoke_a_connection_that_goes_is_told_before(world: World) -> None:
    world.deploy(Connections="orders,billing")
    principal = json.dumps(
        {"Statement": [{"Principal": "*"}, {"Principal": {"AWS": "arn:aws:iam::222222222222:root"}}]}
    )
    world.functions.grants = {
        f"{OUTPUTS['RequestArn']}:billing": principal,
        f"{OUTPUTS['BrokerArn']}:orders": principal,
    }
    commands.preflight(world.job(removed=("billing",)))
    told = [line for line in world.said.getvalue().splitlines() if line.startswith("note: ")]
    assert [line.split(" may")[0] for line in told] == [
        "note: * on sales-salesforce-request:billing",
        "note: arn:aws:iam::222222222222:root on sales-salesforce-request:billing",
    ]


@pytest.mark.parametrize("there", [True, False], ids=["update", "creation"])
def test_a_plan_shows_the_changes_and_leaves_nothing_behind(world: World, *, there: bool) -> None:
    if there:
        world.deploy(Connections="orders")
    before = world.stacks.status, dict(world.stacks.parameters), world.stacks.template
    world.stacks.calls, world.typed = [], ""
    commands.deploy(world.job({"Connections": "orders,more"}, plan=True))
    assert (world.stacks.status, world.stacks.parameters, world.stacks.template) == before
    assert world.stacks.change_sets == {}
    assert "execute_change_set" not in world.stacks.calls
    assert "change" in world.said.getvalue()


@pytest.mark.parametrize("there", [True, False], ids=["update", "creation"])
def test_a_no_leaves_nothing_behind(world: World, *, there: bool) -> None:
    if there:
        world.deploy(Connections="orders")
    before = world.stacks.status
    world.typed = "n\n"
    with pytest.raises(Refused, match="did not say yes"):
        world.deploy(Connections="orders,more")
    assert (world.stacks.status, world.stacks.change_sets) == (before, {})


@pytest.mark.parametrize("there", [True, False], ids=["update", "creation"])
def test_an_interruption_before_the_change_set_is_known_leaves_nothing_behind(world: World, *, there: bool) -> None:
    if there:
        world.deploy(Connections="orders")
    before = world.stacks.status

    def interrupt() -> None:
        raise KeyboardInterrupt

    world.stacks.on_create = interrupt
    with pytest.raises(KeyboardInterrupt):
        world.deploy(Connections="orders,more")
    assert (world.stacks.status, world.stacks.change_sets) == (before, {})


def test_a_no_leaves_the_first_deploy_of_somebody_else_alone(world: World) -> None:
    world.stacks.on_create = lambda: world.stacks.change_sets.update(another={})
    world.typed = "n\n"
    with pytest.raises(Refused, match="did not say yes"):
        world.deploy(Connections="orders")
    assert (world.stacks.status, list(world.stacks.change_sets)) == ("REVIEW_IN_PROGRESS", ["another"])


def test_a_change_that_cloudformation_refuses_leaves_nothing_behind(world: World) -> None:
    world.stacks.refused = "Transform failed."
    with pytest.raises(Refused, match=r"refuses the change: Transform failed\."):
        world.deploy(Connections="orders")
    assert (world.stacks.status, world.stacks.change_sets) == (None, {})


@pytest.mark.parametrize(
    "error",
    [
        refusal("InvalidChangeSetStatus", "status OBSOLETE", "ExecuteChangeSet"),
        refusal("ValidationError", "Stack is in UPDATE_IN_PROGRESS state and can not be updated", "ExecuteChangeSet"),
    ],
)
def test_a_second_deploy_at_the_same_time_is_refused_in_one_line(error: Exception, world: World) -> None:
    def meanwhile() -> None:
        raise error

    world.deploy(Connections="orders")
    world.stacks.on_execute = meanwhile
    with pytest.raises(Refused, match=r"^Another deploy has changed the stack meanwhile\."):
        world.deploy(LogLevel="DEBUG")


def test_a_deploy_that_cloudformation_undoes_names_the_first_failure(world: World) -> None:
    world.deploy(Connections="orders")
    world.stacks.ending = "UPDATE_ROLLBACK_COMPLETE"
    world.stacks.events = [("A", "UPDATE_FAILED", "no room"), ("B", "UPDATE_FAILED", "cancelled")]
    with pytest.raises(Failed, match=r"UPDATE_ROLLBACK_COMPLETE.*: A: no room$"):
        world.deploy(LogLevel="DEBUG")


def test_what_cloudformation_does_is_shown(world: World) -> None:
    world.stacks.events = [("A", "CREATE_IN_PROGRESS", ""), ("A", "CREATE_COMPLETE", "")]
    world.deploy(Connections="orders")
    assert world.said.getvalue().count(" s  create complete   A\n") == 1
    assert "in progress" not in world.said.getvalue()


def test_a_failure_of_the_sam_cli_shows_its_last_lines(world: World) -> None:
    (world.root / "sam").write_text('#!/bin/sh\necho "SAM CLI, version 1.170.0"; [ "$1" = --version ] || exit 1\n')
    with pytest.raises(Failed, match=r"SAM CLI, version 1.170.0\n`sam package` has failed"):
        world.deploy(Connections="orders")


# ------------------------------------------------------------------------------------------------- The table


def said(action: str, kind: str, replacement: str | None = None) -> Change:
    told = {"Action": action, "LogicalResourceId": "R", "ResourceType": kind}
    return Change.read({**told, **({"Replacement": replacement} if replacement else {})})


@pytest.mark.parametrize(
    ("change", "loud"),
    [
        (said("Modify", "AWS::DynamoDB::Table", "True"), "WOULD BE REPLACED"),
        (said("Modify", "AWS::KMS::Key", "True"), "WOULD BE REPLACED"),
        (said("Modify", "AWS::SecretsManager::Secret", "True"), "WOULD BE REPLACED"),
        (said("Remove", "AWS::DynamoDB::Table"), "WOULD BE REMOVED"),
        (said("Modify", "AWS::KMS::Key", "Conditional"), "may be replaced"),
        (said("Modify", "AWS::DynamoDB::Table", "False"), ""),
        (said("Modify", "AWS::Lambda::Function", "True"), ""),
        (said("Add", "AWS::DynamoDB::Table"), ""),
    ],
)
def test_a_resource_whose_content_would_be_lost_is_told_loudly(change: Change, loud: str) -> None:
    assert loud in " ".join(warnings([change]))
    assert bool(warnings([change])) == bool(loud)


def test_the_table_begins_with_what_goes_and_ends_with_the_counts() -> None:
    changes = [
        said("Add", "K"),
        said("Modify", "K"),
        said("Modify", "K", "True"),
        said("Remove", "K"),
        said("Add", "K"),
    ]
    lines = table(changes).splitlines()
    assert [line.split()[0] for line in lines] == ["remove", "replace", "change", "add", "add", "in"]
    assert lines[-1] == "  in all: 1 to remove, 1 to replace, 1 to change, 2 to add"


# ------------------------------------------------------------------------------------------------- The proof


def amiss(world: World) -> str:
    arns = {"broker": OUTPUTS["BrokerArn"]}
    with pytest.raises(Failed) as failed:
        prove(world.functions, arns, "abc", world.job().console)
    assert 30 <= world.now < 32
    return str(failed.value)


def test_rights_that_iam_has_not_told_everywhere_are_waited_for(world: World) -> None:
    world.functions.build, world.functions.failing = lambda: "abc", 20
    prove(world.functions, {"broker": OUTPUTS["BrokerArn"]}, "abc", world.job().console)
    assert world.now == 20


def test_another_build_is_told(world: World) -> None:
    world.functions.build = lambda: "old"
    assert "broker:live answers old" in amiss(world)


def test_an_alias_that_is_elsewhere_than_live_is_told(world: World) -> None:
    world.functions.build = lambda: "abc"
    world.functions.aliases["orders"] = "2"
    assert "broker:orders is at version 2 and live at 3" in amiss(world)


def test_a_function_that_fails_is_told_with_its_error(world: World) -> None:
    world.functions.error = {"errorType": "InvalidSettings", "errorMessage": "X is not set."}
    assert "broker:live fails with InvalidSettings: X is not set." in amiss(world)


def test_a_missing_right_to_ask_is_told_by_its_action(world: World) -> None:
    world.functions.failing = 99
    assert "may not lambda:InvokeFunction on x" in amiss(world)


# ------------------------------------------------------------------------------------------- The way back


def test_the_build_before_is_put_back_with_its_parameters_and_the_way_back_is_undone_likewise(world: World) -> None:
    builds = [world.deploy(Connections="orders")]
    world.write("two")
    builds.append(world.deploy(LogLevel="DEBUG"))
    seen = []
    for _ in range(3):
        seen.append((commands.rollback(world.job()), world.ran(), world.stacks.parameters["LogLevel"]))
        world.stacks.status = "UPDATE_COMPLETE"
    one, two = (builds[0], "one", "INFO"), (builds[1], "two", "DEBUG")
    assert seen == [one, two, one]


def test_a_deploy_that_failed_is_not_what_is_gone_back_to(world: World) -> None:
    first = world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    kept = world.stacks.template, world.stacks.parameters
    world.write("three")
    world.stacks.ending = "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(Failed):
        world.deploy()
    world.stacks.template, world.stacks.parameters = kept  # undone
    world.stacks.ending = "UPDATE_COMPLETE"
    assert commands.rollback(world.job()) == first


@pytest.mark.parametrize("gone", ["sales/one"])
def test_a_build_whose_artefacts_are_gone_is_not_put_back(gone: str, world: World) -> None:
    world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    world.s3.delete_object(Bucket=BUCKET, Key=gone)
    with pytest.raises(Refused, match=f"s3://{BUCKET}/{gone} is gone. Check out its commit"):
        commands.rollback(world.job())
    assert world.ran() == "two"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[]", b"null", b'{"template": "x"}', b'{"deployed_at": 1, "template": "", "parameters": []}'],
)
def test_a_file_that_no_deploy_has_saved_is_no_build(world: World, body: bytes) -> None:
    world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    world.s3.put_object(Bucket=BUCKET, Key="sales/deployed/9999.json", Body=body)
    commands.rollback(world.job())
    assert world.ran() == "one"


def test_the_way_back_removes_no_connection_that_is_not_named(world: World) -> None:
    world.deploy(Connections="orders")
    world.deploy(Connections="orders,billing")
    with pytest.raises(Refused, match=r"leaves out billing.*REMOVE=billing"):
        commands.rollback(world.job())
    commands.rollback(world.job(removed=("billing",)))
    assert world.stacks.parameters["Connections"] == "orders"


@pytest.mark.parametrize("plan", [True, False])
def test_without_a_former_build_or_a_stack_there_is_no_way_back(world: World, *, plan: bool) -> None:
    with pytest.raises(Refused, match="There is no stack sales here"):
        commands.rollback(world.job(plan=plan))
    world.deploy(Connections="orders")
    with pytest.raises(Refused, match="No other build of this stack is saved"):
        commands.rollback(world.job(plan=plan))


def test_what_a_removed_stack_of_the_name_has_had_is_not_gone_back_to(world: World) -> None:
    world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    commands.rollback(world.job(plan=True))
    world.stacks.made_at += timedelta(hours=1)  # removed, and deployed anew
    with pytest.raises(Refused, match="No other build of this stack is saved"):
        commands.rollback(world.job())


def test_two_stacks_that_share_a_bucket_have_a_way_back_each(world: World) -> None:
    world.deploy(Connections="orders")
    world.s3.put_object(Bucket=BUCKET, Key="sales-two/deployed/9999.json", Body=b"not ours")
    world.write("two")
    world.deploy()
    commands.rollback(world.job())
    assert world.ran() == "one"


# ------------------------------------------------------------------------------------------- Pruning


def test_versions_without_an_alias_and_old_layers_go_and_nothing_else(world: World) -> None:
    world.deploy(Connections="orders")
    world.functions.weights = {"2": 0.1}
    assert commands.prune(world.job()) == 3 + 9 - KEPT_LAYERS
    assert world.functions.deleted == [
        *((f"sales-{name}", "1") for name in FUNCTIONS),
        *(("sales-client", number) for number in range(9 - KEPT_LAYERS, 0, -1)),
    ]


def test_the_layer_that_the_stack_has_stays_though_it_is_old(world: World) -> None:
    world.deploy(Connections="orders")
    world.stacks.outputs = {**OUTPUTS, "ClientLayerArn": "arn:aws:lambda:r:1:layer:sales-client:2"}
    commands.prune(world.job())
    assert ("sales-client", 2) not in world.functions.deleted
    assert ("sales-client", 1) in world.functions.deleted


def test_a_layer_that_a_function_of_the_account_has_stays(world: World) -> None:
    world.deploy(Connections="orders")
    layers = [f"arn:aws:lambda:r:1:layer:{name}" for name in ("other:1", "sales-client:3")]
    world.functions.callers = [{}, {"Layers": [{"Arn": arn} for arn in layers]}]
    commands.prune(world.job())
    gone = {number for name, number in world.functions.deleted if name == "sales-client"}
    assert gone == {1, 2, 4}


@pytest.mark.parametrize("plan", [True, False])
def test_nothing_is_pruned_without_a_yes(world: World, *, plan: bool) -> None:
    world.deploy(Connections="orders")
    world.typed = ""
    if plan:
        assert commands.prune(world.job(plan=True)) == 0
    else:
        with pytest.raises(Refused):
            commands.prune(world.job())
    assert world.functions.deleted == []
    assert "broker, version 1" in world.said.getvalue()


# ------------------------------------------------------------------------------------------- Removal


def stand(world: World) -> None:
    world.deploy(Connections="orders")
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    )
    arn = world.iam.create_policy(PolicyName="sales-get-token-orders", PolicyDocument=policy)["Policy"]["Arn"]
    world.iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=policy)
    world.stacks.resources = [
        ("GetTokenorders", arn, "AWS::IAM::ManagedPolicy"),
        ("Table", "sales-Table-1", "AWS::DynamoDB::Table"),
        ("Logs", "/aws/lambda/sales-token-broker", "AWS::Logs::LogGroup"),
        ("Alias", f"{OUTPUTS['BrokerArn']}:orders", "AWS::Lambda::Alias"),
    ]
    ssm, secrets = client("ssm"), client("secretsmanager")
    for stack in ("sales", "sales-two"):
        secrets.create_secret(Name=f"sfmint/{stack}/orders", SecretString="s")
        for name in (f"/sfmint/{stack}/connections/orders/allow", f"/sfmint/{stack}/cache/t1/orders/a"):
            ssm.put_parameter(Name=name, Type="String", Value="x")
    principal = {"AWS": "arn:aws:iam::222222222222:root"}
    world.functions.grants = {f"{OUTPUTS['BrokerArn']}:orders": json.dumps({"Statement": [{"Principal": principal}]})}
    world.stacks.ending = "DELETE_COMPLETE"
    world.stacks.events = [("Table", "DELETE_SKIPPED", "")]
    world.said.truncate(0)


def test_a_removal_names_what_stays_with_the_command_that_deletes_it(world: World) -> None:
    stand(world)
    commands.remove(world.job())
    told = world.said.getvalue()
    assert "222222222222" in told
    for command in (
        "aws dynamodb delete-table --table-name sales-Table-1 --region eu-central-1",
        "aws secretsmanager delete-secret --secret-id sfmint/sales/orders",
        "aws ssm delete-parameter --name /sfmint/sales/connections/orders/allow",
        "aws ssm delete-parameter --name /sfmint/sales/cache/t1/orders/a",
        "aws lambda delete-layer-version --layer-name sales-client --version-number 9",
        f"aws s3 rm --recursive s3://{BUCKET}/sales/ ",
    ):
        assert command in told
    assert "sales-two" not in told
    assert world.stacks.status is None


def test_the_command_for_a_protected_table_lifts_that_first(world: World) -> None:
    stand(world)
    world.stacks.parameters["DeletionProtection"] = "on"
    commands.remove(world.job())
    told = world.said.getvalue()
    assert told.index("--no-deletion-protection-enabled") < told.index("delete-table --table-name sales-Table-1")


def test_a_stack_whose_policies_roles_hold_is_not_removed(world: World) -> None:
    stand(world)
    world.iam.attach_role_policy(RoleName="nightly", PolicyArn=world.stacks.resources[0][1])
    with pytest.raises(Refused, match="sales-get-token-orders by role nightly"):
        commands.remove(world.job())
    assert world.stacks.status == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"is_protected": True}, Refused, "no-enable-termination-protection"),
        ({"status": None}, Refused, "There is no stack sales here"),
        ({"status": "UPDATE_IN_PROGRESS"}, Refused, "under way"),
        ({"parameters": {"Other": "x"}}, Refused, "not one of sfmint's"),
        (
            {"ending": "DELETE_FAILED", "events": [("A", "DELETE_FAILED", "in use")]},
            Failed,
            r"DELETE_FAILED\): A: in use\. Run it again",
        ),
    ],
)
def test_a_removal_that_cannot_be_is_told(
    change: dict[str, Any], kind: type[DeployError], said: str, world: World
) -> None:
    stand(world)
    for name, value in change.items():
        setattr(world.stacks, name, value)
    with pytest.raises(kind, match=said):
        commands.remove(world.job())


@pytest.mark.parametrize("plan", [True, False])
def test_nothing_is_removed_without_a_yes(world: World, *, plan: bool) -> None:
    stand(world)
    world.typed = ""
    if plan:
        commands.remove(world.job(plan=True))
    else:
        with pytest.raises(Refused):
            commands.remove(world.job())
    assert world.stacks.status == "UPDATE_COMPLETE"
    assert "sales-Table-1" in world.said.getvalue()
