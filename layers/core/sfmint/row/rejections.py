"""What a refused rejection means: it was done before, it counts again, or it comes too soon after others.

Without I/O; instants are epoch seconds.
"""

from math import ceil

from sfmint.errors import RejectionLimited
from sfmint.row.row import CacheRow
from sfmint_values import call_again

REJECT_GAP_S = 60.0
REJECT_WINDOW_S = 600.0
REJECT_LIMIT = 3


def rejection_stands(row: CacheRow, fingerprint: str) -> bool:
    """Return whether a refused rejection needs nothing more: done before, or the token has a successor."""
    return row.rejected == fingerprint or row.fingerprint != fingerprint


def counts_again(row: CacheRow, fingerprint: str, now: float) -> bool:
    """Return whether a refused rejection is one more in a window that runs."""
    return _window_runs(row, now) and not rejection_stands(row, fingerprint)


def rejections_lately(row: CacheRow, now: float) -> int:
    """Return how many rejections there were in the window that runs; the row's own count is kept until the next one begins."""
    return row.reject_count or 0 if _window_runs(row, now) else 0


def breaker_is_open(row: CacheRow, now: float) -> bool:
    """Return whether fresh tokens keep being refused, so that no more of them are dropped."""
    return rejections_lately(row, now) >= REJECT_LIMIT


def _window_runs(row: CacheRow, now: float) -> bool:
    return row.reject_window is not None and row.reject_window > now - REJECT_WINDOW_S


def too_many_rejections(row: CacheRow, now: float) -> tuple[RejectionLimited, float]:
    """Return the error of a rejection that comes too soon after others, and in how many seconds it does not any more."""
    spaced_s = max(0.0, (row.last_rejected_at or now) + REJECT_GAP_S - now)
    over_s = max(0.0, (row.reject_window or now) + REJECT_WINDOW_S - now)
    if (row.reject_count or 0) < REJECT_LIMIT or not over_s:
        error = RejectionLimited(
            "Another token of this connection was rejected less than a minute ago, so this one is not dropped yet.",
            remedy=f"{call_again.in_words(ceil(spaced_s))}, or with a longer deadline_ms, for which it is waited; then look for"
            " what ends this user's sessions.",
        )
        return error, spaced_s
    minutes = ceil(over_s / 60)
    error = RejectionLimited(
        "Fresh tokens of this connection keep being rejected, so the fault is not the token.",
        remedy="Send requests to the answer's instance_url, and check the API access of user and app; rejections are"
        f" accepted again in {minutes} minute{'s' if minutes > 1 else ''}.",
    )
    return error, max(spaced_s, over_s)
