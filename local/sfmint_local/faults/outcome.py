"""What was measured, in the words of the page."""

from dataclasses import dataclass

AT_ONCE = "at once"
_CLASSES = ((1.0, AT_ONCE), (6.0, "within 6 s"), (10.0, "within 10 s"), (20.0, "within 20 s"))
_PAUSES = ((10.0, "seconds"), (60.0, "a minute"), (600.0, "10 minutes"), (1200.0, "20 minutes"))


class NotMeasured(Exception):  # noqa: N818 - what happened
    """A case could not be measured; the message says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Case:
    """One fault, met with a token in one state in one store; their names."""

    fault: str
    state: str
    store: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of two callers, one after the other.

    Attributes:
        got: what the first one got.
        logins: what that cost.
        took: how long it took, as a class.
        next_got: what the second one got.
        next_logins: what that cost.
        reasons: why mints failed.
        kept: for how long the row remembers it, as a class; empty: it does not.
        said: the first one's log lines from WARNING on.
    """

    got: str
    logins: int
    took: str
    next_got: str
    next_logins: int
    reasons: tuple[str, ...]
    kept: str
    said: tuple[str, ...]


def duration_class(seconds: float) -> str:
    """Return the class of a duration in seconds."""
    return next((name for end, name in _CLASSES if seconds < end), "longer")


def pause_class(seconds: float) -> str:
    """Return what a person calls a pause of so many seconds that has just begun."""
    return next((name for end, name in _PAUSES if seconds <= end), "longer")


def agrees(told: str, measured: str) -> bool:
    """Return whether a measured class is the told one, or the next longer one: a machine may be busy."""
    names = [name for _, name in _CLASSES]
    return told in names and measured in names[names.index(told) : names.index(told) + 2]
