"""A deployed stack as CloudFormation describes it, and whether it can be changed now.

Source: CloudFormation User Guide, "Stack status codes".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from deploying.aws import Account
from deploying.errors import Refused
from deploying.parameters import BUILD_ID

LONGEST_NAME = 45  # of the 64 characters of a function's name, sfmint's own part takes 19
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_NEVER_THERE = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a stack.

    Attributes:
        logical: its name in the template.
        physical: its name or ARN in the account.
        kind: its type.
    """

    logical: str
    physical: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that is there.

    Attributes:
        name: its name.
        id: its ARN, by which it is found after its removal too.
        status: of CloudFormation.
        parameters: their values.
        outputs: their values.
        made_at: when it was made.
        changed_at: when it was last changed, or made.
        is_protected: whether CloudFormation refuses to delete it.
    """

    name: str
    id: str
    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    made_at: datetime
    changed_at: datetime
    is_protected: bool = False

    @property
    def values(self) -> dict[str, str]:
        """The parameters but BuildId."""
        return {name: value for name, value in self.parameters.items() if name != BUILD_ID}

    @property
    def build(self) -> str:
        """What `make deploy` has put on every alias; empty after a plain `sam deploy`."""
        return self.parameters.get(BUILD_ID, "")

    @property
    def functions(self) -> dict[str, str]:
        """The ARNs of the functions that it has, by a short name: an earlier build had fewer."""
        arns = {
            "broker": "BrokerArn",
            "keeper": "KeeperArn",
            "salesforce_request": "RequestArn",
            "key_rotation": "RotationArn",
            "prober": "ProberArn",
        }
        there = {name: self.outputs[output] for name, output in arns.items() if output in self.outputs}
        return {name: arn.removesuffix(":live") for name, arn in there.items()}


def check_name(name: str) -> None:
    """Check a stack's name.

    Raises:
        Refused: CloudFormation or Lambda would refuse it, or what is named after it.
    """
    if not _NAME.fullmatch(name):
        raise Refused(f"{name!r} cannot name a stack: letters, digits and dashes, a letter first. Correct stack_name.")
    if len(name) > LONGEST_NAME:
        raise Refused(
            f"The stack's name {name!r} has {len(name)} characters, and the names of its functions leave room for "
            f"{LONGEST_NAME}. Shorten stack_name in samconfig.toml."
        )


def find(cloudformation: Any, name: str) -> Stack | None:
    """Return a stack, or None if there is none.

    Args:
        cloudformation: a client.
        name: of the stack, or its ARN.
    """
    try:
        found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    if found["StackStatus"] == "DELETE_COMPLETE":
        return None
    return Stack(
        name=found["StackName"],
        id=found["StackId"],
        status=found["StackStatus"],
        parameters={entry["ParameterKey"]: entry["ParameterValue"] for entry in found.get("Parameters", [])},
        outputs={entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs", [])},
        made_at=found["CreationTime"],
        changed_at=found.get("LastUpdatedTime") or found["CreationTime"],
        is_protected=bool(found.get("EnableTerminationProtection")),
    )


def resources(cloudformation: Any, stack: Stack) -> list[Resource]:
    """Return the resources of a stack that are there."""
    return list(_resources(cloudformation, stack))


def _resources(cloudformation: Any, stack: Stack) -> Iterator[Resource]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.name):
        for found in page["StackResourceSummaries"]:
            physical = found.get("PhysicalResourceId")
            if physical and found.get("ResourceStatus") != "DELETE_COMPLETE":  # of a first deploy that was undone
                yield Resource(logical=found["LogicalResourceId"], physical=physical, kind=found["ResourceType"])


def check_ours(stack: Stack) -> None:
    """Check that a stack is one of sfmint's.

    Raises:
        Refused: it was deployed from another template.
    """
    if stack.status != "REVIEW_IN_PROGRESS" and not {"Connections", BUILD_ID} <= set(stack.parameters):
        raise Refused(
            f"The stack {stack.name} is not one of sfmint's, and would be overwritten. Choose another stack_name."
        )


def check_can_be_updated(stack: Stack, account: Account) -> None:
    """Check that CloudFormation takes an update of a stack now.

    Raises:
        Refused: it does not; the message says what makes it so again.
    """
    name, status = stack.name, stack.status
    cloudformation = "cloudformation {} --stack-name " + name
    if status in _NEVER_THERE:
        delete = account.command(cloudformation.format("delete-stack"))
        raise Refused(f"The first deploy of {name} has failed ({status}). Delete what is left, then deploy: {delete}")
    if status == "REVIEW_IN_PROGRESS":
        delete = account.command(cloudformation.format("delete-stack"))
        raise Refused(
            f"The stack {name} is empty: a first deploy waits for approval, or was given up. "
            f"If nobody is at work on it, delete it: {delete}"
        )
    if status == "DELETE_FAILED":
        raise Refused(f"The removal of {name} has failed half-way. Finish it with `make remove`, then deploy anew.")
    if status == "UPDATE_ROLLBACK_FAILED":
        go_on = account.command(cloudformation.format("continue-update-rollback"))
        raise Refused(f"The last update of {name} could not be undone ({status}). Correct its cause, then: {go_on}")
    if status == "UPDATE_FAILED":
        undo = account.command(cloudformation.format("rollback-stack"))
        raise Refused(f"The last update of {name} has failed and is not undone ({status}). Undo it: {undo}")
    check_is_idle(stack)


def check_is_idle(stack: Stack) -> None:
    """Check that nobody else changes a stack now.

    Raises:
        Refused: somebody does.
    """
    if stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
        raise Refused(f"Another change of {stack.name} is under way ({stack.status}). Wait until it is over.")
