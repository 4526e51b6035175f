"""The plot of docs/scaling.md: logins and dollars against callers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sfmint_bench.growth.hour import EVERY_S, HOUR_S, Load, Way
from sfmint_bench.growth.limits import SALESFORCE_LOGINS
from sfmint_bench.growth.prices import per_million_calls
from sfmint_bench.growth.usage import Usage
from sfmint_bench.plots import GREY, marked, svg

_NAMES: Mapping[Way, str] = {"invoke": "each call invokes the broker", "client": "with the client layer"}
_COLOURS: Mapping[Way, str] = {way: colour for way, (colour, _) in marked(_NAMES)}


def draw(path: Path, loads: Sequence[Load], used: Mapping[Load, Usage]) -> None:
    """Writes the plot as SVG.

    Args:
        path: of the file.
        loads: of one connection, with growing callers.
        used: what they use.
    """
    drawn = svg(lambda axes: _draw_logins(axes, loads, used), lambda axes: _draw_dollars(axes, loads, used), height=3.2)
    path.write_bytes(drawn)


def _draw_logins(axes: Axes, loads: Sequence[Load], used: Mapping[Load, Usage]) -> None:
    callers = [load.callers for load in loads if load.way == "invoke"]
    axes.plot(callers, [number * HOUR_S / EVERY_S for number in callers], "--", color=GREY)
    axes.plot(callers, [used[load].logins for load in loads if load.way == "invoke"], "o-", color=_COLOURS["invoke"])
    axes.axhline(SALESFORCE_LOGINS, color=GREY, linewidth=0.8)
    _say(axes, "a login for each call", (callers[-2], callers[-2] * HOUR_S / EVERY_S), GREY)
    _say(axes, "limit for a user", (callers[-1], SALESFORCE_LOGINS), GREY, up=-14)
    _say(axes, "sfmint", (callers[-1], used[loads[0]].logins), _COLOURS["invoke"])
    _name(axes, "logins an hour")


def _draw_dollars(axes: Axes, loads: Sequence[Load], used: Mapping[Load, Usage]) -> None:
    for way, colour in _COLOURS.items():
        of_way = [load for load in loads if load.way == way]
        dollars = [per_million_calls(used[load]) for load in of_way]
        axes.plot([load.callers for load in of_way], dollars, "o-", color=colour)
        _say(axes, _NAMES[way], (of_way[-1].callers, dollars[-1]), colour, up=28)
    _name(axes, "dollars for a million calls")


def _say(axes: Axes, text: str, place: tuple[float, float], colour: str, up: float = 6) -> None:
    axes.annotate(text, place, (0, up), textcoords="offset points", ha="right", color=colour)


def _name(axes: Axes, what: str) -> None:
    axes.loglog()
    axes.set_xlabel("callers of a connection, each once a minute")
    axes.set_ylabel(what)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
