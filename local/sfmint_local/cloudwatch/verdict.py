"""The state that an alarm takes, by the data points of its evaluation range.

Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" (its two tables are tests of this
module) and "Alarm evaluation".
"""

from collections.abc import Sequence
from typing import Literal

type State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
type Treatment = Literal["missing", "ignore", "breaching", "notBreaching"]
type Point = bool | None  # whether it breaches; None: there is no value

# CloudWatch looks at more periods than it evaluates. It says how many for three of five minutes only: five.
MORE_PERIODS = 2


def verdict(points: Sequence[Point], *, periods: int, to_alarm: int, treatment: Treatment, state: State) -> State:
    """Return the state that follows.

    Args:
        points: of the evaluation range, the oldest first.
        periods: how many are evaluated (N, `EvaluationPeriods`).
        to_alarm: how many of these have to breach (M, `DatapointsToAlarm`).
        treatment: of missing data.
        state: the alarm's present one.
    """
    real = [point for point in points if point is not None][-periods:]
    filled = periods - len(real)
    breaching = sum(real)
    if treatment == "breaching":
        breaching += filled
    if breaching >= to_alarm:
        return "ALARM"
    if not filled or treatment in {"breaching", "notBreaching"} or not all(real):
        return "OK"
    if treatment == "ignore":
        return state
    return "ALARM" if _has_lasted(points, to_alarm) else "INSUFFICIENT_DATA"


def _has_lasted(points: Sequence[Point], to_alarm: int) -> bool:
    """Return whether the oldest breach is as old as an alarm asks for; since then no point was within the threshold."""
    return True in points and len(points) - list(points).index(True) >= to_alarm
