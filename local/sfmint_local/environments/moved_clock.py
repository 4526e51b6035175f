"""Clocks of execution environments, moved: one against the others, or all of them together with the services'."""

from typing import Any, ClassVar

from sfmint import bootstrap
from sfmint.adapters.aws.errors import LastDate
from sfmint_values.system import SystemClock


class MovedClock(SystemClock):
    """The machine's clocks, moved.

    Attributes:
        skew_s: by how many seconds this environment's is ahead of everybody else's.
        later_s: by how many seconds it is later for everybody.
    """

    skew_s: ClassVar[float] = 0.0
    later_s: ClassVar[float] = 0.0

    def now(self) -> float:
        """Return epoch seconds."""
        return super().now() + self.skew_s + self.later_s


_NOTE = LastDate.note


def note_moved(date: LastDate, answer: Any) -> None:
    """Note the date of AWS's answer as if AWS's clock were moved, too: in place of `LastDate.note`."""
    _NOTE(date, answer)
    date.arrived_at -= MovedClock.later_s


def install() -> None:
    """Let all functions of this process use it; to them AWS's dates are later too."""
    vars(bootstrap)["SystemClock"] = MovedClock
    setattr(LastDate, "note", note_moved)  # noqa: B010 - a checker would not have a method replaced
