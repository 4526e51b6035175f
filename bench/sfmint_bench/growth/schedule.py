"""Small schedules of who asks when, to be met by the simulation and by real processes.

What a login draws at random, its soft expiry, must not matter: nobody asks while a token may or may not be past it.
"""

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sfmint.lifetime import SOFT_SPREAD
from sfmint_bench.growth.hour import Way
from sfmint_bench.growth.simulated_stack import LIFETIME_S, REFRESH_S

_SPAN_S = 2.0 * LIFETIME_S
_GRID_S = 20.0  # between two instants: no age comes near the trust in memory, or the life that a client asks for
_SHARE = 0.5  # of callers who ask at an instant
_MARGIN_S = 10.0


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
        way: of asking; there is one client for each connection and environment.
        connections: their names.
        environments: of token_broker.
        happenings: in order.
    """

    title: str
    way: Way
    connections: tuple[str, ...]
    environments: int
    happenings: tuple[Happening, ...]


def schedules() -> tuple[Schedule, ...]:
    """Returns the schedules, each with connections of its own."""
    chance = random.Random(1)  # noqa: S311 - no secret comes of it
    return (
        _schedule("with the keeper", ("kept",), 3, chance),
        _schedule("without the keeper", ("left-1", "left-2", "left-3"), 2, chance, keeper=False),
        _schedule("with the client layer", ("held-1", "held-2"), 2, chance, way="client"),
    )


def _schedule(
    title: str,
    connections: tuple[str, ...],
    environments: int,
    chance: random.Random,
    *,
    way: Way = "invoke",
    keeper: bool = True,
) -> Schedule:
    ticks = _ticks(connections) if keeper else ()
    happenings = heapq.merge(ticks, _calls(connections, environments, chance), key=attrgetter("at"))
    return Schedule(
        title=title,
        way=way,
        connections=connections,
        environments=environments,
        happenings=tuple(_undrawn(happenings)),
    )


def _ticks(connections: Sequence[str]) -> Iterator[Happening]:
    for number in range(int(_SPAN_S // REFRESH_S)):
        for name in connections:
            yield Happening(at=number * REFRESH_S, connection=name, environment=None)


def _calls(connections: Sequence[str], environments: int, chance: random.Random) -> Iterator[Happening]:
    for number in range(int(_SPAN_S // _GRID_S)):
        for environment in range(environments):
            if chance.random() < _SHARE:
                yield Happening(at=number * _GRID_S, connection=chance.choice(connections), environment=environment)


def _undrawn(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """Leaves out who would ask where the token on the row, or the one in memory, may or may not be past soft expiry."""
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
