"""Draws docs/dashboard.svg, the dashboard over a simulated day, and fills the tables of docs/dashboard.md: ``python tools/dashboard_page.py``."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from expanding.watched import Watched, watched
from marked_blocks import filled
from page_table import table
from sfmint_bench.dashboard_picture import Drawn, picture
from sfmint_local.cloudwatch.alarms import Alarm, Change
from sfmint_local.cloudwatch.dashboard import Widget, widgets
from sfmint_local.cloudwatch.metrics import Metrics, Values
from sfmint_local.watched_day.day import DAY_S, WARM_UP_S, simulated_day
from sfmint_local.watched_day.incidents import INCIDENTS, MIDNIGHT, Incident

PAGE = Path(__file__).resolve().parent.parent / "docs/dashboard.md"
PICTURE = PAGE.with_suffix(".svg")
_TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"
_AFTER_S = 7200.0  # an alarm that begins so late after an incident is still its own


def drawn() -> Drawn:
    """Return the simulated day, as a stack with alarms shows it."""
    made, metrics, day = watched(AlarmTopicArn=_TOPIC), Metrics(), simulated_day()
    metrics.take(day.lines)
    for series, at, value in day.of_lambda:
        metrics.put(series, Values.of(value), at=at)
    shown = widgets(made.dashboard["DashboardBody"])
    ends = MIDNIGHT + DAY_S
    return Drawn(
        widgets=shown,
        metrics=metrics,
        alarms=[
            (alarm, alarm.changes(metrics, since=MIDNIGHT - WARM_UP_S / 2, until=ends))
            for alarm in _in_order(made, shown)
        ],
        incidents=INCIDENTS,
        begins=MIDNIGHT,
        ends=ends,
    )


def _in_order(made: Watched, shown: Sequence[Widget]) -> list[Alarm]:
    """Return the alarms as the dashboard lists them."""
    alarms = {each["AlarmName"]: Alarm.of(each) for each in made.alarms.values()}
    return [alarms[arn.rpartition(":")[2]] for widget in shown for arn in widget.alarms]


def page(text: str, day: Drawn) -> str:
    """Return the page with its tables."""
    incidents = table(
        ("", "from", "to", "what", "whose fault", "alarms, with the minute in which each began"), _incidents(day)
    )
    return filled(
        text, "dashboard", {"incidents": incidents, "graphs": table(("graph", "shows"), _graphs(day.widgets))}
    )


def _incidents(day: Drawn) -> list[list[str]]:
    rows = []
    for number, incident in enumerate(day.incidents, 1):
        times = [_clock(incident.begins), _clock(incident.ends)]
        rows.append([str(number), *times, incident.title, incident.whose, _began(incident, day)])
    return rows


def _began(incident: Incident, day: Drawn) -> str:
    found = [
        (change.at - MIDNIGHT, alarm.name.partition("-")[2])
        for alarm, changes in day.alarms
        if (change := _first(changes, incident)) is not None
    ]
    return ", ".join(f"`{name}` {_clock(at)}" for at, name in sorted(found))


def _first(changes: Sequence[Change], incident: Incident) -> Change | None:
    return next(
        (
            each
            for each in changes
            if each.state == "ALARM" and incident.begins <= each.at - MIDNIGHT < incident.ends + _AFTER_S
        ),
        None,
    )


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M")


def _graphs(shown: Sequence[Widget]) -> list[list[str]]:
    rows = []
    for widget in shown:
        if widget.lines:
            lines = [f"{each.label}: `{each.series[1]}` of {_service(each.series[2])}" for each in widget.lines]
            rows.append([widget.title, "<br>".join(lines)])
    return rows


def _service(dimensions: Sequence[tuple[str, str]]) -> str:
    named: Mapping[str, str] = dict(dimensions)
    function = named.get("service") or named.get("FunctionName")
    return f"`{function}`" if function else "all functions"


def main() -> None:
    """Write both."""
    day = drawn()
    PICTURE.write_bytes(picture(day))
    PAGE.write_text(page(PAGE.read_text(), day))


if __name__ == "__main__":
    main()
