"""The alarms of template.yaml, in words: for the pages that speak of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from expanding.variants import FILLED
from expanding.watched import STACK, watched

_ALL = {name: FILLED[name] for name in ("AlarmTopicArn", "ProbeConnection")}  # parameters that make every alarm
_OPERATORS = {
    "GreaterThanOrEqualToThreshold": "at least",
    "GreaterThanThreshold": "over",
    "LessThanThreshold": "under",
}
_MISSING = {
    "breaching": "rings",
    "notBreaching": "is well",
    "ignore": "changes nothing",
}
OFF = "with `RefreshRate=off`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What an alarm stands on.

    Attributes:
        metric: its name.
        service: the function that counts it, or "all functions".
        rings: when, in words.
    """

    metric: str
    service: str
    rings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm.

    Attributes:
        name: its logical id.
        sentence: what is wrong.
        page: the path of its runbook, from the root of the repository.
        stand: what it stands on.
        off: likewise with RefreshRate=off; None: there is no such alarm.
        missing: what a period without a value means, in words.
    """

    name: str
    sentence: str
    page: str
    stand: Stand
    off: Stand | None
    missing: str


@cache
def alarms() -> tuple[Alarm, ...]:
    """Return all alarms, in the template's order."""
    made, off = watched(**_ALL).alarms, watched(**_ALL, RefreshRate="off").alarms
    return tuple(_alarm(name, said, off.get(name)) for name, said in made.items())


def _alarm(name: str, said: Mapping[str, Any], off: Mapping[str, Any] | None) -> Alarm:
    sentence, _, page = said["AlarmDescription"].partition(" See ")
    return Alarm(
        name=name,
        sentence=sentence,
        page=page,
        stand=_stand(said),
        off=None if off is None else _stand(off),
        missing=_MISSING[said["TreatMissingData"]],
    )


def _stand(said: Mapping[str, Any]) -> Stand:
    dimensions = {each["Name"]: each["Value"] for each in said["Dimensions"]}
    function = dimensions.get("FunctionName", "").removeprefix(f"{STACK}-").replace("-", "_")
    value = f"{said['Statistic'].lower()} {_OPERATORS[said['ComparisonOperator']]} {said['Threshold']}"
    return Stand(
        metric=said["MetricName"],
        service=dimensions.get("service") or function or "all functions",
        rings=f"{value} {_periods(said)}",
    )


def _periods(said: Mapping[str, Any]) -> str:
    seconds, needed, looked_at = (said[key] for key in ("Period", "DatapointsToAlarm", "EvaluationPeriods"))
    span = f"{seconds // 60} minutes" if seconds < 3600 else "1 hour" if seconds == 3600 else f"{seconds // 3600} hours"
    return f"in {span}" if looked_at == 1 else f"in {needed} of {looked_at} periods of {span}"
