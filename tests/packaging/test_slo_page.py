"""docs/slo.md against the template's alarms, the metrics, and its own arithmetic."""

import math
import re
from typing import Any

import pytest

import metrics_page
from read_template import ReadTemplate
from sfmint.lifetime import MARGIN, SOFT_SPREAD
from sfmint_local import places
from sfmint_values.invoke_limits import DEFAULT_MIN_TTL_S

PAGE = (places.ROOT / "docs/slo.md").read_text()
MONTH_H = 30 * 24
TOPIC = "arn:aws:sns:eu-central-1:000000000000:alarms"


@pytest.fixture(scope="module")
def alarms() -> dict[str, Any]:
    made = ReadTemplate.chosen(
        places.ROOT / "template.yaml", Connections="orders", AlarmTopicArn=TOPIC, ProbeConnection="orders"
    )
    return {name: alarm["Properties"] for name, alarm in made.of_type("AWS::CloudWatch::Alarm").items()}


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table whose head begins with a word."""
    [table] = re.findall(rf"^\| {title} \|.*\n\|[ |:-]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def number(text: str) -> float:
    [found] = re.findall(r"[0-9]+(?:\.[0-9]+)?", text)[:1]
    return float(found)


def test_each_objective_stands_on_a_metric_that_is_counted_and_on_alarms_that_there_are(alarms: dict[str, Any]) -> None:
    counted = {(metric.name, service) for metric in metrics_page.metrics() for service in metric.services}
    for _, _, measured, rings in rows("objective"):
        metric, service = re.findall(r"`(\w+)`", measured)
        assert (metric, service) in counted
        assert set(re.findall(r"`(\w+)`", rings)) <= set(alarms)


@pytest.mark.parametrize("name", ["ObjectiveBurnsFast", "ObjectiveBurnsSlowly"])
def test_a_burn_rate_is_that_of_the_objective(alarms: dict[str, Any], name: str) -> None:
    target = number(rows("objective")[0][1]) / 100
    [[_, window, threshold, times, used]] = [row for row in rows("alarm") if name in row[0]]
    alarm = alarms[name]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("Unserved", "Average")
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["Period"] * alarm["EvaluationPeriods"] == number(window) * 3600
    assert float(alarm["Threshold"]) == number(threshold)
    assert math.isclose(number(threshold), number(times) * (1 - target))
    assert math.isclose(number(used) / 100, number(times) * number(window) / MONTH_H)


def test_the_other_thresholds_are_those_of_the_alarms(alarms: dict[str, Any]) -> None:
    bounds = {re.findall(r"`(\w+)`", row[2])[0]: float(row[2].rpartition(" ")[2]) for row in rows("objective")}
    assert bounds["TokenAgePercent"] == float(alarms["TokenOld"]["Threshold"])
    assert bounds["Unserved"] == pytest.approx(1 - number(rows("objective")[0][1]) / 100)


def test_the_products_of_the_commitments_are_right() -> None:
    commitments = {service: number(commitment) / 100 for service, commitment, _ in rows("service")}
    for _, needs, least in rows("way of a call"):
        product = math.prod(commitments[service] for service in needs.split(", "))
        assert f"{math.floor(product * 1e5 + 0.5) / 1e3:.3f} %" == least.partition(",")[0]


def test_a_token_carries_its_callers_over_as_long_a_failure_as_the_page_says() -> None:
    [(lifetime, carries, asked)] = re.findall(
        r"default lifetime of ([0-9]+) s that is ([0-9]+) s after the latest soft expiry, ([0-9]+) s\nfor", PAGE
    )
    left = float(lifetime) * (1 - MARGIN - max(SOFT_SPREAD))
    assert float(carries) == pytest.approx(left)
    assert float(asked) == pytest.approx(left - DEFAULT_MIN_TTL_S)
