"""How a connection is, as far as its row tells: for who watches, never for who serves. Instants are epoch seconds."""

from math import isfinite

from sfmint.row import decisions
from sfmint.row.decisions import Progress, Want
from sfmint.row.row import CacheRow


def is_failing(row: CacheRow, now: float, horizon_s: float) -> bool:
    """Return whether the last login failed, and either that is still remembered or another one is due.

    A failure of the network is forgotten within a minute and a half, so most of the time a row whose logins all fail remembers none.

    Args:
        row: as it was read.
        now: epoch seconds.
        horizon_s: how far ahead a soft expiry counts as reached, in seconds; what is not refreshed ahead has no horizon.
    """
    if row.failure_until is None:
        return False
    is_needed = not _is_served(row, now) or decisions.due(row, Want(horizon_s=horizon_s), now)
    return row.is_failing(now) or is_needed


def is_over(row: CacheRow, now: float) -> bool:
    """Return whether the row's token has expired, and nothing has replaced it."""
    return row.hard_expiry is not None and row.hard_expiry <= now


def age_percent(row: CacheRow, now: float) -> int:
    """Return how much of its life the row's token has used up, in whole percent; 0: there is no token that is served."""
    life_s = row.lifetime.hard - row.lifetime.issued_at
    if not _is_served(row, now) or not isfinite(life_s) or life_s <= 0:
        return 0
    return max(0, int(100 * (now - row.lifetime.issued_at) / life_s))


def _is_served(row: CacheRow, now: float) -> bool:
    return decisions.servable(row, Want(), Progress(), now)
