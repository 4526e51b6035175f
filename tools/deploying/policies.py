"""Policies that are to go, and the roles that still hold them.

CloudFormation cannot delete a managed policy that somebody has attached: a removal fails half-way (DeleteConflict).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from deploying.errors import Refused
from deploying.stack import Resource
from deploying.template import Named

POLICY = "AWS::IAM::ManagedPolicy"
_HOLDERS = {
    "PolicyRoles": ("role", "RoleName"),
    "PolicyUsers": ("user", "UserName"),
    "PolicyGroups": ("group", "GroupName"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A policy of the stack that others hold.

    Attributes:
        policy: its name.
        holders: such as ``role nightly``.
    """

    policy: str
    holders: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.policy} by {', '.join(self.holders)}"


def going(resources: Iterable[Resource], staying: frozenset[Named]) -> list[Resource]:
    """Return the named policies of a stack that its next template does not have under their present names.

    Args:
        resources: of the stack.
        staying: the named resources of the next template.
    """
    names = {named.name for named in staying if named.kind == POLICY}
    # The others are the stack's own, and its roles only hold them.
    return [policy for policy in named_policies(resources) if name_of(policy) not in names]


def named_policies(resources: Iterable[Resource]) -> list[Resource]:
    """Return the policies that are made for others to hold: those whose names the template gives."""
    return [one for one in resources if one.kind == POLICY and f"-{one.logical}-" not in one.physical]


def name_of(policy: Resource) -> str:
    """Return the name of a policy, which CloudFormation knows by its ARN."""
    return policy.physical.rpartition("/")[2]


def held(iam: Any, policies: Iterable[Resource], own_roles: Iterable[str] = ()) -> list[Held]:
    """Return those of some policies that roles, users or groups beside the stack's own hold.

    Args:
        iam: a client.
        policies: of the stack.
        own_roles: the names of the stack's roles.
    """
    own = {f"role {name}" for name in own_roles}
    found = ((name_of(policy), tuple(h for h in _holders(iam, policy) if h not in own)) for policy in policies)
    return [Held(name, holders) for name, holders in found if holders]


def check_unheld(found: list[Held]) -> None:
    """Check that nobody holds a policy that is to go.

    Raises:
        Refused: somebody does.
    """
    if found:
        raise Refused(
            "Policies that would be deleted are still attached, and CloudFormation would fail half-way: "
            f"{'; '.join(map(str, found))}. Detach them first (a policy that is only renamed is attached again "
            "afterwards, by its new name)."
        )


def _holders(iam: Any, policy: Resource) -> Iterator[str]:
    try:
        for page in iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=policy.physical):
            for key, (kind, name) in _HOLDERS.items():
                yield from (f"{kind} {entity[name]}" for entity in page.get(key, []))
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":  # deleted by hand: nobody holds it
            raise
