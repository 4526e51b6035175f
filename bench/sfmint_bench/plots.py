"""The plots of docs/performance.md and docs/scaling.md, and how every plot looks: SVG that is read on white and on dark, and comes out equal from equal numbers."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from io import BytesIO
from statistics import quantiles

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from matplotlib.typing import RcKeyType

type _Line = str | tuple[int, tuple[int, ...]]

GREY = "#767676"
# Each colour stands out 3 : 1 at least on white and on dark; the lines are for whoever does not tell colours apart.
_MARKS: tuple[tuple[str, _Line], ...] = (
    ("#2f7fd6", "-"),
    ("#cf6a17", "--"),
    ("#2a9a4b", "-."),
    ("#9467d4", ":"),
    ("#c9517f", (0, (5, 1, 1, 1, 1, 1))),
    ("#1a8f9c", (0, (8, 2))),
    ("#8a6d1f", (0, (3, 1, 1, 1))),
    (GREY, (0, (1, 3))),
)
_STEPS = 200  # of a distribution
_STYLE: dict[RcKeyType, object] = {
    "svg.hashsalt": "sfmint",  # the same file from the same numbers
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": GREY,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


def cold_starts(phases_s: Mapping[str, Mapping[str, float]]) -> bytes:
    """Return the plot of cold starts by phase: a bar for each.

    Args:
        phases_s: by the name of the start, and of the phase: seconds of CPU time.
    """

    def draw(axes: Axes) -> None:
        names = list(phases_s)
        ends = dict.fromkeys(names, 0.0)
        phases = dict.fromkeys(phase for of_one in phases_s.values() for phase in of_one)
        for phase, (colour, _) in marked(phases):
            lengths = [phases_s[name].get(phase, 0.0) * 1e3 for name in names]
            axes.barh(names, lengths, left=list(ends.values()), color=colour, label=phase, height=0.6)
            ends = {name: ends[name] + length for name, length in zip(names, lengths, strict=True)}
        for name, end in ends.items():
            axes.annotate(f"{end:,.0f} ms", (end, name), (4, 0), textcoords="offset points", va="center")
        axes.invert_yaxis()  # the first on top
        axes.margins(x=0.12)
        axes.set_xlabel("ms of CPU time from the start of the process to the first answer")
        axes.tick_params(axis="y", length=0)
        axes.figure.legend(loc="outside upper center", ncols=len(phases))

    return svg(draw, height=1.4 + 0.42 * len(phases_s))


def logins(by_callers: Mapping[str, Mapping[int, int]]) -> bytes:
    """Return the plot of logins against callers: a line for each way.

    Args:
        by_callers: by the name of the way, and the number of callers at once: logins.
    """

    def draw(axes: Axes) -> None:
        for (name, counted), (colour, line) in marked(by_callers.items()):
            callers = sorted(counted)
            logged_in = [counted[number] for number in callers]
            axes.plot(callers, logged_in, linestyle=line, marker="o", color=colour, clip_on=False)
            last = callers[-1]
            axes.annotate(
                f"{name}: {counted[last]:,}",
                (last, counted[last]),
                (-6, 8),
                textcoords="offset points",
                ha="right",
                color=colour,
            )
        axes.set_xlabel("cold callers at once, each an execution environment of its own")
        axes.set_ylabel("logins at Salesforce")
        axes.margins(y=0.15)
        axes.set_ylim(bottom=0)
        axes.grid()

    return svg(draw, height=3.4)


def latencies(seconds: Mapping[str, Sequence[float]]) -> bytes:
    """Return the plot of how long calls take: for each kind the share of calls that were answered by then.

    Args:
        seconds: by the name of the kind, from the quickest, eight at most: of wall time, one for each call.
    """

    def draw(axes: Axes) -> None:
        for (name, taken), (colour, line) in marked(seconds.items()):
            times_ms = [each * 1e3 for each in quantiles(taken, n=_STEPS, method="inclusive")]
            shares = [step / _STEPS for step in range(1, _STEPS)]
            axes.plot(times_ms, shares, label=name, color=colour, linestyle=line, linewidth=1.8)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1))
        axes.set_xlabel("ms of wall time, from the call of the handler to its answer")
        axes.set_ylabel("calls answered")
        axes.grid()
        axes.figure.legend(loc="outside upper center", ncols=4)

    return svg(draw, height=3.8)


def growth(logins: Mapping[int, int], dollars: Mapping[str, Mapping[int, float]], *, calls: float, limit: int) -> bytes:
    """Return the plot of what growth costs: logins an hour, and dollars for a million calls, against callers.

    Args:
        logins: by the number of callers.
        dollars: by the name of the way to ask, the first of which logs in so; and by the number of callers.
        calls: of each caller in an hour.
        limit: of a user's logins in an hour.
    """
    colours = {name: colour for name, (colour, _) in marked(dollars)}

    def draw_logins(axes: Axes) -> None:
        callers, own = list(logins), next(iter(colours.values()))
        axes.plot(callers, [number * calls for number in callers], "--", color=GREY)
        axes.plot(callers, list(logins.values()), "o-", color=own)
        axes.axhline(limit, color=GREY, linewidth=0.8)
        _say(axes, "a login for each call", (callers[-2], callers[-2] * calls), GREY)
        _say(axes, "limit for a user", (callers[-1], limit), GREY, up=-14)
        _say(axes, "sfmint", (callers[-1], logins[callers[0]]), own)
        _scale(axes, "logins an hour")

    def draw_dollars(axes: Axes) -> None:
        for name, by_callers in dollars.items():
            axes.plot(list(by_callers), list(by_callers.values()), "o-", color=colours[name])
            _say(axes, name, list(by_callers.items())[-1], colours[name], up=28)
        _scale(axes, "dollars for a million calls")

    return svg(draw_logins, draw_dollars, height=3.2)


def _say(axes: Axes, text: str, place: tuple[float, float], colour: str, up: float = 6) -> None:
    axes.annotate(text, place, (0, up), textcoords="offset points", ha="right", color=colour)


def _scale(axes: Axes, what: str) -> None:
    axes.loglog()
    axes.set_xlabel("callers of a connection, each once a minute")
    axes.set_ylabel(what)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))


def marked[Each](many: Collection[Each]) -> Iterable[tuple[Each, tuple[str, _Line]]]:
    """Return each with a colour and a line of its own.

    Raises:
        ValueError: there are more than colours.
    """
    return zip(many, _MARKS[: len(many)], strict=True)


def svg(*draws: Callable[[Axes], None], height: float) -> bytes:
    """Return what functions draw, side by side, with neither a background nor a date.

    Args:
        draws: each draws one plot.
        height: of the whole, in inches.
    """

    def draw_all(figure: Figure) -> None:
        figure.set_layout_engine("constrained")
        for draw, axes in zip(draws, figure.subplots(1, len(draws), squeeze=False).flat, strict=True):
            draw(axes)

    return svg_of(draw_all, width=8.4, height=height)


def svg_of(draw: Callable[[Figure], None], *, width: float, height: float) -> bytes:
    """Return what a function draws on a whole figure, whose sizes are in inches, with neither a background nor a date."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height))
        draw(figure)
        drawn = BytesIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return drawn.getvalue()
