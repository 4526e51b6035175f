"""Who may go a way to a connection: who holds its policy, and whom the policy of its alias names.

Source: IAM API Reference, ListEntitiesForPolicy and GetGroup; AWS Lambda API Reference, GetPolicy.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_cli.connections.ways_in import Way
from sfmint_cli.pasteable import aws
from sfmint_cli.result import Failed
from sfmint_values.aws_codes import code_of
from sfmint_values.foreign import Foreign

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ListEntitiesForPolicyResponseTypeDef
    from mypy_boto3_lambda import LambdaClient

MOST_PAGES = 100  # of a hundred each: an account has 5,000 roles and 5,000 users at most
NOT_SEEN = (
    "other policies that name the alias or all functions, as administrators have them",
    "service control policies, permissions boundaries and conditions, which may refuse who is listed",
    "who may assume the roles",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who may go a way.

    Attributes:
        kind: role, user, group, or statement of the alias's policy.
        name: of it.
        way: which he may go.
        members: the users of a group; None: they may not be seen.
        principal: whom a statement names, in words.
    """

    kind: str
    name: str
    way: Way
    members: tuple[str, ...] | None = ()
    principal: str = ""

    def told(self) -> str:
        """Return it in a line."""
        if self.kind == "statement":
            return f"{self.principal} (statement {self.name} of the alias's policy)"
        if self.kind != "group":
            return f"{self.kind} {self.name}"
        members = "members who may not be seen" if self.members is None else ", ".join(self.members) or "nobody in it"
        return f"group {self.name} with {members}"

    def removal(self) -> str:
        """Return the command that takes the way from him."""
        if self.kind == "statement":
            function = ("--function-name", self.way.function, "--qualifier", self.way.alias.rpartition(":")[2])
            return aws("lambda", "remove-permission", *function, "--statement-id", self.name)
        return aws(
            "iam", f"detach-{self.kind}-policy", f"--{self.kind}-name", self.name, "--policy-arn", self.way.policy
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """Finds them.

    Attributes:
        identities: a client of IAM.
        functions: a client of Lambda.
    """

    identities: "IAMClient"
    functions: "LambdaClient"

    def of(self, way: Way) -> tuple[Holder, ...]:
        """Return who may go a way.

        Raises:
            Failed: AWS does not tell.
        """
        return (*self.attached(way), *self.named(way))

    def attached(self, way: Way) -> list[Holder]:
        """Return who holds the policy of a way.

        Raises:
            Failed: AWS does not tell.
        """
        return [] if way.policy is None else list(self._attached(way, way.policy))

    def _attached(self, way: Way, policy: str) -> Iterator[Holder]:
        with asking(f"list who holds the policy {policy}"):
            try:
                pages = self.identities.get_paginator("list_entities_for_policy").paginate(
                    PolicyArn=policy, PolicyUsageFilter="PermissionsPolicy"
                )
                found = [each for page in islice(pages, MOST_PAGES) for each in _in_page(page)]
            except ClientError as error:
                if code_of(error) == "NoSuchEntity":  # the stack was never deployed with it, or is no more
                    return
                raise
        for kind, name in found:
            yield Holder(kind=kind, name=name, way=way, members=self._members(name) if kind == "group" else ())

    def _members(self, group: str) -> tuple[str, ...] | None:
        try:
            with asking(f"list the users of the group {group}"):
                pages = self.identities.get_paginator("get_group").paginate(GroupName=group)
                return tuple(user["UserName"] for page in islice(pages, MOST_PAGES) for user in page["Users"])
        except Failed as failed:
            if failed.name != "AccessDenied":
                raise
            return None

    def named(self, way: Way) -> list[Holder]:
        """Return whom the resource policy of a way's alias names.

        Raises:
            Failed: AWS does not tell.
        """
        function, _, alias = way.alias.rpartition(":")
        with asking(f"read the policy of the alias {alias} of {way.function}"):
            try:
                text = self.functions.get_policy(FunctionName=function, Qualifier=alias)["Policy"]
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":  # it has none
                    return []
                raise
            statements = statements_of(text)
        return [
            Holder(kind="statement", name=str(each.get("Sid")), way=way, principal=_principal(each))
            for each in statements
            if each.get("Effect") == "Allow"
        ]


def _in_page(page: "ListEntitiesForPolicyResponseTypeDef") -> Iterator[tuple[str, str]]:
    """Give kind and name of all in a page."""
    yield from (("role", each["RoleName"]) for each in page["PolicyRoles"])
    yield from (("user", each["UserName"]) for each in page["PolicyUsers"])
    yield from (("group", each["GroupName"]) for each in page["PolicyGroups"])


def statements_of(text: Foreign) -> list[Mapping[str, object]]:
    """Return the statements of a policy.

    Raises:
        Failed: it is none.
    """
    try:
        document = json.loads(text)
        found = document["Statement"]
        return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Failed(
            "What AWS answers as a policy of an alias cannot be read.", remedy="Look at it there.", name="NotAws"
        ) from None


def _principal(statement: Mapping[str, object]) -> str:
    """Return whom a statement names, with the condition that narrows it."""
    named = statement.get("Principal")
    values = list(named.values()) if isinstance(named, dict) else [named]
    names = [str(each) for value in values for each in (value if isinstance(value, list) else [value])]
    condition = statement.get("Condition")
    narrowed = f" if {json.dumps(condition, sort_keys=True)}" if condition else ""
    return f"{', '.join(names)}{narrowed}"
