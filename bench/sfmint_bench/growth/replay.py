"""A schedule, met twice: by the simulated stack, and by the functions as real processes on the embedded AWS and org."""

import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from sfmint.request import RefreshRequest
from sfmint_bench.growth.layered_caller import layered_caller
from sfmint_bench.growth.schedule import Schedule, schedules
from sfmint_bench.growth.simulated_stack import (
    FUNCTION_S,
    LIFETIME_S,
    Chance,
    Clock,
    SimulatedStack,
    token_request,
)
from sfmint_local.environments import BareStack, Environments, Reply
from sfmint_local.faults.wire import Asked, Pass, Wire

METRICS = ("TokenServedFromMemory", "TokenServed", "TokenMinted")

type Counted = Mapping[Schedule, tuple[Counter[str], Counter[str]]]


class _Stage(Protocol):
    """Where a schedule is met.

    Attributes:
        clock: its callers'.
    """

    clock: Clock

    def move_to(self, at: float) -> None:
        """Lets it be that instant."""

    def refresh(self, connection: str) -> None:
        """Asks the keeper."""

    def answer(self, environment: int, connection: str, event: dict[str, Any]) -> dict[str, Any]:
        """Asks a token_broker."""


def count_twice(stack: BareStack, environments: Environments) -> Counted:
    """Returns what each schedule comes to: in the simulation, and with real processes; it connects the connections."""
    return {each: (by_simulation(each), by_processes(each, stack, environments)) for each in schedules()}


def by_simulation(schedule: Schedule) -> Counter[str]:
    """Returns how often AWS was called by each operation, the broker, Salesforce, and what was counted as a metric."""
    stage = _SimulatedStage(schedule.environments)
    asked = _play(schedule, stage)
    meter, metrics = stage.stack.meter, Counter[str]()
    for (_, _, kind), number in meter.records.items():
        metrics[kind.metric] += number
    return meter.calls + metrics + Counter(invocations=asked, logins=len(meter.logins))


def by_processes(schedule: Schedule, stack: BareStack, environments: Environments) -> Counter[str]:
    """Returns the same of real processes, whose clocks jump from one happening to the next."""
    for name in schedule.connections:
        stack.connect(name, LIFETIME_S)
    calls = Counter[str]()

    def count(asked: Asked) -> Pass:
        calls[asked.operation] += 1
        return Pass()

    with Wire(stack.aws.endpoint_url, count) as wire:
        stage = _RealStage(stack, environments, stack.settings(AWS_ENDPOINT_URL=wire.url), schedule.environments)
        asked = _play(schedule, stage)
        stage.end()
    return calls + stage.metrics + Counter(invocations=asked, logins=sum(map(stack.logins, schedule.connections)))


def differing(counted: Counted) -> set[tuple[str, str]]:
    """Returns what was not counted alike: the schedule's title and the name of the count."""
    return {
        (schedule.title, name)
        for schedule, (one, other) in counted.items()
        for name in one | other
        if one[name] != other[name]
    }


def _play(schedule: Schedule, stage: _Stage) -> int:
    """Meets a schedule, and returns how often a broker was invoked."""
    chance, invocations = Chance(seed=1), Counter[str]()

    def answer(environment: int, name: str, event: dict[str, Any]) -> dict[str, Any]:
        invocations[name] += 1
        return stage.answer(environment, name, event)

    clients = {
        (number, name): layered_caller(name, partial(answer, number, name), stage.clock, chance)
        for number in range(schedule.environments)
        for name in schedule.connections
    }
    for each in schedule.happenings:
        stage.move_to(each.at)
        if each.environment is None:
            stage.refresh(each.connection)
        elif schedule.way == "client":
            clients[each.environment, each.connection].get_token()
        else:
            answer(each.environment, each.connection, {})
    return invocations.total()


class _SimulatedStage:
    def __init__(self, environments: int) -> None:
        self.stack = SimulatedStack(seed=1)
        self.clock = self.stack.clock
        self._keeper = self.stack.keeper()
        self._brokers = [self.stack.broker() for _ in range(environments)]

    def move_to(self, at: float) -> None:
        self.clock.time = at

    def refresh(self, connection: str) -> None:
        self._keeper.refresh(RefreshRequest(connection=connection), remaining_s=FUNCTION_S)

    def answer(self, environment: int, connection: str, event: dict[str, Any]) -> dict[str, Any]:
        return self._brokers[environment].get_token(token_request(event, connection), remaining_s=FUNCTION_S)


class _RealStage:
    def __init__(self, stack: BareStack, environments: Environments, settings: Mapping[str, str], number: int) -> None:
        self._stack = stack
        self._environments = environments
        self._keeper, *self._brokers = environments.start_many(1 + number, settings)
        self._began = time.time()
        self.clock = Clock()
        self.metrics = Counter[str]()

    def move_to(self, at: float) -> None:
        self.clock.time = at
        later_s = self._began + at - time.time()
        self._environments.later_s = later_s
        self._stack.control.change_settings(clock_offset_s=later_s)

    def refresh(self, connection: str) -> None:
        event = {"action": "refresh", "connection": connection}
        self._count(self._keeper.ask(event, function="token_keeper"))

    def answer(self, environment: int, connection: str, event: dict[str, Any]) -> dict[str, Any]:
        reply = self._brokers[environment].ask({**event, "connection": connection})
        self._count(reply)
        return reply.answer

    def end(self) -> None:
        """Ends its processes, and undoes what was done to time."""
        self._environments.end_all()
        self._environments.later_s = 0.0
        self._stack.control.reset_settings()

    def _count(self, reply: Reply) -> None:
        self.metrics.update({name: reply.counted(name) for name in METRICS})
