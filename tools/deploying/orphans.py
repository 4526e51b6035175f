"""What stands in the way of a deploy: things of the names that the stack needs, which are not the stack's.

A deletion that failed, or a stack that was taken apart by hand, leaves them behind. CloudFormation would find them
one at a time, and undo a first deploy for each.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from deploying.aws import Account
from deploying.errors import Refused
from deploying.stack import Resource
from deploying.template import Named

_PAGE = 10  # what GetParameters takes at most

type Deletion = str  # the words of the AWS CLI that delete one


def check_no_orphans(account: Account, needed: frozenset[Named], there: Iterable[Resource]) -> None:
    """Check that the names that a deploy adds are free.

    Args:
        account: where the stack is.
        needed: the named resources of the next template.
        there: the resources of the stack.

    Raises:
        Refused: some are not; the message has the command that deletes each.
    """
    own = {resource.physical for resource in there} | {resource.physical.rpartition("/")[2] for resource in there}
    new = [named for named in needed if named.name not in own]  # of a policy CloudFormation knows the ARN
    asked = {kind: names for kind in _FINDERS if (names := _names(new, kind))}
    if found := [deletion for kind, names in asked.items() for deletion in _FINDERS[kind](account, names)]:
        commands = "\n".join(f"  {account.command(words)}" for words in sorted(found))
        raise Refused(
            "The account has things of the names that this deploy makes, and they are not the stack's. "
            f"If nobody needs them, delete them; otherwise choose other names:\n{commands}"
        )


def _names(named: Iterable[Named], kind: str) -> list[str]:
    return sorted(one.name for one in named if one.kind == kind)


def _policies(account: Account, names: list[str]) -> Iterator[Deletion]:
    pages = account.client("iam").get_paginator("list_policies").paginate(Scope="Local")
    for policy in pages.search("Policies"):
        if policy["PolicyName"] in names:
            yield f"iam delete-policy --policy-arn {policy['Arn']}"


def _log_groups(account: Account, names: list[str]) -> Iterator[Deletion]:
    logs = account.client("logs")
    for name in names:
        groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        if name in {group["logGroupName"] for group in groups}:
            yield f"logs delete-log-group --log-group-name {name}"


def _parameters(account: Account, names: list[str]) -> Iterator[Deletion]:
    store = account.client("ssm")
    for at in range(0, len(names), _PAGE):
        found = store.get_parameters(Names=names[at : at + _PAGE])["Parameters"]
        yield from (f"ssm delete-parameter --name {shlex.quote(one['Name'])}" for one in found)


def _functions(account: Account, names: list[str]) -> Iterator[Deletion]:
    functions = account.client("lambda")
    for name in names:
        if _is_there(lambda name=name: functions.get_function_configuration(FunctionName=name)):  # type: ignore[misc]
            yield f"lambda delete-function --function-name {name}"


def _key_aliases(account: Account, names: list[str]) -> Iterator[Deletion]:
    keys = account.client("kms")
    for name in names:
        if _is_there(lambda name=name: keys.describe_key(KeyId=name)):  # type: ignore[misc]
            yield f"kms delete-alias --alias-name {name}"


def _is_there(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ResourceNotFoundException", "NotFoundException"}:
            return False
        raise
    return True


_FINDERS: dict[str, Callable[[Account, list[str]], Iterator[Deletion]]] = {
    "AWS::IAM::ManagedPolicy": _policies,
    "AWS::KMS::Alias": _key_aliases,
    "AWS::Lambda::Function": _functions,
    "AWS::Logs::LogGroup": _log_groups,
    "AWS::SSM::Parameter": _parameters,
    "AWS::Serverless::Function": _functions,
}
