"""What came of a case, in the words of the page; times in classes, for a machine is now and then busy."""

from dataclasses import dataclass

AT_ONCE = "at once"
_DURATIONS = ((1.0, AT_ONCE), (6.0, "within 6 s"), (10.0, "within 10 s"), (20.0, "within 20 s"))
_PAUSES = ((45.0, "seconds"), (60.0, "a minute"), (600.0, "10 minutes"), (1200.0, "20 minutes"))
_LONGER = "longer"


class NotMeasured(Exception):  # noqa: N818 - what it is
    """A case could not be measured, or what was measured contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault in a state of the token, with a store; by their names."""

    fault: str
    state: str
    store: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        got: what the caller got.
        logins: requests to the token endpoint that it cost.
        took: class of the time that it took.
        next_got: what the next caller got.
        next_logins: what that cost.
        reasons: codes of why mints failed.
        kept: class of the time for which a failure is remembered, or empty.
        said: the caller's log lines from `WARNING` on.
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
    """Returns the class of the time that an answer took."""
    return next((name for longest, name in _DURATIONS if seconds < longest), _LONGER)


def pause_class(seconds: float) -> str:
    """Returns the class of the time for which a failure is remembered."""
    return next((name for longest, name in _PAUSES if seconds <= longest), _LONGER)


def agrees(told: str, measured: str) -> bool:
    """Tells whether a class of time was measured as it is told, or the next longer one: the machine was busy."""
    names = [name for _, name in _DURATIONS]
    return told == measured or (told, measured) in zip(names, names[1:], strict=False)
