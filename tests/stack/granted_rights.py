"""What the roles of a deployed stack hold, right by right, and which of the rights a request has used."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from iam_policy import allowed, listed
from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.role_calls import RoleCall

# What no request in the run can use, by what it is told by, and why.
BY_LAMBDA = (
    "Lambda asks in the role's name, and not the function's code; the emulator writes logs and makes no interfaces"
)
BY_SERVICE = (
    "a service that opens what it keeps under a key asks in the role's name; the emulator's services ask nobody"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One action on one resource, under one of the values that each condition takes.

    Attributes:
        role: the logical id.
        action: as IAM calls it.
        resource: an ARN, perhaps with wildcards.
        conditions: operator, key and value of each.
    """

    role: str
    action: str
    resource: str
    conditions: tuple[tuple[str, str, str], ...] = ()

    def is_used_by(self, call: RoleCall) -> bool:
        """Return whether this right alone lets a request of its role through."""
        conditions: dict[str, dict[str, str]] = {}
        for operator, key, value in self.conditions:
            conditions.setdefault(operator, {})[key] = value
        statement = {"Effect": "Allow", "Action": self.action, "Resource": self.resource, "Condition": conditions}
        return allowed([statement], call.action, call.resource, call.context)

    @property
    def unseen(self) -> str | None:
        """Why the emulator cannot see that it is used; None where it can."""
        if self.action.startswith(("logs:", "ec2:")):
            return BY_LAMBDA
        if any(key == "kms:ViaService" for _, key, _ in self.conditions):
            return BY_SERVICE
        return None


def roles_of(aws: EmbeddedAws, stack: str) -> dict[str, str]:
    """Return the names of a stack's roles, by logical id."""
    resources = aws.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in resources
        if each["ResourceType"] == "AWS::IAM::Role"
    }


def statements_of(aws: EmbeddedAws, role: str) -> Iterator[Mapping[str, Any]]:
    """Give every statement on what a role may, those of the policies that are attached to it included."""
    for name in aws.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from _statements(aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    for attached in aws.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        policy = aws.iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = aws.iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        yield from _statements(version["PolicyVersion"]["Document"])


def rights_in(role: str, statements: Iterable[Mapping[str, Any]]) -> Iterator[Right]:
    """Give each right that some statements allow a role."""
    for each in statements:
        if each["Effect"] != "Allow":
            continue
        values = [
            [(operator, key, value) for value in listed(wanted)]
            for operator, keys in each.get("Condition", {}).items()
            for key, wanted in keys.items()
        ]
        for action, resource, *conditions in product(listed(each["Action"]), listed(each["Resource"]), *values):
            yield Right(role=role, action=action, resource=resource, conditions=tuple(conditions))


def _statements(document: Any) -> list[Mapping[str, Any]]:
    return listed(document["Statement"])
