"""docs/alarms.md and docs/metrics.md agree with the alarms of the template, and every alarm can ring."""

import pytest

import alarms_page
import metrics_page
from template_alarms import Alarm, Stand, alarms

COUNTED = {
    (metric.name, service)
    for metric in metrics_page.metrics()
    for service in (["all functions"] if metric.of_stack else metric.services)
}
OF_LAMBDA = {"Throttles", "Errors"}
each_alarm = pytest.mark.parametrize("alarm", alarms(), ids=lambda alarm: alarm.name)


def stands(alarm: Alarm) -> list[Stand]:
    return [stand for stand in (alarm.stand, alarm.off) if stand is not None]


def test_the_page_is_what_the_template_says() -> None:
    assert alarms_page.page() == alarms_page.PAGE.read_text(), "run: make docs"


def test_whose_fault_is_said_of_each_alarm_and_of_no_other() -> None:
    assert list(alarms_page.FAULTS) == [alarm.name for alarm in alarms()]


@each_alarm
def test_an_alarm_stands_on_what_is_counted(alarm: Alarm) -> None:
    for stand in stands(alarm):
        assert stand.metric in OF_LAMBDA or (stand.metric, stand.service) in COUNTED


@each_alarm
def test_the_page_on_metrics_tells_the_threshold(alarm: Alarm) -> None:
    told = {metric.name: metric.alarm for metric in metrics_page.metrics()}
    for stand in stands(alarm):
        if stand.metric in told:
            assert f"[{alarm.name}](alarms.md)" in told[stand.metric]
            assert stand.rings in told[stand.metric]


@each_alarm
def test_an_alarm_says_what_is_wrong_in_one_sentence_and_where_it_helps(alarm: Alarm) -> None:
    assert alarm.sentence.endswith(".")
    assert ". " not in alarm.sentence
    assert f"`{alarm.name}`" in (alarms_page.ROOT / alarm.page).read_text().replace("`STACK-", "`")
