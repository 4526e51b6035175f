"""An hour of stacks under load, simulated: callers who need a token once a minute on average, and the schedule."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Literal

from sfmint.telemetry import LoginCounted, Minted, Record, Served, ServedFromMemory
from sfmint.telemetry.operators import Watched
from sfmint_bench.growth import stack
from sfmint_bench.growth.stack import Answer, Broker, Keeper, SimulatedStack

HOUR_S = 3600.0
WARM_UP_S = 1200.0  # longer than a token lives
EVERY_S = 60.0  # between two times that a caller needs a token, on average
WATCHED_EVERY_S = 300.0  # of the template's schedule, which has no window
WINDOW_S = 60.0  # of the template's schedules: a tick comes within it, at random
# Assumed: how long an answer takes inside Lambda, by where the token comes from. It decides how many environments there are.
TAKES_S = {"memory": 0.002, "renewed": 0.008, "cache": 0.015, "minted": 0.6}
WATCH_S = 0.01  # likewise: the watch, for each connection
START_S = 0.5  # assumed: the init phase of an environment, which is billed
IDLE_S = 300.0  # assumed: an environment that nobody has needed for so long is gone
# What CloudWatch takes in: Lambda's own lines, and for each record its log line and its line of metrics, which is a part of it.
INVOCATION_BYTES, START_BYTES = 257, 164
RECORD_BYTES: dict[type[Record], int] = {
    ServedFromMemory: 381,
    Served: 783,
    Minted: 869,
    LoginCounted: 275,
    Watched: 930,
}
METRIC_BYTES: dict[type[Record], int] = {
    ServedFromMemory: 381,
    Served: 509,
    Minted: 542,
    LoginCounted: 275,
    Watched: 621,
}

type Way = Literal["invoke", "client"]
type Usage = Counter[str]
type _Happening = tuple[float, Callable[[], object]]  # when, and what


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What comes upon some stacks.

    Attributes:
        callers: of all; spread evenly over stacks and connections.
        connections: of each stack.
        stacks: how many.
        lifetime_s: of every connection's tokens.
        way: `invoke`: each call invokes the broker. `client`: each caller has a `TokenClient` that lives for the hour.
    """

    callers: int
    connections: int
    stacks: int = 1
    lifetime_s: int = stack.LIFETIME_S
    way: Way


def simulated_hour(load: Load) -> Usage:
    """Return what the hour after a warm-up uses, all stacks together.

    Returns:
        How often a caller needed a token (`calls`), each function was invoked, and each operation of AWS was called;
        `logins`; `environments` of the broker at once; billed milliseconds (`ms`), `log bytes` and `metric bytes` among them, custom `metrics`; and
        the `connections` and `stacks` themselves.
    """
    shares = [len(range(number, load.callers, load.stacks)) for number in range(load.stacks)]
    return sum((_StackHour(seed, callers, load).usage() for seed, callers in enumerate(shares)), Counter[str]())


class LambdaFunction[Environment]:
    """A function in as many environments as are busy at once; a free one is taken up again, the last used first.

    Args:
        start: makes an environment.

    Attributes:
        invocations, starts, most, billed_ms: of environments `most` were there at once; all may be set to 0.
    """

    def __init__(self, start: Callable[[], Environment]) -> None:
        self._start = start
        self._free: list[tuple[float, Environment]] = []  # since when, the longest first
        self._busy: list[tuple[float, Environment]] = []  # until when
        self.clear()

    def clear(self) -> None:
        """Count anew."""
        self.invocations = self.starts = self.most = self.billed_ms = 0

    def invoke(self, at: float, ask: Callable[[Environment], tuple[Answer, float]]) -> Answer:
        """Have an environment answer.

        Args:
            at: the instant; never before an earlier one.
            ask: gives the answer, and how many seconds it takes.
        """
        ended = sorted((each for each in self._busy if each[0] <= at), key=itemgetter(0))
        self._busy = [each for each in self._busy if each[0] > at]
        self._free = [each for each in (*self._free, *ended) if at - each[0] <= IDLE_S]
        if self._free:
            environment, took_s = self._free.pop()[1], 0.0
        else:
            environment, took_s = self._start(), START_S
            self.starts += 1
        answer, answered_s = ask(environment)
        took_s += answered_s
        self._busy.append((at + took_s, environment))
        self.invocations += 1
        self.billed_ms += math.ceil(took_s * 1000)
        self.most = max(self.most, len(self._free) + len(self._busy))
        return answer


