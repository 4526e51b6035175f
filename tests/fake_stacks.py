"""A client of CloudFormation in memory: moto's would need packages for all of AWS.

Source: AWS CloudFormation API Reference, of the operations that tools/deploying uses.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def refusal(code: str, message: str = "", operation: str = "DescribeStacks") -> ClientError:
    """Return what botocore raises if AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@dataclass
class FakeStacks:
    """The stack `sales` of one region, or none, and what is done with it.

    Attributes:
        status: of the stack; None if there is none.
        parameters: of the stack.
        outputs: of the stack.
        template: of the stack.
        resources: logical name, physical name and type of each.
        is_protected: whether the stack must not be deleted.
        changes: ResourceChanges that the next change set describes; none of them: nothing would change.
        refused: why the next change set cannot be made, if it cannot.
        ending: the stack's status after a change set is carried out.
        events: of the resources meanwhile: logical name, status, reason.
        on_create: done when a change set is made, before the answer.
        on_execute: raised, or done, when a change set is carried out.
        change_sets: those that are there.
        calls: the names of all operations that change something.
        templates: reads a template's URL.
        made_at: when the stack was made.
    """

    status: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    template: str = ""
    resources: list[tuple[str, str, str]] = field(default_factory=list)
    is_protected: bool = False
    changes: list[dict[str, str]] = field(default_factory=list)
    refused: str = ""
    ending: str = "UPDATE_COMPLETE"
    events: list[tuple[str, str, str]] = field(default_factory=list)
    on_execute: Callable[[], None] = lambda: None
    on_create: Callable[[], None] = lambda: None
    change_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    templates: Callable[[str], str] = lambda url: url
    _told: list[dict[str, Any]] = field(default_factory=list)
    made_at: datetime = BEGAN
    _moment: int = 0

    def describe_stacks(self, **said: str) -> dict[str, Any]:
        if self.status is None or said["StackName"] not in {"sales", "arn:sales"}:
            raise refusal("ValidationError", f"Stack with id {said['StackName']} does not exist")
        pairs = {"Parameter": self.parameters, "Output": self.outputs}
        told = {
            f"{kind}s": [{f"{kind}Key": key, f"{kind}Value": value} for key, value in values.items()]
            for kind, values in pairs.items()
        }
        changed = BEGAN + timedelta(seconds=self._moment)
        own = {"StackName": "sales", "StackId": "arn:sales", "StackStatus": self.status}
        return {
            "Stacks": [
                {
                    **own,
                    **told,
                    "CreationTime": self.made_at,
                    "LastUpdatedTime": changed,
                    "EnableTerminationProtection": self.is_protected,
                }
            ]
        }

    def get_template(self, **_: str) -> dict[str, str]:
        return {"TemplateBody": self.template}

    def create_change_set(self, **said: Any) -> dict[str, str]:
        self.calls.append("create_change_set")
        if self.status is None:
            assert said["ChangeSetType"] == "CREATE"
            self.status = "REVIEW_IN_PROGRESS"
        self.change_sets[name := said["ChangeSetName"]] = said
        self.on_create()
        return {"Id": name, "StackId": "arn:sales"}

    def describe_change_set(self, **_: str) -> dict[str, Any]:
        if self.refused or not self.changes:
            return {
                "Status": "FAILED",
                "StatusReason": self.refused or "The submitted information didn't contain changes.",
            }
        return {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": change} for change in self.changes]}

    def delete_change_set(self, **said: str) -> None:
        self.calls.append("delete_change_set")
        if not self.change_sets.pop(said["ChangeSetName"], None):
            raise refusal("ChangeSetNotFound")

    def execute_change_set(self, **said: str) -> None:
        self.on_execute()
        self.calls.append("execute_change_set")
        made = self.change_sets.pop(said["ChangeSetName"])
        self._moment += 1
        self.template = self.templates(made["TemplateURL"])
        self.parameters = {one["ParameterKey"]: one["ParameterValue"] for one in made["Parameters"]}
        self._end(self.ending)

    def delete_stack(self, **_: str) -> None:
        self.calls.append("delete_stack")
        self._end(self.ending if self.status != "REVIEW_IN_PROGRESS" else "DELETE_COMPLETE")

    def get_paginator(self, operation: str) -> "_Pages":
        return _Pages(getattr(self, f"_{operation}"))

    def _describe_change_set(self) -> dict[str, Any]:
        return self.describe_change_set()

    def _list_change_sets(self) -> dict[str, Any]:
        return {"Summaries": [{"ChangeSetName": name} for name in self.change_sets]}

    def _list_stack_resources(self) -> dict[str, Any]:
        keys = ("LogicalResourceId", "PhysicalResourceId", "ResourceType")
        return {"StackResourceSummaries": [dict(zip(keys, one, strict=True)) for one in self.resources]}

    def _describe_stack_events(self) -> dict[str, Any]:
        return {"StackEvents": list(reversed(self._told))}

    def _end(self, status: str) -> None:
        kinds = {logical: (physical, kind) for logical, physical, kind in self.resources}
        for logical, state, reason in [*self.events, ("sales", status, "")]:
            physical, kind = kinds.get(logical, ("arn:sales" if logical == "sales" else "x", "AWS::X::Y"))
            event = {"LogicalResourceId": logical, "PhysicalResourceId": physical, "ResourceType": kind}
            told = {"EventId": str(len(self._told)), "ResourceStatus": state, "ResourceStatusReason": reason}
            self._told.append({**event, **told})
        self.status = None if status == "DELETE_COMPLETE" else status


@dataclass(frozen=True)
class _Pages:
    read: Callable[[], dict[str, Any]]

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        yield self.read()
