"""The alarms of template.yaml, in words: for the pages that speak of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from expanding.expand import read

_KIND = "AWS::CloudWatch::Alarm"
_OPERATORS = {
    "GreaterThanOrEqualToThreshold": "at least",
    "GreaterThanThreshold": "over",
    "LessThanThreshold": "under",
}
_FUNCTIONS = {
    "TokenBroker": "token_broker",
    "TokenKeeper": "token_keeper",
    "SalesforceRequest": "salesforce_request",
    "KeyRotation": "key_rotation",
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
        service: the function that counts it.
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
    resources = {name: body for name, body in read()["Resources"].items() if isinstance(body, dict)}  # no loop
    return tuple(_alarm(name, body) for name, body in resources.items() if body["Type"] == _KIND)


def _alarm(name: str, body: Mapping[str, Any]) -> Alarm:
    said = body["Properties"]
    sentence, _, page = said["AlarmDescription"].partition(" See ")
    needs_refreshes = body["Condition"] == "HasAlarmsOfRefreshes"
    return Alarm(
        name=name,
        sentence=sentence,
        page=page,
        stand=_stand(said, refreshes=True),
        off=None if needs_refreshes else _stand(said, refreshes=False),
        missing=_MISSING[said["TreatMissingData"]],
    )


def _stand(said: Mapping[str, Any], *, refreshes: bool) -> Stand:
    chosen = {key: _chosen(value, refreshes=refreshes) for key, value in said.items()}
    dimension = _chosen(chosen["Dimensions"][-1]["Value"], refreshes=refreshes)
    service = _FUNCTIONS[dimension["Ref"]] if isinstance(dimension, dict) else str(dimension)
    value = f"{chosen['Statistic'].lower()} {_OPERATORS[chosen['ComparisonOperator']]} {chosen['Threshold']}"
    return Stand(metric=chosen["MetricName"], service=service, rings=f"{value} {_periods(chosen)}")


def _chosen(value: Any, *, refreshes: bool) -> Any:
    match value:
        case {"Fn::If": ["Refreshes", then, otherwise]}:
            return then if refreshes else otherwise
        case _:
            return value


def _periods(chosen: Mapping[str, Any]) -> str:
    seconds, needed, looked_at = (chosen[key] for key in ("Period", "DatapointsToAlarm", "EvaluationPeriods"))
    span = f"{seconds // 60} minutes" if seconds < 3600 else "1 hour" if seconds == 3600 else f"{seconds // 3600} hours"
    return f"in {span}" if looked_at == 1 else f"in {needed} of {looked_at} periods of {span}"
