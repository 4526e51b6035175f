"""An hour of stacks under load, simulated: callers who need a token once a minute on average, and the schedule."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Literal

from sfmint.request import RefreshRequest, TokenRequest
from sfmint.use_cases.broker import Broker
from sfmint.use_cases.keeper import Keeper
from sfmint_bench.growth.lambda_function import MEMORY_GB, LambdaFunction
from sfmint_bench.growth.layered_caller import layered_caller
from sfmint_bench.growth.log_lines import INVOCATION_BYTES, START_BYTES, record_bytes
from sfmint_bench.growth.simulated_stack import FUNCTION_S, LIFETIME_S, REFRESH_S, SimulatedStack, token_request
from sfmint_bench.growth.usage import Usage

HOUR_S = 3600.0
WARM_UP_S = 1200.0  # longer than a token lives
EVERY_S = 60.0  # between two times that a caller needs a token, on average
WINDOW_S = 60.0  # of the template's schedules: a tick comes within it, at random
# Assumed: how long an answer takes inside Lambda, by where the token comes from. It decides how many environments there are.
TAKES_S = {"memory": 0.002, "renewed": 0.008, "cache": 0.015, "minted": 0.6}

type Way = Literal["invoke", "client"]
type Happening = tuple[float, Callable[[], object]]  # when, and what


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
    lifetime_s: int = LIFETIME_S
    way: Way


def simulated_hour(load: Load) -> Usage:
    """Returns what the hour after a warm-up uses."""
    shares = [len(range(number, load.callers, load.stacks)) for number in range(load.stacks)]
    return Usage.of_all(_StackHour(seed, callers, load).usage() for seed, callers in enumerate(shares))


class _StackHour:
    """One stack's hour."""

    def __init__(self, seed: int, callers: int, load: Load) -> None:
        self._stack = SimulatedStack(seed, load.lifetime_s)
        self._random = self._stack.chance.random
        self._names = [f"org-{number:03}" for number in range(load.connections)]
        self._broker = LambdaFunction(self._stack.broker)
        self._keeper = LambdaFunction(self._stack.keeper)
        self._asked = 0
        names = [self._names[number % load.connections] for number in range(callers)]
        self._callers = [self._client(name) if load.way == "client" else self._invoker(name) for name in names]

    def usage(self) -> Usage:
        """Simulates it."""
        happenings = heapq.merge(self._calls(), *map(self._ticks, self._names), key=itemgetter(0))
        is_warm = False
        for at, do in happenings:
            if at > WARM_UP_S and not is_warm:
                is_warm = True
                self._clear()
            self._stack.clock.time = at  # what takes time takes effect at its beginning
            do()
        return self._used()

    def _calls(self) -> Iterator[Happening]:
        if not self._callers:
            return
        rate = len(self._callers) / EVERY_S
        at = self._random.expovariate(rate)
        while at < WARM_UP_S + HOUR_S:
            yield at, partial(self._call, self._random.choice(self._callers))
            at += self._random.expovariate(rate)

    def _ticks(self, name: str) -> Iterator[Happening]:
        tick = 0.0
        while tick < WARM_UP_S + HOUR_S:
            yield tick + self._random.uniform(0, WINDOW_S), partial(self._refresh, name)
            tick += REFRESH_S

    def _call(self, caller: Callable[[], object]) -> None:
        self._asked += 1
        caller()

    def _refresh(self, name: str) -> None:
        def refresh(keeper: Keeper) -> tuple[None, float]:
            answer = keeper.refresh(RefreshRequest(connection=name), remaining_s=FUNCTION_S)
            return None, TAKES_S["minted" if answer["refreshed"] else "cache"]

        self._keeper.invoke(self._stack.clock.time, refresh)

    def _invoker(self, name: str) -> Callable[[], object]:
        request = token_request({}, name)
        return lambda: self._answer(request)

    def _client(self, name: str) -> Callable[[], object]:
        def answer(event: dict[str, Any]) -> dict[str, Any]:
            return self._answer(token_request(event, name))

        return layered_caller(name, answer, self._stack.clock, self._stack.chance).get_token

    def _answer(self, request: TokenRequest) -> dict[str, Any]:
        calls = self._stack.meter.calls

        def ask(broker: Broker) -> tuple[dict[str, Any], float]:
            before = calls.total()
            answer = broker.get_token(request, remaining_s=FUNCTION_S)
            is_renewed = answer["source"] == "memory" and calls.total() > before
            return answer, TAKES_S["renewed" if is_renewed else answer["source"]]

        return self._broker.invoke(self._stack.clock.time, ask)

    def _clear(self) -> None:
        self._asked = 0
        self._stack.meter.clear()
        self._broker.clear()
        self._keeper.clear()

    def _used(self) -> Usage:
        meter, functions = self._stack.meter, (self._broker, self._keeper)
        invocations = sum(function.invocations for function in functions)
        starts = sum(function.starts for function in functions)
        said = sum(record_bytes()[kind] * number for (_, _, kind), number in meter.records.items())
        return Usage(
            asked=self._asked,
            logins=len(meter.logins),
            invocations=Counter(token_broker=self._broker.invocations, token_keeper=self._keeper.invocations),
            aws=Counter(meter.calls),
            units=Counter(meter.units),
            gb_s=sum(function.billed_s for function in functions) * MEMORY_GB,
            starts=starts,
            most=self._broker.most,
            log_bytes=said + invocations * INVOCATION_BYTES + starts * START_BYTES,
            metrics=len(meter.records),
            connections=len(self._names),
            stacks=1,
        )