class _StackHour:
    """One stack's hour."""

    def __init__(self, seed: int, callers: int, load: Load) -> None:
        self._stack = SimulatedStack(seed, load.lifetime_s)
        self._random = self._stack.random
        self._names = [f"org-{number:03}" for number in range(load.connections)]
        self._broker = LambdaFunction(self._stack.broker)
        self._keeper = LambdaFunction(self._stack.keeper)
        self._calls = 0
        asks = [partial(self._ask, self._names[number % load.connections]) for number in range(callers)]
        self._callers: list[Callable[[], object]] = [
            partial(ask, {}) if load.way == "invoke" else stack.client(self._stack, ask.args[0], ask).get_token
            for ask in asks
        ]

    def usage(self) -> Usage:
        """Simulate it."""
        happenings = heapq.merge(self._called(), self._watched(), *map(self._ticks, self._names), key=itemgetter(0))
        is_warm = False
        for at, happen in happenings:
            if at > WARM_UP_S and not is_warm:
                is_warm = True
                self._clear()
            self._stack.time = at  # what takes time takes effect at its beginning
            happen()
        return self._used()

    def _called(self) -> Iterator[_Happening]:
        rate = len(self._callers) / EVERY_S
        at = self._random.expovariate(rate) if rate else math.inf
        while at < WARM_UP_S + HOUR_S:
            yield at, partial(self._call, self._random.choice(self._callers))
            at += self._random.expovariate(rate)

    def _ticks(self, name: str) -> Iterator[_Happening]:
        for tick in range(int((WARM_UP_S + HOUR_S) / stack.REFRESH_S)):
            yield tick * stack.REFRESH_S + self._random.uniform(0, WINDOW_S), partial(self._refresh, name)

    def _watched(self) -> Iterator[_Happening]:
        for number in range(int((WARM_UP_S + HOUR_S) / WATCHED_EVERY_S)):
            yield (number + 1 / 2) * WATCHED_EVERY_S, self._watch

    def _call(self, caller: Callable[[], object]) -> None:
        self._calls += 1
        caller()

    def _ask(self, name: str, event: dict[str, Any]) -> Answer:
        def ask(broker: Broker) -> tuple[Answer, float]:
            reads = self._stack.used["GetItem"]
            answer = broker(name, event)
            is_renewed = answer["source"] == "memory" and self._stack.used["GetItem"] > reads
            return answer, TAKES_S["renewed" if is_renewed else answer["source"]]

        return self._broker.invoke(self._stack.time, ask)

    def _refresh(self, name: str) -> None:
        def refresh(keeper: Keeper) -> tuple[Answer, float]:
            answer = keeper(name)
            return answer, TAKES_S["minted" if answer["refreshed"] else "cache"]

        self._keeper.invoke(self._stack.time, refresh)

    def _watch(self) -> None:
        self._keeper.invoke(self._stack.time, lambda keeper: (keeper.watch(self._names), WATCH_S * len(self._names)))

    def _clear(self) -> None:
        self._calls = 0
        self._stack.clear()
        self._broker.clear()
        self._keeper.clear()

    def _used(self) -> Usage:
        world, broker, keeper = self._stack, self._broker, self._keeper
        starts, invocations = broker.starts + keeper.starts, broker.invocations + keeper.invocations
        said = {
            name: sum(sizes[kind] * number for (_, _, kind), number in world.records.items())
            for name, sizes in (("records", RECORD_BYTES), ("metrics", METRIC_BYTES))
        }
        return world.used + Counter(
            {
                "calls": self._calls,
                "token_broker": broker.invocations,
                "token_keeper": keeper.invocations,
                "logins": len(world.logins),
                "environments": broker.most,
                "ms": broker.billed_ms + keeper.billed_ms,
                "log bytes": said["records"] + invocations * INVOCATION_BYTES + starts * START_BYTES,
                "metric bytes": said["metrics"],
                "metrics": len(world.metrics),
                "connections": len(self._names),
                "stacks": 1,
            }
        )
