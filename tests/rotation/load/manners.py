"""The manners in which a change of an app's certificate arrives: which key fits while several states are about.

Source: people's reports of 2 to 10 minutes; that either key may be refused meanwhile, even by turns, is not documented.
"""

from collections.abc import Callable, Sequence
from itertools import count
from random import Random

type Manner = Callable[[Sequence[str]], str | None]
"""From the key ids of all states that a login may still meet, the oldest first, to the one that fits this login."""


def at_once(met: Sequence[str]) -> str | None:
    """The new key alone fits."""
    return met[-1]


def late(met: Sequence[str]) -> str | None:
    """The old key alone fits, until the end."""
    return met[0]


def neither(met: Sequence[str]) -> str | None:
    """The old key is refused at once, and the new one until the end."""
    return met[0] if len(set(met)) == 1 else None


def by_turns() -> Manner:
    """The states take turns."""
    turn = count()
    return lambda met: met[next(turn) % len(met)]


def by_chance(seed: int) -> Manner:
    """Each login meets any of the states."""
    chance = Random(seed)  # noqa: S311 - the same in every run
    return chance.choice
