"""An alarm on one metric, evaluated each minute over a window that slides.

Source: Amazon CloudWatch User Guide, "Alarm evaluation" and "Alarm evaluation window"; CloudWatch API Reference,
"PutMetricAlarm". What this cannot judge is refused: metric math, percentiles, units, periods that are no whole minutes.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, cast, get_args

from sfmint_local.cloudwatch.metric_line import Series
from sfmint_local.cloudwatch.metrics import MINUTE_S, STATISTICS, Metrics, Statistic
from sfmint_local.cloudwatch.verdict import MORE_PERIODS, Point, State, Treatment, verdict
from sfmint_local.errors import LocalStackError

_BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_TREATMENTS: tuple[str, ...] = get_args(Treatment.__value__)
_NOT_JUDGED = ("ExtendedStatistic", "Metrics", "ThresholdMetricId", "Unit")
_IGNORES_MISSING = "AWS/DynamoDB"  # whatever the alarm says


class Change(NamedTuple):
    """An alarm has another state since `at` (epoch seconds)."""

    at: float
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm.

    Attributes:
        name: of the alarm.
        series: its metric.
        statistic: of each period.
        period_s: how long a period is.
        periods, to_alarm: N and M of "M out of N".
        compares: how a data point is held against the threshold.
        threshold: of its data points.
        treatment: of missing data.
    """

    name: str
    series: Series
    statistic: Statistic
    period_s: int
    periods: int
    to_alarm: int
    compares: str
    threshold: float
    treatment: Treatment

    FIRST_STATE: ClassVar[State] = "INSUFFICIENT_DATA"

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return the alarm of a resource's properties, or of an answer of `describe_alarms`: both have the same names.

        Raises:
            LocalStackError: it cannot be judged here.
        """
        alarm = cls(
            name=said["AlarmName"],
            series=_series(said),
            statistic=cast("Statistic", said.get("Statistic")),
            period_s=int(said.get("Period", 0)),
            periods=int(said["EvaluationPeriods"]),
            to_alarm=int(said.get("DatapointsToAlarm") or said["EvaluationPeriods"]),
            compares=said["ComparisonOperator"],
            threshold=float(said.get("Threshold", math.nan)),
            treatment=cast("Treatment", said.get("TreatMissingData") or "missing"),
        )
        if any(said.get(name) for name in _NOT_JUDGED) or not alarm._is_judged():
            raise LocalStackError(
                f"The alarm {alarm.name} has what is not judged here: one of {', '.join(_NOT_JUDGED)}, or a statistic,"
                " comparison, treatment or period of another kind.",
                remedy="Give it one metric, one of the plain statistics, a threshold and a period of whole minutes.",
            )
        return alarm

    def state(self, metrics: Metrics, at: float, before: State) -> State:
        """Return its state at an instant.

        Args:
            metrics: what was measured.
            at: epoch seconds; the last whole minute before it is the last one that counts.
            before: its state until then.
        """
        return self._state(_minute_of(at), before, lambda begin: self._point(metrics, begin))

    def judge(self, points: list[Point], before: State) -> State:
        """Return its state after these data points."""
        treatment: Treatment = "ignore" if self.series[0] == _IGNORES_MISSING else self.treatment
        return verdict(points, periods=self.periods, to_alarm=self.to_alarm, treatment=treatment, state=before)

    def is_breached_by(self, value: float) -> bool:
        """Return whether a data point is on the wrong side of the threshold."""
        return _BREACHES[self.compares](value, self.threshold)

    def changes(self, metrics: Metrics, *, since: float, until: float) -> list[Change]:
        """Return its states from one instant to another, evaluated each minute; the first is the one that it begins with."""
        found = [Change(since, self.FIRST_STATE)]
        point = cache(lambda begin: self._point(metrics, begin))  # several evaluations look at each window
        for minute in range(_minute_of(since), _minute_of(until) + 1):
            state = self._state(minute, found[-1].state, point)
            if state != found[-1].state:
                found.append(Change(minute * MINUTE_S, state))
        return found

    def _state(self, minute: int, before: State, point: Callable[[int], Point]) -> State:
        last = minute * MINUTE_S
        begins = (last - number * self.period_s for number in range(self.periods + MORE_PERIODS, 0, -1))
        return self.judge([point(begin) for begin in begins], before)

    def _point(self, metrics: Metrics, begin: int) -> Point:
        value = metrics.statistic(self.series, self.statistic, since=begin, until=begin + self.period_s)
        return None if value is None else self.is_breached_by(value)

    def _is_judged(self) -> bool:
        return (
            self.statistic in STATISTICS
            and self.compares in _BREACHES
            and self.treatment in _TREATMENTS
            and self.period_s > 0
            and self.period_s % MINUTE_S == 0
            and not math.isnan(self.threshold)
        )


def _minute_of(at: float) -> int:
    return math.floor(at / MINUTE_S)


def _series(said: Mapping[str, Any]) -> Series:
    dimensions = tuple((each["Name"], each["Value"]) for each in said.get("Dimensions", ()))
    return said.get("Namespace", ""), said.get("MetricName", ""), dimensions
