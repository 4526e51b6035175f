"""Whether the simulation may be believed: small schedules, met by it and by real processes, come to the same counts.

What a login draws at random, its soft expiry, must not matter: nobody asks while a token may or may not be past it.
"""

import heapq
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from sfmint.lifetime import SOFT_SPREAD
from sfmint_bench.gates import SIMULATED_GROWTH
from sfmint_bench.growth.hour import Way
from sfmint_bench.growth.stack import LIFETIME_S, REFRESH_S, Answer, SimulatedStack, World, client
from sfmint_bench.report import Result
from sfmint_local.environments import BareStack, Environment, Environments
from sfmint_local.faults.behaviours import Asked, Pass
from sfmint_local.faults.wire import Wire

METRICS = ("TokenServedFromMemory", "TokenServed", "TokenMinted")

_SPAN_S = 2 * LIFETIME_S
_GRID_S = 20  # between two instants: no age comes near the trust in memory, or the life that a client asks for
_SHARE = 0.5  # of callers who ask at an instant
_MARGIN_S = 10.0

type Happening = tuple[
    float, str, int | None
]  # when, which connection, and whose broker by its number; None: the keeper
type Counted = Mapping[Schedule, tuple[Counter[str], Counter[str]]]  # by the simulation, by real processes


class Schedule(NamedTuple):
    """Who asks when; with the way `client` there is one for each connection and environment."""

    title: str
    way: Way
    connections: tuple[str, ...]
    environments: int
    happenings: tuple[Happening, ...]


def schedules() -> tuple[Schedule, ...]:
    """Return the schedules, each with connections of its own."""
    chance = random.Random(1)  # noqa: S311 - no secret comes of it

    def schedule(title: str, way: Way, names: tuple[str, ...], environments: int, *, keeper: bool = True) -> Schedule:
        ticks = [(float(at), name, None) for at in range(0, _SPAN_S if keeper else 0, int(REFRESH_S)) for name in names]
        happenings = heapq.merge(ticks, _calls(names, environments, chance), key=itemgetter(0))
        return Schedule(title, way, names, environments, tuple(_undrawn(happenings)))

    return (
        schedule("with the keeper", "invoke", ("kept",), 3),
        schedule("without the keeper", "invoke", ("left-1", "left-2", "left-3"), 2, keeper=False),
        schedule("with the client layer", "client", ("held-1", "held-2"), 2),
    )


def _calls(names: Sequence[str], environments: int, chance: random.Random) -> Iterator[Happening]:
    for at in range(0, _SPAN_S, _GRID_S):
        for environment in range(environments):
            if chance.random() < _SHARE:
                yield float(at), chance.choice(names), environment


def _undrawn(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """Leave out who would ask where the token on the row, or the one in memory, may or may not be past soft expiry."""
    early, late = SOFT_SPREAD[0] * LIFETIME_S - _MARGIN_S, SOFT_SPREAD[1] * LIFETIME_S + _MARGIN_S
    minted_at: dict[str, float] = {}
    held: dict[tuple[str, int], float] = {}
    for at, name, environment in happenings:
        age = at - minted_at.setdefault(name, at)
        if environment is not None:
            if any(early < old < late for old in (age, at - held.get((name, environment), at))):
                continue
            if age >= late:
                minted_at[name] = at
            held[name, environment] = minted_at[name]
        else:
            minted_at[name] = at  # at each tick soft expiry would come before the next one
        yield at, name, environment


def growth(stack: BareStack, environments: Environments) -> list[Result]:
    """Return in how many counts the two differ."""
    return [confirmed(count_twice(stack, environments))]


def confirmed(counted: Counted) -> Result:
    """Return in how many counts the two differed, and which."""
    every = [(schedule, name, pair) for schedule, pair in counted.items() for name in pair[0] | pair[1]]
    wrong = sorted(f"{schedule.title}: {name}" for schedule, name, (one, other) in every if one[name] != other[name])
    return Result(gate=SIMULATED_GROWTH, value=len(wrong), seen=", ".join(wrong) or f"{len(every)} counts, all alike")


def count_twice(stack: BareStack, environments: Environments) -> Counted:
    """Return what each schedule comes to; the stack gets its connections."""
    return {each: (by_simulation(each), by_processes(each, stack, environments)) for each in schedules()}


def by_simulation(schedule: Schedule) -> Counter[str]:
    """Return how often AWS was called by each operation, the broker, Salesforce, and what was counted as a metric."""
    stack = SimulatedStack(seed=1)
    brokers = [stack.broker() for _ in range(schedule.environments)]

    def move_to(at: float) -> None:
        stack.time = at

    asked = _play(schedule, move_to, stack.keeper(), lambda number, name, event: brokers[number](name, event))
    metrics = Counter[str]()
    for (_, _, kind), number in stack.records.items():
        if kind.metric in METRICS:
            metrics[kind.metric] += number
    return stack.used + metrics + Counter(invocations=asked, logins=len(stack.logins))


def by_processes(schedule: Schedule, stack: BareStack, environments: Environments) -> Counter[str]:
    """Return the same of real processes, whose clocks jump from one happening to the next."""
    for name in schedule.connections:
        stack.connect(name, LIFETIME_S)
    counts = Counter[str]()

    def count(asked: Asked) -> Pass:
        counts[asked.operation] += 1
        return Pass()

    def move_to(at: float) -> None:
        environments.later_s = began + at - time.time()
        stack.control.change_settings(clock_offset_s=environments.later_s)

    def ask(environment: Environment, function: str, name: str, event: dict[str, Any]) -> Answer:
        reply = environment.ask({**event, "connection": name}, function=function)
        counts.update({metric: reply.counted(metric) for metric in METRICS})
        return reply.answer

    with Wire(stack.aws.endpoint_url, count) as wire:
        settings = stack.settings(AWS_ENDPOINT_URL=wire.url)
        keeper, *brokers = environments.start_many(1 + schedule.environments, settings)
        began = time.time()
        asked = _play(
            schedule,
            move_to,
            lambda name: ask(keeper, "token_keeper", name, {"action": "refresh"}),
            lambda number, name, event: ask(brokers[number], "token_broker", name, event),
        )
        environments.end_all()
    environments.later_s = 0.0
    stack.control.reset_settings()
    return counts + Counter(invocations=asked, logins=sum(map(stack.logins, schedule.connections)))


def _play(
    schedule: Schedule,
    move_to: Callable[[float], object],
    refresh: Callable[[str], Answer],
    ask: Callable[[int, str, dict[str, Any]], Answer],
) -> int:
    """Meet a schedule, and return how often a broker was invoked.

    Args:
        schedule: who asks when.
        move_to: lets it be an instant.
        refresh: asks the keeper for a connection.
        ask: asks a broker, by its number, for a connection.
    """
    callers, invocations = World(seed=1), Counter[str]()

    def answer(number: int, name: str, event: dict[str, Any]) -> Answer:
        invocations[name] += 1
        return ask(number, name, event)

    numbers = range(schedule.environments)
    asks = {(number, name): partial(answer, number, name) for number in numbers for name in schedule.connections}
    clients = {who: client(callers, who[1], ask) for who, ask in asks.items()}
    for at, name, environment in schedule.happenings:
        callers.time = at
        move_to(at)
        if environment is None:
            refresh(name)
        elif schedule.way == "client":
            clients[environment, name].get_token()
        else:
            asks[environment, name]({})
    return invocations.total()
