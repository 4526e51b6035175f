"""What holds for every alarm of the template."""

from typing import Any

import pytest

from read_template import ReadTemplate
from sfmint_bench.growth.dollars import ALARMS
from sfmint_local import places

TOPIC = "arn:aws:sns:eu-central-1:000000000000:alarms"
FILLED = {"Connections": "my-org", "AlarmTopicArn": TOPIC, "ProbeConnection": "my-org"}
MOST_S = {True: 86_400, False: 7 * 86_400}  # of all periods, by whether one is shorter than an hour


def made(**values: str) -> dict[str, dict[str, Any]]:
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", **values)
    return {name: each["Properties"] for name, each in template.of_type("AWS::CloudWatch::Alarm").items()}


EVERY = made(**FILLED)


def test_without_a_topic_there_is_no_alarm() -> None:
    assert made(Connections="my-org", ProbeConnection="my-org") == {}


def test_all_options_make_as_many_as_are_paid_for() -> None:
    assert len(EVERY) == ALARMS


def test_what_needs_the_schedule_or_the_prober_goes_with_it() -> None:
    without_schedule, without_prober = made(**FILLED, RefreshRate="off"), made(**FILLED | {"ProbeConnection": ""})
    assert EVERY.keys() - without_schedule.keys() == {"KeeperSilent", "TokenOld"}
    assert EVERY.keys() - without_prober.keys() == {"ProbeFailed", "ProbeNotRefused"}


@pytest.mark.parametrize("name", EVERY)
def test_an_alarm_tells_its_beginning_and_its_end_and_says_how_it_takes_silence(name: str) -> None:
    alarm = EVERY[name]
    assert alarm["AlarmName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopicArn"}]
    assert alarm["TreatMissingData"] in {"breaching", "notBreaching", "ignore"}
    assert {"Metrics", "InsufficientDataActions"}.isdisjoint(alarm)  # one metric, and silence wakes nobody by itself


def test_an_alarm_that_takes_silence_for_a_fault_is_made_after_the_schedule_that_ends_the_silence() -> None:
    """A rate begins when its schedule is made: EventBridge Scheduler User Guide, "Rate-based schedules"."""
    resources = ReadTemplate.chosen(places.ROOT / "template.yaml", **FILLED).resources
    silent = {name: resources[name] for name in EVERY if EVERY[name]["TreatMissingData"] == "breaching"}
    assert silent.keys() == {"KeeperSilent", "ProbeFailed"}
    schedules = [resources[each["DependsOn"]] for each in silent.values()]
    assert {each["Type"] for each in schedules} == {"AWS::Scheduler::Schedule"}
    # By its reference the alias is there before the schedule, with the version that knows the action.
    targets = [each["Properties"]["Target"]["Arn"] for each in schedules]
    assert targets == [{"Ref": "TokenKeeper.Alias"}, {"Ref": "Prober.Alias"}]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("rate", ["rate(5 minutes)", "off"])
def test_cloudwatch_takes_the_periods_of_an_alarm(name: str, rate: str) -> None:
    """Source: Amazon CloudWatch API Reference, "PutMetricAlarm"."""
    alarm = made(**FILLED, RefreshRate=rate).get(name, EVERY[name])
    period, count = alarm["Period"], alarm["EvaluationPeriods"]
    assert period % 60 == 0
    assert period * count <= MOST_S[period < 3600]
    assert 1 <= alarm["DatapointsToAlarm"] <= count
