"""Instants as people write and read them: the clock on their wall, with UTC beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sfmint.salesforce.access_token import iso8601
from sfmint_values.foreign import Foreign

LONGEST = 40  # characters: a date, a time with microseconds, an offset
EXAMPLES = "10:42, 2026-11-28T10:42:30, or 2026-11-28T10:42:30Z"
_DATE_AND_TIME = 2
_LATEST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()  # which every zone can show


class NoInstant(ValueError):  # noqa: N818 - what was found
    """A text names no instant, or no single one; the message says why, as a clause, and what to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a person has named: an instant, as exact as it was written.

    Attributes:
        at: epoch seconds.
        width_s: 60 if it names a minute, 1 if a second.
    """

    at: float
    width_s: float


def read_moment(text: Foreign, *, now: float, utc: bool, zone: tzinfo | None = None) -> Moment:
    """Return the moment that a text names: of a time alone the last one before now.

    Args:
        text: an ISO 8601 date and time, with an offset or without, or a time of day.
        now: epoch seconds.
        utc: a text without an offset is UTC, not local.
        zone: the local time zone; None: this machine's.

    Raises:
        NoInstant: it names none, or the clock showed it twice, or never.
    """
    written = text.strip()
    if len(written) > LONGEST or ":" not in written:
        raise NoInstant(f"is no time. Write it as {EXAMPLES}")
    width_s = 60.0 if _clock_of(written).count(":") == 1 else 1.0
    local = UTC if utc else zone
    try:
        day, _ = _parted(written)
        at = (
            _last_before(now, time.fromisoformat(written), local)
            if day is None
            else _epoch(datetime.fromisoformat(written), local)
        )
    except NoInstant:
        raise
    except (ValueError, OverflowError, OSError):
        at = -1.0
    if not 0 <= at < _LATEST:
        raise NoInstant(f"is no time. Write it as {EXAMPLES}")
    return Moment(at=at, width_s=width_s)


def _clock_of(written: Foreign) -> Foreign:
    """Return the time of day of a text: without its date, and without the offset, of either sign."""
    clock = "".join(written.replace("T", " ").split()[-1:]).removesuffix("Z")
    return clock.partition("+")[0].partition("-")[0]


def _parted(written: Foreign) -> tuple[date | None, str]:
    parts = written.replace("T", " ").split()
    if len(parts) == 1:
        return None, parts[0]
    if len(parts) != _DATE_AND_TIME:
        raise ValueError
    return date.fromisoformat(parts[0]), parts[1]


def _last_before(now: float, clock: time, zone: tzinfo | None) -> float:
    """Return when a clock showed a time of day last: today, or yesterday."""
    local = datetime.fromtimestamp(now, UTC).astimezone(clock.tzinfo or zone)
    today = datetime.combine(local.date(), clock)
    yesterday = today - timedelta(days=1)
    if clock.tzinfo is not None:
        return today.timestamp() if today.timestamp() <= now else yesterday.timestamp()
    shown_today = {at for at in _instants(today, zone) if at <= now}
    if len(shown_today) == 1:  # also where it comes a second time, in an hour that is not over
        return shown_today.pop()
    has_passed = shown_today or clock <= local.time()
    return _epoch(today if has_passed else yesterday, zone)


def _epoch(written: datetime, zone: tzinfo | None) -> float:
    if written.tzinfo is not None:
        return written.timestamp()
    found = sorted(set(_instants(written, zone)))
    match found:
        case [at]:
            return at
        case []:
            raise NoInstant("never was: the clock went forward over it. Give the time in UTC, with Z at its end")
        case _:
            both = " or ".join(iso8601(at) for at in found)
            raise NoInstant(f"was twice, for the clock went back: it is {both}. Give one of these")


def _instants(written: datetime, zone: tzinfo | None) -> Iterator[float]:
    """Yield each instant at which the clock of a zone shows a time: one, two in an hour that comes twice, or none."""
    for fold in (0, 1):
        at = written.replace(tzinfo=zone, fold=fold).timestamp()
        if _local(at, zone).replace(tzinfo=None, fold=0) == written:
            yield at


def _local(at: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def shown(at: float, *, utc: bool = False, zone: tzinfo | None = None) -> str:
    """Return an instant for a person: `2026-11-28 10:42:30 CET (09:42:30Z)`.

    Args:
        at: epoch seconds.
        utc: UTC alone.
        zone: the local time zone; None: this machine's.
    """
    if utc:
        return iso8601(at)
    local = _local(at, zone)
    if not local.utcoffset():
        return iso8601(at)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()} ({_local(at, UTC):%H:%M:%SZ})"


def written(when: datetime) -> str:
    """Return an instant of AWS's or of a certificate as sfmint writes it."""
    return iso8601(when.timestamp())


def instant_of(text: object) -> float | None:
    """Return the epoch seconds of an instant as sfmint writes it, or None for anything else."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = read.timestamp() if read.tzinfo is not None else -1.0
    return at if 0 <= at < _LATEST else None
