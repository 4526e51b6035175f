"""A dashboard as its body says it.

Source: Amazon CloudWatch API Reference, "Dashboard Body Structure and Syntax".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sfmint_local.cloudwatch.metric_line import Series
from sfmint_local.cloudwatch.metrics import Metrics, Statistic

COLUMNS = 24
_USUAL_PERIOD_S = 300  # where a graph says none


class Threshold(NamedTuple):
    """A horizontal line in a graph."""

    label: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric in a graph."""

    series: Series
    statistic: Statistic
    label: str

    def points(self, metrics: Metrics, *, since: float, until: float, period_s: int) -> list[float | None]:
        """Return its values from one instant to another, one for each period; None: there is none."""
        return [
            metrics.statistic(self.series, self.statistic, since=begin, until=begin + period_s)
            for begin in range(round(since), round(until), period_s)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """A rectangle of the dashboard.

    Attributes:
        kind: `alarm`, `metric` or `text`.
        x, y, width, height: its place, in units of the grid of 24 columns.
        title: of a graph or of alarms; of a text the text itself, in Markdown.
        lines: of a graph.
        thresholds: of a graph.
        is_stacked: whether the lines stand on each other.
        period_s: of each point.
        alarms: the ARNs of what an `alarm` shows.
    """

    kind: str
    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[Line, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    is_stacked: bool = False
    period_s: int = _USUAL_PERIOD_S
    alarms: tuple[str, ...] = ()


def widgets(body: str) -> list[Widget]:
    """Return what a dashboard shows, in its order."""
    return [_widget(said) for said in json.loads(body)["widgets"]]


def _widget(said: Mapping[str, Any]) -> Widget:
    properties = said["properties"]
    thresholds = properties.get("annotations", {}).get("horizontal", ())
    return Widget(
        kind=said["type"],
        **{name: said[name] for name in ("x", "y", "width", "height")},
        title=properties.get("title") or properties["markdown"],
        lines=tuple(_line(each, properties["stat"]) for each in properties.get("metrics", ())),
        thresholds=tuple(Threshold(each["label"], each["value"]) for each in thresholds),
        is_stacked=properties.get("stacked", False),
        period_s=properties.get("period", _USUAL_PERIOD_S),
        alarms=tuple(properties.get("alarms", ())),
    )


def _line(said: list[Any], usual: str) -> Line:
    namespace, name, *rest = said
    *dimensions, options = rest
    pairs = tuple(zip(dimensions[::2], dimensions[1::2], strict=True))
    return Line(
        series=(namespace, name, pairs),
        statistic=cast("Statistic", options.get("stat", usual)),
        label=options["label"],
    )
