"""One schedule, met twice: by the simulated stack, and by the functions as real processes on the embedded AWS and org.

What a login draws at random, its soft expiry, must not matter: nobody asks while a token may or may not be past it.
"""

import heapq
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sfmint.access_token import SOFT_SPREAD
from sfmint.request import RefreshRequest, TokenRequest
from sfmint_bench.growth.simulated_stack import LIFETIME_S, REFRESH_S, SimulatedStack
from sfmint_local.environments import BareStack, Environments
from sfmint_local.faults.wire import Asked, Pass, Wire

METRICS = ("TokenServedFromMemory", "TokenServed", "TokenMinted")

_SPAN_S = 2.0 * LIFETIME_S
_GRID_S = (
    4.0  # between two instants: no age comes within two seconds of the trust in memory, which a slow machine would move
)
_MARGIN_S = 20.0
_FUNCTION_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Somebody asks a function for something.

    Attributes:
        at: seconds since the schedule began.
        connection: the connection's name.
        environment: whose token_broker is asked, by its number; None: the keeper refreshes.
    """

    at: float
    connection: str
    environment: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who asks when.

    Attributes:
        title: for people.
        connections: their names.
        environments: of token_broker.
        happenings: in order.
    """

    title: str
    connections: tuple[str, ...]
    environments: int
    happenings: tuple[Happening, ...]


def schedules() -> tuple[Schedule, ...]:
    """Returns the schedules that are met twice."""
    chance = random.Random(1)  # noqa: S311 - no secret comes of it
    one, three = ("kept",), ("left-1", "left-2", "left-3")
    kept = heapq.merge(_ticks(one), _calls(chance, one, 3), key=attrgetter("at"))
    left = _calls(chance, three, 2)
    return (
        Schedule(title="with the keeper", connections=one, environments=3, happenings=tuple(_undrawn(kept))),
        Schedule(title="without", connections=three, environments=2, happenings=tuple(_undrawn(left))),
    )


def by_simulation(schedule: Schedule) -> Counter[str]:
    """Returns how often AWS was called by each operation, how often Salesforce, and what was counted as a metric."""
    stack = SimulatedStack(seed=1)
    keeper, brokers = stack.keeper(), [stack.broker() for _ in range(schedule.environments)]
    for each in schedule.happenings:
        stack.clock.time = each.at
        if each.environment is None:
            keeper.refresh(RefreshRequest(connection=each.connection), remaining_s=_FUNCTION_S)
        else:
            request = TokenRequest(connection=each.connection, min_ttl=60, rejected=None, deadline_s=10.0)
            brokers[each.environment].get_token(request, remaining_s=_FUNCTION_S)
    metrics = Counter[str]()
    for (_, _, kind), number in stack.meter.records.items():
        metrics[kind.metric] += number
    return stack.meter.calls + metrics + Counter(logins=len(stack.meter.logins))


def by_processes(schedule: Schedule, stack: BareStack, environments: Environments) -> Counter[str]:
    """Returns the same of real processes, whose clocks jump from one happening to the next; it connects the connections."""
    for name in schedule.connections:
        stack.connect(name, LIFETIME_S)
    calls, metrics = Counter[str](), Counter[str]()
    with Wire(stack.aws.endpoint_url, _counting(calls)) as wire:
        settings = stack.settings(AWS_ENDPOINT_URL=wire.url)
        keeper, *brokers = environments.start_many(1 + schedule.environments, settings)
        began = time.time()
        for each in schedule.happenings:
            environments.later_s = began + each.at - time.time()
            stack.control.change_settings(clock_offset_s=environments.later_s)
            if each.environment is None:
                reply = keeper.ask({"action": "refresh", "connection": each.connection}, function="token_keeper")
            else:
                reply = brokers[each.environment].ask({"connection": each.connection})
            metrics.update({name: reply.counted(name) for name in METRICS})
        environments.end_all()
    environments.later_s = 0.0
    stack.control.reset_settings()
    return calls + metrics + Counter(logins=sum(map(stack.logins, schedule.connections)))


def differing(one: Counter[str], other: Counter[str]) -> set[str]:
    """Returns what was not counted alike."""
    return {name for name in one | other if one[name] != other[name]}


def _counting(calls: Counter[str]) -> Callable[[Asked], Pass]:
    def count(asked: Asked) -> Pass:
        calls[asked.operation] += 1
        return Pass()

    return count


def _ticks(connections: Sequence[str]) -> Iterator[Happening]:
    for number in range(int(_SPAN_S // REFRESH_S)):
        for name in connections:
            yield Happening(at=number * REFRESH_S, connection=name, environment=None)


def _calls(chance: random.Random, connections: Sequence[str], environments: int) -> Iterator[Happening]:
    """Gives calls at every fourth instant or so of the grid, of any connection in any environment."""
    for number in range(int(_SPAN_S // _GRID_S)):
        if chance.random() < 0.25:
            yield Happening(
                at=number * _GRID_S,
                connection=chance.choice(connections),
                environment=chance.randrange(environments),
            )


def _undrawn(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """Leaves out who would ask where the token on the row, or the one in his memory, may or may not be past soft expiry."""
    early, late = SOFT_SPREAD[0] * LIFETIME_S - _MARGIN_S, SOFT_SPREAD[1] * LIFETIME_S + _MARGIN_S
    minted_at: dict[str, float] = {}
    held: dict[tuple[str, int], float] = {}
    for each in happenings:
        age = each.at - minted_at.setdefault(each.connection, each.at)
        if each.environment is None:
            minted_at[each.connection] = each.at  # at each tick soft expiry would come before the next one
            yield each
            continue
        place = each.connection, each.environment
        if any(early < old < late for old in (age, each.at - held.get(place, each.at))):
            continue
        if age >= late:
            minted_at[each.connection] = each.at
        held[place] = minted_at[each.connection]
        yield each
