"""The dashboard of the stack: it shows what is counted, beside what wakes somebody, and nothing that does not exist."""

import json
from collections.abc import Sequence
from functools import cache
from itertools import combinations

import pytest

import dashboard_page
import metrics_page
from expanding.variants import FILLED
from expanding.watched import STACK, Watched, watched
from sfmint_bench.dashboard_picture import Drawn, picture
from sfmint_local.cloudwatch.alarms import Alarm, Change
from sfmint_local.cloudwatch.dashboard import COLUMNS, Widget, widgets
from sfmint_local.cloudwatch.metrics import STATISTICS
from sfmint_local.watched_day.incidents import Incident

CHOICES = [
    {},
    {"AlarmTopicArn": FILLED["AlarmTopicArn"]},
    {"AlarmTopicArn": FILLED["AlarmTopicArn"], "RefreshRate": "off"},
    {"AlarmTopicArn": FILLED["AlarmTopicArn"], "ProbeConnection": "my-org"},
]
ALL = CHOICES[3]
MOST_WITHOUT_CHARGE = 50  # Amazon CloudWatch Pricing: three dashboards with up to 50 metrics each
COLUMNS_OF_FAULTS = ("Salesforce's", "The operator's", "AWS's")  # in the order of the incidents
OF_LAMBDA = {"Throttles", "Errors"}


@cache
def made(**given: str) -> Watched:
    return watched(**given)


def shown(**given: str) -> list[Widget]:
    return widgets(made(**given).dashboard["DashboardBody"])


@pytest.mark.parametrize("given", CHOICES, ids=lambda given: ",".join(given) or "default")
def test_the_dashboard_shows_the_alarms_that_are_made_and_no_other(given: dict[str, str]) -> None:
    of_stack = made(**given)
    listed = [arn for widget in widgets(of_stack.dashboard["DashboardBody"]) for arn in widget.alarms]
    names = [each["AlarmName"] for each in of_stack.alarms.values()]
    assert sorted(listed) == sorted(f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}" for name in names)


def test_the_dashboard_is_a_grid_without_holes_in_its_rows_and_nothing_lies_over_another() -> None:
    all_of_it = shown(**ALL)
    cells = [
        {(x, y) for x in range(each.x, each.x + each.width) for y in range(each.y, each.y + each.height)}
        for each in all_of_it
    ]
    assert all(one.isdisjoint(other) for one, other in combinations(cells, 2))
    rows = max(each.y + each.height for each in all_of_it)
    assert set().union(*cells) == {(x, y) for x in range(COLUMNS) for y in range(rows)}


def test_every_graph_shows_what_the_functions_count() -> None:
    told = {
        (metric.name, service)
        for metric in metrics_page.metrics()
        for service in ((None,) if metric.of_stack else metric.services)
    }
    lines = [line for widget in shown(**ALL) for line in widget.lines]
    assert len(lines) > 40
    for line in lines:
        namespace, name, dimensions = line.series
        assert line.statistic in STATISTICS
        if namespace == "sfmint":
            of = dict(dimensions)
            assert of["stack"] == STACK
            assert (name, of.get("service")) in told, line
        else:
            assert (namespace, name in OF_LAMBDA) == ("AWS/Lambda", True)


def test_every_metric_that_wakes_somebody_is_shown() -> None:
    lines = {(line.series[1], frozenset(line.series[2])) for widget in shown(**ALL) for line in widget.lines}
    for given in CHOICES:
        for each in made(**given).alarms.values():
            _, name, dimensions = Alarm.of(each).series
            assert (name, frozenset(dimensions)) in lines, each["AlarmName"]


def test_it_has_no_more_metrics_than_a_dashboard_without_charge() -> None:
    assert sum(len(widget.lines) for widget in shown(**ALL)) <= MOST_WITHOUT_CHARGE


def test_the_page_and_its_picture_are_those_of_the_simulated_day() -> None:
    """Each incident shows in its own column only, and sets off alarms that end before the day does."""
    day = dashboard_page.drawn()
    text = dashboard_page.PAGE.read_text()
    assert dashboard_page.page(text, day) == text
    assert picture(day) == dashboard_page.PICTURE.read_bytes()
    for incident, column in zip(day.incidents, COLUMNS_OF_FAULTS, strict=True):
        assert moved(day, incident) == {column}
    assert {changes[-1].state for _, changes in day.alarms} == {"OK"}
    assert {alarm.name for alarm, changes in day.alarms if rings(changes) > len(day.incidents)} == set()


def rings(changes: Sequence[Change]) -> int:
    return sum(each.state == "ALARM" for each in changes)


def moved(day: Drawn, incident: Incident) -> set[str]:
    """Return the titles of the columns in which something was counted while an incident went on."""
    span = {"since": day.begins + incident.begins, "until": day.begins + incident.ends}
    return {
        widget.title
        for widget in day.widgets
        if widget.title in (*COLUMNS_OF_FAULTS, "Ours")
        for line in widget.lines
        if any(line.points(day.metrics, **span, period_s=widget.period_s))
    }


def test_the_body_is_json_that_cloudwatch_takes() -> None:
    for given in CHOICES:
        body = json.loads(made(**given).dashboard["DashboardBody"])
        assert body["periodOverride"] == "inherit"
        assert {each["type"] for each in body["widgets"]} <= {"alarm", "metric", "text"}
        assert "${" not in json.dumps(body)
