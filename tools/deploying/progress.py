"""What CloudFormation is doing, shown while it does it."""

from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from deploying.console import Console
from deploying.stack import Resource

_TIDYING = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"  # former resources go; functions and aliases are in place by then
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _GROWTH = 0.2, 3.0, 1.3


@dataclass(slots=True)
class Outcome:
    """How a change of a stack has ended.

    Attributes:
        status: of the stack.
        failures: what has failed, with the reason, the first first.
        kept: what CloudFormation has left alone though its resource is gone.
    """

    status: str = ""
    failures: list[str] = field(default_factory=list)
    kept: list[Resource] = field(default_factory=list)


class Progress:
    """Follows the events of one stack.

    Args:
        cloudformation: a client.
        stack: its ARN, so that it is found after its removal.
        console: where the events are shown.
    """

    def __init__(self, cloudformation: Any, stack: str, console: Console) -> None:
        self._cloudformation = cloudformation
        self._stack = stack
        self._console = console
        self._seen = {event["EventId"] for event in self._events(set())}  # of earlier changes

    def follow(self) -> Outcome:
        """Show each event until the stack is at rest, and return how that ended."""
        began, pause, outcome = self._console.clock(), _FIRST_PAUSE_S, Outcome()
        while not outcome.status:
            for event in reversed(self._events(self._seen)):
                self._seen.add(event["EventId"])
                self._take(event, outcome, self._console.clock() - began)
            if not outcome.status:
                self._console.sleep(pause)
                pause = min(pause * _GROWTH, _LONGEST_PAUSE_S)
        return outcome

    def _take(self, event: dict[str, Any], outcome: Outcome, after_s: float) -> None:
        status, logical = event["ResourceStatus"], event["LogicalResourceId"]
        reason = event.get("ResourceStatusReason", "")
        # Its own events tell how the stack is: DescribeStacks may lag behind them.
        if event.get("PhysicalResourceId") == self._stack and (
            status == _TIDYING or not status.endswith("_IN_PROGRESS")
        ):
            outcome.status = status
        if status.endswith("_FAILED"):
            outcome.failures.append(f"{logical}: {reason}")
        if status == "DELETE_SKIPPED":
            resource = Resource(
                logical=logical, physical=event.get("PhysicalResourceId", ""), kind=event["ResourceType"]
            )
            outcome.kept.append(resource)
        if not status.endswith("_IN_PROGRESS"):
            told = f": {reason}" if status.endswith("_FAILED") else ""
            self._console.say(f"  {after_s:4.0f} s  {status.lower().replace('_', ' '):17} {logical}{told}")

    def _events(self, seen: set[str]) -> list[dict[str, Any]]:
        """Return the events that are new, the newest first."""
        new: list[dict[str, Any]] = []
        try:
            for page in self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._stack):
                fresh = [event for event in page["StackEvents"] if event["EventId"] not in seen]
                new += fresh
                if len(fresh) < len(page["StackEvents"]):
                    break
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
        return new
