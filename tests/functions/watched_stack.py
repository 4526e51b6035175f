"""A stack whose hours pass at once, and what CloudWatch makes of the lines that its functions write meanwhile."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.prober_stack import ProberStack
from functions.rest_stack import RestStack
from functions.rotation_stack import RotationStack
from functions.stack import CONNECTION, Context, Environment, Stack, arn_of
from prober import wiring as prober_wiring
from sfmint import bootstrap
from sfmint.adapters.aws.errors import LastDate
from sfmint_local.cloudwatch.alarms import Alarm
from sfmint_local.cloudwatch.metrics import Metrics, Values
from sfmint_local.cloudwatch.verdict import State
from sfmint_local.environments.moved_clock import MovedClock, note_moved
from sfmint_local.org.values import Fault

MINUTE = 60.0
QUERY = {"method": "GET", "path": "/services/data/v67.0/limits"}


class BrokenContext(Context):
    """What brings a function to a fault of its own."""

    def get_remaining_time_in_millis(self) -> int:
        raise RuntimeError


@dataclass
class WatchedStack:
    """The functions, CloudWatch beside them, and a clock that all share with Salesforce.

    Attributes:
        stack: the functions.
        requests: how `salesforce_request` is asked; without it nobody asks.
        rotations: how `key_rotation` is asked; likewise.
        prober: how `prober` is asked; likewise.
        of_lambda: what Lambda counts of each invocation or refusal: which metric of which function, when.
    """

    stack: Stack
    requests: RestStack | None = None
    rotations: RotationStack | None = None
    prober: ProberStack | None = None
    of_lambda: list[tuple[str, str, float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.now
        self.broker = self.stack.environment()
        self.keeper = self.stack.environment("token_keeper")

    @property
    def now(self) -> float:
        return time.time() + MovedClock.later_s

    def call(self, **event: Any) -> dict[str, Any]:
        """Ask the broker, as a caller does."""
        return self.broker.invoke(event)

    def refresh(self) -> dict[str, Any]:
        return self._ask_keeper({"action": "refresh", "connection": CONNECTION})

    def watch(self) -> dict[str, Any]:
        return self._ask_keeper({"action": "watch"})

    def later(self, minutes: float) -> None:
        MovedClock.later_s += minutes * MINUTE
        self.stack.customer.control.change_settings(clock_offset_s=MovedClock.later_s)
        if self.rotations:
            self.rotations.clock.time += minutes * MINUTE

    def goes_down(self) -> None:
        """Salesforce answers no login from here on."""
        self.stack.customer.control.add_fault(Fault(where="token", kind="status", times=None, params={"code": 503}))

    def comes_back(self) -> None:
        self.stack.customer.control.clear_faults()

    def has_fault_of_its_own(self, function: Environment, event: Any, alias: str) -> None:
        answer = function.invoke_as(event, BrokenContext(function.name, arn_of(function.name, alias)))
        assert answer["errorType"] == "InternalError"

    def count_for_lambda(self, function: str, metric: str, value: int) -> None:
        self.of_lambda.append((f"acme-{function}", metric, self.now, value))

    def metrics(self) -> Metrics:
        """Return what CloudWatch knows."""
        metrics = Metrics()
        for line in self.stack.lines:
            if "_aws" in line:  # tests give each service a name of its own
                metrics.take_line(line | {"service": line["service"].partition("-")[0]})
        for function, name, at, value in self.of_lambda:
            metrics.put(("AWS/Lambda", name, (("FunctionName", function),)), Values.of(value), at=at)
        return metrics

    def state(self, alarm: Alarm) -> State:
        """Return the state of an alarm that has been evaluated since the beginning, as soon as all clocks' minute is over."""
        return alarm.changes(self.metrics(), since=self.began, until=self.now + 2 * MINUTE)[-1].state

    def _ask_keeper(self, event: dict[str, str]) -> dict[str, Any]:
        answer = self.keeper.invoke(event, "live")
        self.count_for_lambda("token-keeper", "Errors", int("errorType" in answer))
        return answer


@pytest.fixture
def moved_clock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (bootstrap, prober_wiring):
        monkeypatch.setattr(module, "SystemClock", MovedClock)
    monkeypatch.setattr(LastDate, "note", note_moved)
    monkeypatch.setattr(MovedClock, "later_s", 0.0)
    monkeypatch.setattr(MovedClock, "skew_s", 0.0)
    yield
    stack.customer.control.reset_settings()
    stack.customer.control.clear_faults()
