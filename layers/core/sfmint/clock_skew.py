"""How far this machine's clock is from AWS's or Salesforce's, as an answer's Date header shows."""

from datetime import UTC
from email.utils import parsedate_to_datetime

from sfmint_values.foreign import Foreign

AGREES_WITHIN_S = 5.0  # the header has whole seconds, and takes its time to arrive
MINTS_WITHIN_S = 30.0  # beyond it nothing that this clock says of a token's life is worth a login
_UNITS = ((120, 1, "seconds"), (120 * 60, 60, "minutes"), (48 * 3600, 3600, "hours"))


def behind_s(date: Foreign, now: float) -> float | None:
    """Return by how many seconds the clock that shows `now` is behind the one that wrote the header.

    Args:
        date: the Date header; empty where there was none.
        now: epoch seconds, when the header arrived.

    Returns:
        Less than zero where this clock is ahead; None where the header is no date.

    Source: RFC 9110 section 6.6.1.
    """
    try:
        written = parsedate_to_datetime(date)
        if written.tzinfo is None:  # what is said to be at no place (-0000) is UTC, not where this machine stands
            written = written.replace(tzinfo=UTC)
        return written.timestamp() - now
    except (IndexError, OverflowError, TypeError, ValueError):
        return None


def in_words(behind_s: float, whose: str = "Salesforce's") -> str:
    """Return the difference as a clause."""
    if abs(behind_s) <= AGREES_WITHIN_S:
        return f"yet this machine's clock agrees with {whose}"
    side = "behind" if behind_s > 0 else "ahead of"
    return f"this machine's clock is {_duration(abs(behind_s))} {side} {whose}"


def _duration(seconds: float) -> str:
    for below, unit_s, name in _UNITS:
        if seconds < below:
            return f"{round(seconds / unit_s)} {name}"
    return f"{round(seconds / 86_400)} days"
