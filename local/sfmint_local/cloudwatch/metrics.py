"""What CloudWatch keeps of metrics: for each series and minute how many values, their sum, the least and the greatest.

Source: Amazon CloudWatch User Guide, "Metrics concepts": a metric without high resolution is kept by the minute.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from sfmint_local.cloudwatch.metric_line import Series, read, series

MINUTE_S = 60

type Statistic = Literal["Average", "Maximum", "Minimum", "SampleCount", "Sum"]
STATISTICS: tuple[str, ...] = get_args(Statistic.__value__)


@dataclass(frozen=True, slots=True)
class Values:
    """Some values of one series, as far as CloudWatch knows them."""

    count: float
    total: float
    least: float
    most: float

    @classmethod
    def of(cls, value: float) -> Self:
        """Return a single value."""
        return cls(1, value, value, value)

    @classmethod
    def together(cls, some: Sequence["Values"]) -> Self:
        """Return what several are together."""
        return cls(
            sum(each.count for each in some),
            sum(each.total for each in some),
            min(each.least for each in some),
            max(each.most for each in some),
        )

    def statistic(self, name: Statistic) -> float:
        """Return one number of them."""
        match name:
            case "Average":
                return self.total / self.count
            case "Maximum":
                return self.most
            case "Minimum":
                return self.least
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total


class Metrics:
    """All series.

    metrics = Metrics()
    metrics.take(log.splitlines())
    metrics.statistic(series, "Sum", since=noon, until=noon + 300)
    """

    def __init__(self) -> None:
        self._minutes: dict[Series, dict[int, Values]] = defaultdict(dict)

    def take(self, log: Iterable[str]) -> None:
        """Keep what the lines of a log hold.

        Raises:
            BrokenMetricLineError: one is no line of metrics that CloudWatch takes, and was meant as one.
        """
        for text in log:
            if (line := read(text)) is not None:
                self.take_line(line)

    def take_line(self, line: dict[str, Any]) -> None:
        """Keep what a line holds that `metric_line.read` has returned."""
        for key, value in series(line):
            self.put(key, Values.of(value), at=line["_aws"]["Timestamp"] / 1000)

    def put(self, key: Series, values: Values, *, at: float) -> None:
        """Keep values of one series.

        Args:
            key: of which metric; the order of its dimensions does not matter.
            values: what was measured.
            at: epoch seconds.
        """
        minutes, minute = self._minutes[_ordered(key)], math.floor(at / MINUTE_S)
        minutes[minute] = Values.together((minutes[minute], values)) if minute in minutes else values

    def statistic(self, key: Series, name: Statistic, *, since: float, until: float) -> float | None:
        """Return a statistic of the minutes from `since` to `until`, the latter left out; None: there is nothing.

        Args:
            key: of which metric.
            name: of the statistic.
            since: epoch seconds, a whole minute.
            until: likewise.
        """
        minutes = self._minutes.get(_ordered(key), {})
        span = range(round(since / MINUTE_S), round(until / MINUTE_S))
        found = [minutes[minute] for minute in span if minute in minutes] if minutes else []
        return Values.together(found).statistic(name) if found else None

    def names(self) -> list[Series]:
        """Return which series there are, sorted."""
        return sorted(self._minutes)


def _ordered(key: Series) -> Series:
    namespace, name, dimensions = key
    return namespace, name, tuple(sorted(dimensions))
