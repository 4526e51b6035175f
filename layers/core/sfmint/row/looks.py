"""When the keeper looked at a connection: notes in items of their own, so that none of them meets who writes the row.

A note decides nothing about a token. The watch tells by them which connections the schedule leaves out. Instants are epoch
seconds; one that lies ahead was written by a broken clock, or by somebody else, and says nothing.
"""

from collections.abc import Collection

from sfmint.lifetime import is_instant
from sfmint.row.conditional_write import ConditionalWrite, Item, Value
from sfmint.row.row import ABSURD_S

WATCH_KEY = "w1#all"  # what the watch saw when it ran last
OVERLOOKED_TICKS = 3
_LOOKED, _NEW, _RAN, _NAMES = "looked_at", "new_at", "ran_at", "connections"


def look_key(connection: str) -> str:
    """Return the key of the item that says when a connection was looked at."""
    return f"l1#{connection}"


def note_look(now: float) -> ConditionalWrite:
    """Note that a tick of the schedule has looked at the connection."""
    return ConditionalWrite(name="note-look", assign={_LOOKED: now}, repeatable=True)  # twice does no harm


def note_new(now: float) -> ConditionalWrite:
    """Note that the connection is new to the watch: the schedule has some ticks from here on."""
    return ConditionalWrite(name="note-new", assign={_NEW: now}, repeatable=True)


def note_watch(now: float, connections: Collection[str]) -> ConditionalWrite:
    """Note which connections the watch has seen."""
    values: dict[str, Value] = {_RAN: now, _NAMES: frozenset(connections)}
    return ConditionalWrite(name="note-watch", assign=values, repeatable=True)


def looked_at(item: Item | None) -> float | None:
    """Return when the connection was looked at; None: never."""
    return _instant(item, _LOOKED)


def known(item: Item | None, now: float, longest_gap_s: float) -> frozenset[str]:
    """Return the connections that the watch saw when it ran last; none if that is longer ago: it has begun anew.

    Args:
        item: of `WATCH_KEY`.
        now: epoch seconds.
        longest_gap_s: between two runs, in seconds.
    """
    ran_at, names = _past(item, _RAN, now), (item or {}).get(_NAMES)
    if ran_at is None or now - ran_at > longest_gap_s or not isinstance(names, frozenset):
        return frozenset()
    return names


def is_overlooked(item: Item | None, now: float, interval_s: float) -> bool:
    """Return whether nobody has looked at a connection for three ticks, nor is it new to the watch.

    Args:
        item: of the connection's `look_key`.
        now: epoch seconds.
        interval_s: between two ticks of the schedule, in seconds.
    """
    return not _lately(_past(item, _LOOKED, now), now, interval_s) and not is_new(item, now, interval_s)


def is_new(item: Item | None, now: float, interval_s: float) -> bool:
    """Return whether the watch has known a connection for three ticks at most: the schedule may not have had its turn yet.

    Args:
        item: of the connection's `look_key`.
        now: epoch seconds.
        interval_s: between two ticks of the schedule, in seconds.
    """
    return _lately(_past(item, _NEW, now), now, interval_s)


def _lately(at: float | None, now: float, interval_s: float) -> bool:
    return at is not None and now - at <= OVERLOOKED_TICKS * interval_s


def _past(item: Item | None, name: str, now: float) -> float | None:
    at = _instant(item, name)
    return at if at is not None and at <= now + ABSURD_S else None


def _instant(item: Item | None, name: str) -> float | None:
    value = (item or {}).get(name)
    return float(value) if is_instant(value) and isinstance(value, int | float) else None
