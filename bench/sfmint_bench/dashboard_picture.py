"""The picture of a dashboard over a day: what the console would draw of the same body, and beside it when each alarm was on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sfmint_bench import plots
from sfmint_local.cloudwatch.alarms import Alarm, Change
from sfmint_local.cloudwatch.dashboard import COLUMNS, Widget
from sfmint_local.cloudwatch.metrics import Metrics
from sfmint_local.watched_day.incidents import Incident

# In inches.
_WIDTH = 13.0
_TALL: Mapping[str, float] = {"alarm": 1.15, "metric": 0.41, "text": 0.32}  # a row of the grid, by what stands in it
_GAP = 0.42  # left and right of a graph
_FOOT = 0.62  # below it, for hours and legend
_HEAD = 0.3  # above it, for the title
_HOUR_S = 3600
_RED, _SHADE = "#c8102e", "#cf6a17"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is drawn.

    Attributes:
        widgets: of the dashboard.
        metrics: what was measured.
        alarms: of the dashboard, with when they changed.
        incidents: what went wrong, numbered in their order.
        begins, ends: epoch seconds.
    """

    widgets: Sequence[Widget]
    metrics: Metrics
    alarms: Sequence[tuple[Alarm, Sequence[Change]]]
    incidents: Sequence[Incident]
    begins: float
    ends: float


def picture(drawn: Drawn) -> bytes:
    """Return the picture as SVG, equal for equal numbers."""
    tops = _tops(drawn.widgets)
    height = max(tops.values())

    def draw(figure: Figure) -> None:
        for widget in drawn.widgets:
            left, right = (_WIDTH * column / COLUMNS for column in (widget.x, widget.x + widget.width))
            top, bottom = height - tops[widget.y], height - tops[widget.y + widget.height]
            match widget.kind:
                case "text":
                    _draw_text(figure, widget, (left + 0.1) / _WIDTH, (top - 0.1) / height)
                case "metric":
                    _draw_metric(_axes(figure, (left, bottom, right, top), height), widget, drawn)
                case _:
                    _draw_alarms(_axes(figure, (left + 1.6, bottom - _FOOT / 2, right, top - _HEAD), height), drawn)

    return plots.svg_of(draw, width=_WIDTH, height=height)


def _tops(widgets: Sequence[Widget]) -> dict[int, float]:
    """Return how many inches under the top each row of the grid begins that a widget begins or ends at."""
    tops = {0: 0.0}
    for widget in sorted(widgets, key=lambda each: each.y):
        tops[widget.y + widget.height] = tops[widget.y] + widget.height * _TALL[widget.kind]
    return tops


def _axes(figure: Figure, box: tuple[float, float, float, float], height: float) -> Axes:
    left, bottom, right, top = box
    width = right - left - 2 * _GAP
    return figure.add_axes(
        (
            (left + _GAP) / _WIDTH,
            (bottom + _FOOT) / height,
            width / _WIDTH,
            (top - bottom - _FOOT - _HEAD) / height,
        )
    )


def _draw_text(figure: Figure, widget: Widget, x: float, y: float) -> None:
    for number, line in enumerate(widget.title.split("\n")):
        size = {"# ": 17, "##": 13}.get(line[:2], 10)
        figure.text(
            x, y - number * 0.024, line.lstrip("# "), fontsize=size, va="top", weight="bold" if size > 10 else None
        )


def _draw_metric(axes: Axes, widget: Widget, drawn: Drawn) -> None:
    begins = range(round(drawn.begins), round(drawn.ends), widget.period_s)
    hours = [(begin - drawn.begins) / _HOUR_S for begin in begins]
    points = [
        line.points(drawn.metrics, since=drawn.begins, until=drawn.ends, period_s=widget.period_s)
        for line in widget.lines
    ]
    marks = list(plots.marked(widget.lines))
    if widget.is_stacked:
        heights = [[value or 0.0 for value in line] for line in points]
        colours, labels = [colour for _, (colour, _) in marks], [line.label for line in widget.lines]
        axes.stackplot(hours, heights, labels=labels, colors=colours, linewidth=0, alpha=0.75)
    else:
        for (line, (colour, style)), values in zip(marks, points, strict=True):
            known = [math.nan if value is None else value for value in values]
            marker = "." if values.count(None) > len(values) / 2 else None  # a point alone is no line
            axes.plot(
                hours,
                known,
                label=line.label,
                color=colour,
                linestyle=style,
                linewidth=1.4,
                marker=marker,
                markersize=3.5,
            )
    for number, (label, value) in enumerate(widget.thresholds):
        axes.axhline(value, color=_RED, linewidth=0.7, linestyle=(0, (4, 3)))
        place = (24 - 6 * number, value)  # beside each other, for they may be near
        axes.annotate(label, place, (0, 2), textcoords="offset points", ha="right", color=_RED, fontsize=7)
    if not any(value for line in points for value in line if value):
        axes.text(12, 0.5, "nothing", transform=axes.get_xaxis_transform(), ha="center", fontsize=8)
        axes.set_ylim(top=1)
    axes.set_title(widget.title, loc="left", fontsize=9.5, weight="bold")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(-0.03, -0.13),
        ncols=2,
        fontsize=7,
        borderpad=0,
        handlelength=1.8,
        columnspacing=1,
    )
    _mark_day(axes, drawn, numbered=True)


def _draw_alarms(axes: Axes, drawn: Drawn) -> None:
    names = [alarm.name.partition("-")[2] for alarm, _ in drawn.alarms]
    for row, (_, changes) in enumerate(drawn.alarms):
        axes.axhline(row, color=plots.GREY, linewidth=0.5, alpha=0.4)
        ends = [*(each.at for each in changes[1:]), drawn.ends]
        on = [
            (begin, end)
            for begin, end, state in zip(
                (each.at for each in changes), ends, (each.state for each in changes), strict=True
            )
            if state == "ALARM" and end > drawn.begins
        ]
        spans = [((begin - drawn.begins) / _HOUR_S, (end - begin) / _HOUR_S) for begin, end in on]
        axes.broken_barh(spans, (row - 0.38, 0.76), color=_RED)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_title("Alarms: red while they are on", loc="left", fontsize=9.5, weight="bold", pad=20)
    _mark_day(axes, drawn, numbered=False)
    for number, incident in enumerate(drawn.incidents, 1):
        axes.annotate(
            f"{number}  {incident.title}",
            (incident.begins / _HOUR_S, 1),
            (0, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8.5,
            color=_SHADE,
            weight="bold",
        )


def _mark_day(axes: Axes, drawn: Drawn, *, numbered: bool) -> None:
    for number, incident in enumerate(drawn.incidents, 1):
        axes.axvspan(incident.begins / _HOUR_S, incident.ends / _HOUR_S, color=_SHADE, alpha=0.18, linewidth=0)
        if numbered:
            axes.annotate(
                str(number),
                ((incident.begins + incident.ends) / 2 / _HOUR_S, 1),
                (0, -2),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=7.5,
                color=_SHADE,
                weight="bold",
            )
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 6), [f"{hour:02}:00" for hour in range(0, 25, 6)])
    axes.tick_params(labelsize=7.5)
    axes.grid()
