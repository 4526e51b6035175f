"""What CloudFormation is doing, shown while it does it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
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
        self._seen = {event["EventId"] for page in islice(self._pages(), 1) for event in page["StackEvents"]}

    def follow(self) -> Outcome:
        """Show each event until the stack is at rest, and return how that ended."""
        began, pause, outcome = self._console.clock(), _FIRST_PAUSE_S, Outcome()
        while not outcome.status:
            for event in reversed(self._events()):
                self._seen.add(event["EventId"])
                self._take(event, outcome, self._console.clock() - began)
            if not outcome.status:
                self._console.sleep(pause)
                pause = min(pause * _GROWTH, _LONGEST_PAUSE_S)
        return outcome

    def _take(self, event: dict[str, Any], outcome: Outcome, after_s: float) -> None:
        status, logical = event["ResourceStatus"], event["LogicalResourceId"]
        reason = event.get("ResourceStatusReason", "")
        is_own, is_over = event.get("PhysicalResourceId") == self._stack, not status.endswith("_IN_PROGRESS")
        if is_own and (is_over or status == _TIDYING):  # DescribeStacks may lag behind the events
            outcome.status = status
        if status.endswith("_FAILED") and not is_own:
            outcome.failures.append(f"{logical}: {reason}")
        if status == "DELETE_SKIPPED":
            resource = Resource(
                logical=logical, physical=event.get("PhysicalResourceId", ""), kind=event["ResourceType"]
            )
            outcome.kept.append(resource)
        if is_over:
            told = f": {reason}" if status.endswith("_FAILED") else ""
            self._console.say(f"  {after_s:4.0f} s  {status.lower().replace('_', ' '):17} {logical}{told}")

    def _pages(self) -> Iterator[dict[str, Any]]:
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._stack)
        yield from pages

    def _events(self) -> list[dict[str, Any]]:
        """Return the events that are new, the newest first."""
        new: list[dict[str, Any]] = []
        try:
            for page in self._pages():
                fresh = [event for event in page["StackEvents"] if event["EventId"] not in self._seen]
                new += fresh
                if len(fresh) < len(page["StackEvents"]):
                    break
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
        return new
