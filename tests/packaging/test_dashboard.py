"""The dashboard of the stack: it shows what is counted, beside what wakes somebody, and nothing that does not exist."""

import json
from itertools import combinations

import pytest

import metrics_page
from expanding.variants import FILLED
from expanding.watched import STACK, watched
from sfmint_local.cloudwatch.alarms import Alarm
from sfmint_local.cloudwatch.dashboard import COLUMNS, Widget, widgets
from sfmint_local.cloudwatch.metrics import STATISTICS

CHOICES = [
    {},
    {"AlarmTopicArn": FILLED["AlarmTopicArn"]},
    {"AlarmTopicArn": FILLED["AlarmTopicArn"], "RefreshRate": "off"},
    {"AlarmTopicArn": FILLED["AlarmTopicArn"], "ProbeConnection": "my-org"},
]
ALL = CHOICES[3]
OF_THE_PROBER = {("ProbeFailed", "prober"), ("ProbeNotRefused", "prober")}
OF_LAMBDA = {"Throttles", "Errors"}


def shown(**given: str) -> list[Widget]:
    return widgets(watched(**given).dashboard["DashboardBody"])


@pytest.mark.parametrize("given", CHOICES, ids=lambda given: ",".join(given) or "default")
def test_the_dashboard_shows_the_alarms_that_are_made_and_no_other(given: dict[str, str]) -> None:
    made = watched(**given)
    listed = [arn for widget in widgets(made.dashboard["DashboardBody"]) for arn in widget.alarms]
    names = [each["AlarmName"] for each in made.alarms.values()]
    assert sorted(listed) == sorted(f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}" for name in names)


def test_the_dashboard_is_a_grid_without_holes_in_its_rows_and_nothing_lies_over_another() -> None:
    made = shown(**ALL)
    cells = [
        {(x, y) for x in range(each.x, each.x + each.width) for y in range(each.y, each.y + each.height)}
        for each in made
    ]
    assert all(one.isdisjoint(other) for one, other in combinations(cells, 2))
    rows = max(each.y + each.height for each in made)
    assert set().union(*cells) == {(x, y) for x in range(COLUMNS) for y in range(rows)}


def test_every_graph_shows_what_the_functions_count() -> None:
    told = {(metric.name, service) for metric in metrics_page.metrics() for service in metric.services} | OF_THE_PROBER
    lines = [line for widget in shown(**ALL) for line in widget.lines]
    assert len(lines) > 40
    for line in lines:
        namespace, name, dimensions = line.series
        assert line.statistic in STATISTICS
        if namespace == "sfmint":
            of = dict(dimensions)
            assert of["stack"] == STACK
            assert (name, of["service"]) in told, line
        else:
            assert (namespace, name in OF_LAMBDA) == ("AWS/Lambda", True)


def test_every_metric_that_wakes_somebody_is_shown() -> None:
    lines = {(line.series[1], frozenset(line.series[2])) for widget in shown(**ALL) for line in widget.lines}
    for given in CHOICES:
        for each in watched(**given).alarms.values():
            _, name, dimensions = Alarm.of(each).series
            assert (name, frozenset(dimensions)) in lines, each["AlarmName"]


def test_the_body_is_json_that_cloudwatch_takes() -> None:
    for given in CHOICES:
        body = json.loads(watched(**given).dashboard["DashboardBody"])
        assert body["periodOverride"] == "inherit"
        assert {each["type"] for each in body["widgets"]} <= {"alarm", "metric", "text"}
        assert "${" not in json.dumps(body)
