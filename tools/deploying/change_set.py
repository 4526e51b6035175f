"""A change of a stack: described by CloudFormation, looked at, and then carried out or dropped.

Source: CloudFormation API Reference, CreateChangeSet, DescribeChangeSet, ExecuteChangeSet.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from deploying.changes import Change
from deploying.console import Console
from deploying.errors import Failed, Refused
from deploying.progress import Progress
from deploying.stack import Stack, find
from samconfig import Environment

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_NOTHING_NEW = ("didn't contain changes", "No updates are to be performed")
_MEANWHILE = ("InvalidChangeSetStatus", "ChangeSetNotFound")
_PAUSE_S, _PATIENCE_S = 0.3, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """A change that CloudFormation has described.

    Attributes:
        id: its ARN.
        stack: the ARN of its stack.
        changes: of resources.
    """

    id: str
    stack: str
    changes: tuple[Change, ...]


@contextmanager
def proposed(
    cloudformation: Any,
    target: Environment,
    present: Stack | None,
    *,
    template_url: str,
    parameters: Mapping[str, str],
    console: Console,
) -> Iterator[ChangeSet | None]:
    """Describe a change, and leave nothing of the description behind.

    Args:
        cloudformation: a client.
        target: names stack, tags and role.
        present: the stack, if it is there.
        template_url: of the packaged template.
        parameters: all of them.
        console: its clock.

    Yields:
        The change, or None if nothing would change.

    Raises:
        Refused: CloudFormation cannot do it.
    """
    name, place = f"deploy-{uuid4().hex}", present.id if present else target.stack
    try:
        made = cloudformation.create_change_set(
            ChangeSetName=name,
            ChangeSetType="UPDATE" if present else "CREATE",
            TemplateURL=template_url,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            **_said_of(target),
        )
        yield _described(cloudformation, made["Id"], made["StackId"], console)
    finally:  # by its name: an interruption may come before the answer
        _drop(cloudformation, name, place)


def carry_out(cloudformation: Any, change_set: ChangeSet, console: Console) -> None:
    """Carry out a change and show what happens until it has happened.

    Raises:
        Refused: somebody else has changed the stack meanwhile.
        Failed: CloudFormation has failed, and undone what it did.
    """
    progress = Progress(cloudformation, change_set.stack, console)
    try:
        cloudformation.execute_change_set(ChangeSetName=change_set.id, StackName=change_set.stack)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MEANWHILE or "_IN_PROGRESS" in str(error):
            raise Refused(
                "Another deploy has changed the stack meanwhile. Wait until it is over, then run this."
            ) from None
        raise
    outcome = progress.follow()
    if outcome.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}:
        first = outcome.failures[0] if outcome.failures else "its events say why"
        raise Failed(
            f"CloudFormation has failed, and the stack is now {outcome.status}. Correct this and deploy again: {first}"
        )


def _said_of(target: Environment) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in target.tags.items()]
    return {
        "StackName": target.stack,
        "Capabilities": CAPABILITIES,
        **({"Tags": tags} if tags else {}),
        **({"RoleARN": target.role} if target.role else {}),
    }


def _described(cloudformation: Any, change_set: str, stack: str, console: Console) -> ChangeSet | None:
    since = console.clock()
    while True:
        said = cloudformation.describe_change_set(ChangeSetName=change_set, StackName=stack)
        status, reason = said["Status"], said.get("StatusReason", "")
        if status == "CREATE_COMPLETE":
            pages = cloudformation.get_paginator("describe_change_set").paginate(
                ChangeSetName=change_set, StackName=stack
            )
            found = [Change.read(one["ResourceChange"]) for page in pages for one in page["Changes"]]
            return ChangeSet(id=change_set, stack=stack, changes=tuple(found))
        if status == "FAILED":
            if any(words in reason for words in _NOTHING_NEW):
                return None
            raise Refused(f"CloudFormation refuses the change: {reason} Correct that and deploy again.")
        if console.clock() - since > _PATIENCE_S:
            raise Refused("CloudFormation has not described the change within ten minutes. Run this again.")
        console.sleep(_PAUSE_S)


def _drop(cloudformation: Any, change_set: str, stack: str) -> None:
    """Delete a change set that was not carried out, and the empty stack that one of a first deploy leaves behind."""
    if find(cloudformation, stack) is None:
        return
    try:
        cloudformation.delete_change_set(ChangeSetName=change_set, StackName=stack)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MEANWHILE or "executed" in str(error).lower():
            return  # carried out: the stack is no longer empty, or soon will not be
        raise
    here = find(cloudformation, stack)
    if here and here.status == "REVIEW_IN_PROGRESS" and not _others(cloudformation, change_set, stack):
        cloudformation.delete_stack(StackName=stack)


def _others(cloudformation: Any, change_set: str, stack: str) -> bool:
    """Return whether somebody else's change set waits for the same first deploy."""
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=stack)
    return any(one["ChangeSetName"] != change_set for page in pages for one in page["Summaries"])
