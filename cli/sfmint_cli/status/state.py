"""How a connection is, in a word, from its row and a clock."""

from enum import Enum

from sfmint.row.rejections import REJECT_LIMIT
from sfmint_cli.status.rows import Row

_NO_CREDENTIALS = frozenset({"ConnectionNotFound", "InvalidCredentials"})
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


class State(Enum):
    """The states, the worst first."""

    UNREADABLE = "unreadable"
    NO_CREDENTIALS = "no credentials"
    FAILING = "failing"
    BREAKER_OPEN = "breaker open"
    EXPIRED = "expired"
    NO_TOKEN = "no token"  # noqa: S105 - a word
    DUE = "due"
    FRESH = "fresh"

    @property
    def is_failing(self) -> bool:
        """Whether somebody has to look: a login failed, or the row cannot be read."""
        return self in _FAILING


_FAILING = frozenset({State.UNREADABLE, State.NO_CREDENTIALS, State.FAILING, State.BREAKER_OPEN})
MEANINGS = {
    State.FRESH: "its token is served, and not due",
    State.DUE: "its token is served; the next call or the schedule refreshes it",
    State.EXPIRED: "its token is over; the next call logs in",
    State.NO_TOKEN: "no token is there; the next call logs in",
    State.FAILING: "a login failed, and nobody logs in until that is forgotten",
    State.BREAKER_OPEN: "fresh tokens keep being refused by Salesforce, so no more of them are dropped for some minutes",
    State.NO_CREDENTIALS: "no token is served: the secret holds nothing that can be used",
    State.UNREADABLE: "the keeper could not read its row",
}


def state_of(row: Row, now: float) -> State:
    """Return how a connection is.

    Args:
        row: its row.
        now: epoch seconds.
    """
    if row.unread:
        return State.UNREADABLE
    served = row.is_served(now)
    if row.failure:
        return State.NO_CREDENTIALS if not served and row.failure.error in _NO_CREDENTIALS else State.FAILING
    if row.reject_count >= REJECT_LIMIT:
        return State.BREAKER_OPEN
    if row.fingerprint is None or row.fingerprint == row.rejected or row.expires_at is None:
        return State.NO_TOKEN
    if not served:
        return State.EXPIRED
    return State.DUE if row.soft_expiry is not None and row.soft_expiry <= now else State.FRESH


def span(seconds: float) -> str:
    """Return a span of time in the two units that say most: `45 s`, `7 min`, `1 h 5 min`, `3 d 2 h`."""
    whole = max(0, int(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < DAY_S:
        return _two(whole // HOUR_S, "h", whole % HOUR_S // MINUTE_S, "min")
    return _two(whole // DAY_S, "d", whole % DAY_S // HOUR_S, "h")


def _two(large: int, unit: str, small: int, smaller: str) -> str:
    return f"{large} {unit} {small} {smaller}" if small else f"{large} {unit}"
