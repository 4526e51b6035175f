"""How long a token lives: when it was issued, from when on it is refreshed, and when it is over."""

from dataclasses import dataclass
from enum import Enum
from math import isfinite
from typing import Self

DAY_S = 86_400
MARGIN = 0.05  # of the life, kept off its end
SOFT_SPREAD = (0.45, 0.55)  # soft expiry lies near the middle of the life, apart for every mint
YOUNG_S = 60.0  # a token younger than this is refreshed at soft expiry only
DEAD_WITHIN_S = 30.0  # a token with less life than this on arrival is a failure
EARLIEST, LATEST = -62_135_596_800, 253_402_300_799  # epoch seconds: the years 1 to 9999, which a date can say
REUSED_SOFT_S, REUSED_HARD_S = 60.0, 120.0  # of a session that Salesforce hands out again: it may end at any time


def is_instant(value: object) -> bool:
    """Return whether a value that somebody stored is an instant in epoch seconds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and EARLIEST <= value <= LATEST


def days_left(until: float, now: float) -> int:
    """Return how many whole days are left until an instant, such as a certificate's end; less than zero after it."""
    return int((until - now) // DAY_S)


class TokenState(Enum):
    """What may be done with a token at an instant."""

    FRESH = "fresh"  # it is served
    STALE = "stale"  # it is served, and one caller refreshes it
    EXPIRED = "expired"  # it is never served


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Three instants, epoch seconds; what is not known of a damaged row is infinitely far ahead.

    Attributes:
        issued_at: when the token was issued.
        soft: soft expiry; from here on it is refreshed while it is still served.
        hard: hard expiry; from here on it is never served.
    """

    issued_at: float
    soft: float
    hard: float

    @classmethod
    def granted(cls, issued_at: float, life_s: float, soft_share: float) -> Self:
        """Return the times of a new token.

        Args:
            issued_at: epoch seconds.
            life_s: for how long Salesforce takes it, in seconds.
            soft_share: where in the life soft expiry lies, drawn from `SOFT_SPREAD`.
        """
        return cls(issued_at, issued_at + life_s * soft_share, issued_at + life_s * (1 - MARGIN))

    @classmethod
    def handed_out_again(cls, asked_at: float, hard: float, ends_at: float) -> Self:
        """Return the times of a session that Salesforce hands out again.

        Args:
            asked_at: our clock before the request, epoch seconds.
            hard: the hard expiry that is known of the session; what is sooner than `REUSED_HARD_S` ahead counts as that.
            ends_at: when the token itself says that it ends.
        """
        return cls(asked_at, asked_at + REUSED_SOFT_S, min(max(hard, asked_at + REUSED_HARD_S), ends_at))

    def state(self, now: float) -> TokenState:
        """Return what may be done with the token now."""
        if self.hard <= now:
            return TokenState.EXPIRED
        return TokenState.STALE if self.soft <= now else TokenState.FRESH

    def due(self, now: float, *, min_ttl: float = 0.0, horizon_s: float = 0.0) -> bool:
        """Return whether the token should be refreshed, though it may still be served.

        Args:
            now: epoch seconds.
            min_ttl: the life that a caller wants it to have left, in seconds.
            horizon_s: how far ahead soft expiry counts as reached, in seconds.
        """
        settled = self.issued_at <= now - YOUNG_S
        soon, short = self.soft <= now + horizon_s, self.hard < now + self.clamped(min_ttl)
        return self.soft <= now or (settled and (soon or short))

    def clamped(self, min_ttl: float) -> float:
        """Return the asked least life, at most half of the whole life: no token could ever have more for long."""
        life_s = self.hard - self.issued_at
        return min(min_ttl, life_s / 2) if isfinite(life_s) else min_ttl
