"""CloudWatch's rules, as AWS documents them: its own tables, and what has to hold for every alarm and every line."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_local.cloudwatch.alarms import Alarm
from sfmint_local.cloudwatch.metric_line import BrokenMetricLineError, Series, read
from sfmint_local.cloudwatch.metrics import MINUTE_S, STATISTICS, Metrics, Values
from sfmint_local.cloudwatch.verdict import MORE_PERIODS, Point, State, Treatment, verdict
from sfmint_local.errors import LocalStackError
from sfmint_values.embedded_metrics import EmbeddedMetrics

NOON = 1_800_000_000 // 3600 * 3600
TREATMENTS: tuple[Treatment, ...] = ("missing", "ignore", "breaching", "notBreaching")
STATES: tuple[State, ...] = ("OK", "ALARM", "INSUFFICIENT_DATA")
RETAINED = None
TOTAL: Series = ("sfmint", "Failed", (("stack", "acme"), ("service", "token_broker")))
ALARM = {
    "AlarmName": "acme-Failing",
    "Namespace": "sfmint",
    "MetricName": "Failed",
    "Dimensions": [{"Name": "service", "Value": "token_broker"}, {"Name": "stack", "Value": "acme"}],
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}
# The tables of "Configuring how CloudWatch alarms treat missing data", also those rows that an older edition has.
THREE_OF_THREE = {
    "0-X-X": ("OK", "OK", "OK", "OK"),
    "0----": ("OK", "OK", "OK", "OK"),
    "-----": ("INSUFFICIENT_DATA", RETAINED, "ALARM", "OK"),
    "0XX-X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "--X--": ("ALARM", RETAINED, "ALARM", "OK"),
    "----X": ("INSUFFICIENT_DATA", RETAINED, "ALARM", "OK"),
    "X----": ("ALARM", RETAINED, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0-X-X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "00X0X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0-X--": ("OK", "OK", "ALARM", "OK"),
    "----0": ("OK", "OK", "ALARM", "OK"),
    "---X-": ("ALARM", RETAINED, "ALARM", "OK"),
    "----X": ("INSUFFICIENT_DATA", RETAINED, "ALARM", "OK"),
}
ROWS = [
    (to_alarm, points, treatment, state)
    for to_alarm, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for points, states in table.items()
    for treatment, state in zip(TREATMENTS, states, strict=True)
]


@pytest.mark.parametrize(("to_alarm", "points", "treatment", "state"), ROWS)
def test_awss_own_tables(to_alarm: int, points: str, treatment: Treatment, state: State | None) -> None:
    said: list[Point] = [{"0": False, "X": True}.get(point) for point in points]
    for before in STATES:
        found = verdict(said, periods=3, to_alarm=to_alarm, treatment=treatment, state=before)
        assert found == (before if state is None else state)


@st.composite
def evaluations(draw: st.DrawFn) -> tuple[list[Point], int, int]:
    periods = draw(st.integers(1, 6))
    size = periods + MORE_PERIODS
    points = draw(st.lists(st.sampled_from((None, False, True)), min_size=size, max_size=size))
    return points, periods, draw(st.integers(1, periods))


def states(points: Sequence[Point], periods: int, to_alarm: int, before: State) -> Mapping[Treatment, State]:
    return {
        treatment: verdict(points, periods=periods, to_alarm=to_alarm, treatment=treatment, state=before)
        for treatment in TREATMENTS
    }


@given(evaluation=evaluations(), before=st.sampled_from(STATES))
def test_a_treatment_matters_only_where_data_are_missing(
    evaluation: tuple[list[Point], int, int], before: State
) -> None:
    points, periods, to_alarm = evaluation
    found = states(points, periods, to_alarm, before)
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        assert set(found.values()) == {"ALARM" if sum(real[-periods:]) >= to_alarm else "OK"}
    if found["notBreaching"] == "ALARM":
        assert set(found.values()) == {"ALARM"}
    if found["breaching"] == "OK":
        assert "ALARM" not in {found["notBreaching"], found["missing"]}
        assert found["ignore"] in {"OK", before}


@given(evaluation=evaluations(), treatment=st.sampled_from(TREATMENTS), data=st.data())
def test_one_more_breach_never_ends_an_alarm(
    evaluation: tuple[list[Point], int, int], treatment: Treatment, data: st.DataObject
) -> None:
    points, periods, to_alarm = evaluation
    within = [number for number, point in enumerate(points) if point is False]
    worse = {data.draw(st.sampled_from(within))} if within else set()
    more: list[Point] = [True if number in worse else point for number, point in enumerate(points)]
    if states(points, periods, to_alarm, "ALARM")[treatment] == "ALARM":
        assert states(more, periods, to_alarm, "ALARM")[treatment] == "ALARM"


MINUTES = st.dictionaries(st.integers(0, 60), st.integers(0, 5), max_size=20)
ALARMS = st.builds(
    lambda **changes: Alarm.of(ALARM | changes),
    Statistic=st.sampled_from(STATISTICS),
    Period=st.sampled_from((60, 300, 900)),
    EvaluationPeriods=st.just(3),
    DatapointsToAlarm=st.integers(1, 3),
    TreatMissingData=st.sampled_from(TREATMENTS),
    Threshold=st.integers(0, 5),
    ComparisonOperator=st.sampled_from(("GreaterThanThreshold", "LessThanThreshold")),
)


def metrics_of(minutes: Mapping[int, float], later_s: float = 0) -> Metrics:
    metrics = Metrics()
    for minute, value in minutes.items():
        metrics.put(TOTAL, Values.of(value), at=NOON + minute * MINUTE_S + later_s)
    return metrics


@given(minutes=MINUTES, alarm=ALARMS, later=st.integers(-100, 100))
def test_an_alarm_has_no_preferred_minute(minutes: dict[int, float], alarm: Alarm, later: int) -> None:
    later_s = later * MINUTE_S
    here = alarm.changes(metrics_of(minutes), since=NOON, until=NOON + 3600)
    there = alarm.changes(metrics_of(minutes, later_s), since=NOON + later_s, until=NOON + 3600 + later_s)
    assert [(at + later_s, state) for at, state in here] == there


@given(values=st.lists(st.tuples(st.integers(0, 9), st.integers(-9, 9)), min_size=1))
def test_a_statistic_is_one_of_all_values_of_the_period(values: list[tuple[int, int]]) -> None:
    metrics = Metrics()
    for minute, value in values:
        metrics.put(TOTAL, Values.of(value), at=NOON + minute * MINUTE_S + 59.9)
    in_time = [value for minute, value in values if 2 <= minute < 7]
    found = {
        name: metrics.statistic(TOTAL, name, since=NOON + 120, until=NOON + 420)
        for name in ("Sum", "Minimum", "Maximum", "SampleCount", "Average")
    }
    if not in_time:
        assert set(found.values()) == {None}
        return
    wanted = [sum(in_time), min(in_time), max(in_time), len(in_time), sum(in_time) / len(in_time)]
    assert list(found.values()) == pytest.approx(wanted)


def test_the_window_slides_by_the_minute_and_a_breach_stays_for_the_evaluation_range() -> None:
    alarm = Alarm.of(ALARM)
    changes = alarm.changes(metrics_of({7: 1}), since=NOON, until=NOON + 3600)
    # Seen when its minute is over; for three periods there is one point, which is the most recent that exists.
    assert [(at - NOON, state) for at, state in changes] == [
        (0, "INSUFFICIENT_DATA"),
        (0, "OK"),
        (8 * MINUTE_S, "ALARM"),
        (23 * MINUTE_S, "OK"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"Metrics": [{"Id": "m1"}]},
        {"ExtendedStatistic": "p99", "Statistic": None},
        {"Unit": "Count"},
        {"Period": 30},
        {"ComparisonOperator": "GreaterThanUpperThreshold"},
        {"TreatMissingData": "notbreaching"},
        {"Statistic": "Median"},
    ],
)
def test_an_alarm_that_is_not_judged_here_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(LocalStackError, match=r"The alarm acme-Failing has what is not judged here"):
        Alarm.of(ALARM | changes)


def written(**changes: Any) -> dict[str, Any]:
    made = EmbeddedMetrics(namespace="sfmint", stack="acme", service="token_broker", by_connection=())
    line: dict[str, Any] = json.loads(made.line({"Failed": 1}, {"connection": "orders"}, at=NOON))
    return line | changes


BROKEN = [
    ("no JSON", json.dumps(written())[:-5]),
    ("_aws is no object", json.dumps(written(_aws=7))),
    ("no instant", json.dumps(written() | {"_aws": written()["_aws"] | {"Timestamp": NOON}})),
    ("no instant", json.dumps(written() | {"_aws": {}})),
    ("has no value", json.dumps(written(Failed="1"))),
    ("has no value", json.dumps(written(Failed=True))),
    ("has no value", json.dumps(written(Failed=float("nan")))),
    ("stack is no text", json.dumps(written(stack=None))),
    ("stack is empty or long", json.dumps(written(stack=""))),
    ("is not of type 'array'", json.dumps(written() | {"_aws": written()["_aws"] | {"CloudWatchMetrics": {"a": 1}}})),
]


@pytest.mark.parametrize(("fault", "text"), BROKEN)
def test_a_broken_line_is_refused_in_one_line(fault: str, text: str) -> None:
    with pytest.raises(BrokenMetricLineError) as caught:
        Metrics().take(["START", text])
    assert fault in str(caught.value)
    assert str(caught.value).startswith("A line holds metrics that CloudWatch would not take: ")
    assert "\n" not in str(caught.value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DIRECTIVES = st.fixed_dictionaries(
    {},
    optional={
        "Namespace": JSON_VALUES,
        "Dimensions": JSON_VALUES | st.just([["stack"]]),
        "Metrics": JSON_VALUES | st.just([{"Name": "Failed"}]),
    },
)
METADATA = JSON_VALUES | st.fixed_dictionaries(
    {}, optional={"Timestamp": JSON_VALUES | st.just(NOON * 1000), "CloudWatchMetrics": st.lists(DIRECTIVES)}
)


@given(metadata=METADATA, failed=JSON_VALUES, stack=JSON_VALUES)
def test_a_line_is_kept_or_refused_whatever_it_holds(metadata: Any, failed: Any, stack: Any) -> None:
    text = json.dumps({"_aws": metadata, "Failed": failed, "stack": stack})
    refused: str | None = None
    try:
        line = read(text)
    except BrokenMetricLineError as error:
        line, refused = None, str(error)
    if line is None:
        assert refused is not None
        assert "\n" not in refused
        assert len(refused) < 500
        return
    metrics = Metrics()
    metrics.take_line(line)
    assert metrics.names()


@given(text=st.text() | JSON_VALUES.map(json.dumps))
def test_other_lines_of_a_log_hold_no_metrics(text: str) -> None:
    if "_aws" not in text:
        assert read(text) is None
