"""A day of a busy connection on sfmint's own code, with a clock that jumps from call to call: how often it logs in.

50 environments, 5 calls a second, a token of 15 minutes, and the keeper's schedule.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator

from sfmint_bench.gates import SIMULATED_DAY
from sfmint_bench.growth.stack import REFRESH_S, SimulatedStack
from sfmint_bench.report import Result

DAY_S = 86_400
ENVIRONMENTS = 50
CALLS_A_SECOND = 5.0
SEED = 1

_NAME = "orders"


def simulated_day(day_s: float = DAY_S) -> Result:
    """Simulate it, and return the most logins of any interval between two refreshes of the schedule."""
    stack = SimulatedStack(SEED)
    brokers, keeper = [stack.broker() for _ in range(ENVIRONMENTS)], stack.keeper()
    chance, calls = stack.random, 0
    for at, is_tick in heapq.merge(_calls(chance, day_s), _ticks(day_s)):
        stack.time = at
        if is_tick:
            keeper(_NAME)
        else:
            calls += 1
            brokers[chance.randrange(ENVIRONMENTS)](_NAME, {})
    intervals = Counter(login // REFRESH_S for login in stack.logins)
    seen = f"{len(stack.logins)} logins for {calls:,} calls in {day_s / REFRESH_S:.0f} intervals"
    return Result(gate=SIMULATED_DAY, value=max(intervals.values()), seen=seen)


def _calls(chance: random.Random, day_s: float) -> Iterator[tuple[float, bool]]:
    at = chance.expovariate(CALLS_A_SECOND)
    while at < day_s:
        yield at, False
        at += chance.expovariate(CALLS_A_SECOND)


def _ticks(day_s: float) -> Iterator[tuple[float, bool]]:
    at = 0.0
    while at < day_s:
        yield at, True
        at += REFRESH_S
