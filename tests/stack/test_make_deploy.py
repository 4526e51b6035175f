"""A stack's life by `make deploy` and its siblings, beside the session's stack and in the same bucket."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

import pytest
from botocore.exceptions import ClientError

from deploying import commands
from deploying.commands import Job
from deploying.console import Console
from deploying.errors import Refused
from samconfig import Environment
from sfmint_local import artefact, places
from sfmint_local.embedded_stack import EmbeddedStack

pytestmark = pytest.mark.stack

STACK = "sfmint-two"


@dataclass(frozen=True, slots=True)
class Second:
    """A second stack, and what its deployer is told."""

    stack: EmbeddedStack
    said: StringIO = field(default_factory=StringIO)

    def job(self, parameters: Mapping[str, str] | None = None, *removed: str, plan: bool = False) -> Job:
        return Job(
            target=Environment.read(places.ROOT / "samconfig.toml", "local").named(STACK),
            env="local",
            console=Console(out=self.said, agreed=True),
            parameters=parameters or {},
            removed=removed,
            plan=plan,
            variables={**self.stack.aws.environment(), **artefact.SAM_SETTINGS, "PATH": "/usr/bin:/bin"},
        )

    def parameters(self) -> dict[str, str]:
        [found] = self.stack.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return {entry["ParameterKey"]: entry["ParameterValue"] for entry in found["Parameters"]}

    def state(self) -> tuple[str, str]:
        found = self.parameters()
        return found["Connections"], found["LogLevel"]

    def aliases(self) -> set[str]:
        found = self.stack.aws.functions.list_aliases(FunctionName=f"{STACK}-token-broker")["Aliases"]
        return {alias["Name"] for alias in found} & {"orders", "billing"}

    def versions(self) -> int:
        return len(self.stack.aws.functions.list_versions_by_function(FunctionName=f"{STACK}-token-broker")["Versions"])


@pytest.fixture
def second(stack: EmbeddedStack) -> Iterator[Second]:
    with artefact.held():
        yield Second(stack)
    stack.aws.cloudformation.delete_stack(StackName=STACK)


def test_a_stack_is_changed_put_back_pruned_and_removed_without_surprise(second: Second) -> None:
    first = commands.deploy(second.job({"Connections": "orders,billing", "Architecture": artefact.ARCHITECTURE}))
    assert (second.state(), second.aliases()) == (("orders,billing", "INFO"), {"orders", "billing"})

    changed = commands.deploy(second.job({"LogLevel": "DEBUG"}))
    assert second.state() == ("orders,billing", "DEBUG")
    assert changed != first

    before = second.parameters()
    with pytest.raises(Refused, match="leaves out billing"):
        commands.deploy(second.job({"Connections": "orders"}))
    commands.deploy(second.job({"Connections": "orders,new"}, "billing", plan=True))
    assert "remove           Aliasbilling" in second.said.getvalue()
    assert second.parameters() == before

    commands.deploy(second.job(None, "billing"))
    assert (second.state(), second.aliases()) == (("orders", "DEBUG"), {"orders"})

    assert commands.rollback(second.job()) == changed
    assert (second.state(), second.aliases()) == (("orders,billing", "DEBUG"), {"orders", "billing"})
    commands.rollback(second.job(None, "billing"))
    assert second.state() == ("orders", "DEBUG")

    assert commands.prune(second.job()) > 0
    assert second.versions() == 2  # $LATEST, and what every alias runs

    remove_while_a_role_holds_a_policy_and_then(second)


def remove_while_a_role_holds_a_policy_and_then(second: Second) -> None:
    aws = second.stack.aws
    held = next(
        policy for policy in aws.iam.list_policies(Scope="Local")["Policies"] if f"{STACK}-get" in policy["Arn"]
    )
    trust = '{"Version": "2012-10-17", "Statement": []}'
    aws.iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=trust)
    aws.iam.attach_role_policy(RoleName="nightly", PolicyArn=held["Arn"])
    with pytest.raises(Refused, match=r"by role nightly"):
        commands.remove(second.job())
    aws.iam.detach_role_policy(RoleName="nightly", PolicyArn=held["Arn"])
    aws.iam.delete_role(RoleName="nightly")

    commands.remove(second.job())

    assert "aws dynamodb delete-table --table-name sfmint-two-Table" in second.said.getvalue()
    with pytest.raises(ClientError, match="does not exist"):
        second.parameters()
    assert aws.cloudformation.describe_stacks(StackName="sfmint")["Stacks"]  # the sister stands
