"""A deployed state machine, as whoever starts it sees it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from sfmint_local.embedded_aws import EmbeddedAws

_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A run that is over.

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
        output: what it answered; None unless it has succeeded.
        error: the error's name; empty unless it has failed.
        cause: what it said about that.
        history: all of its events, each as JSON.
    """

    status: str
    output: Any
    error: str
    cause: str
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine:
    """One state machine.

    Attributes:
        aws: where it is deployed.
        arn: its ARN.
    """

    aws: EmbeddedAws
    arn: str

    @classmethod
    def of_stack(cls, aws: EmbeddedAws, stack: str) -> Self:
        """Return the state machine that a stack names in its output ``StateMachineArn``."""
        described = aws.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
        return cls(aws=aws, arn=outputs["StateMachineArn"])

    @classmethod
    def all_of(cls, aws: EmbeddedAws) -> Iterator[Self]:
        """Give every state machine there is."""
        for page in aws.state_machines.get_paginator("list_state_machines").paginate():
            yield from (cls(aws=aws, arn=machine["stateMachineArn"]) for machine in page["stateMachines"])

    def run(self) -> Execution:
        """Start it, and return when it has ended."""
        arn = self.aws.state_machines.start_execution(stateMachineArn=self.arn)["executionArn"]
        while (seen := self.aws.state_machines.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(_LOOK_S)
        return Execution(
            status=seen["status"],
            output=json.loads(seen["output"]) if seen["status"] == "SUCCEEDED" else None,
            error=seen.get("error", ""),
            cause=seen.get("cause", ""),
            history=tuple(self._history(arn)),
        )

    def histories(self) -> Iterator[str]:
        """Give every event of every run, each as JSON."""
        for page in self.aws.state_machines.get_paginator("list_executions").paginate(stateMachineArn=self.arn):
            for execution in page["executions"]:
                yield from self._history(execution["executionArn"])

    def _history(self, execution: str) -> Iterator[str]:
        pages = self.aws.state_machines.get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=execution, includeExecutionData=True):
            yield from (json.dumps(event, default=str) for event in page["events"])
