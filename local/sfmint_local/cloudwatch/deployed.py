"""What CloudWatch has of a stack on the embedded AWS: alarms, a dashboard, lines of logs, and what Lambda counts itself."""

from datetime import UTC, datetime

from sfmint_local.cloudwatch.alarms import Alarm
from sfmint_local.cloudwatch.metrics import MINUTE_S, Metrics, Values
from sfmint_local.embedded_aws import EmbeddedAws

_COUNTED = ("Errors", "Throttles")


def alarms(aws: EmbeddedAws, stack: str) -> dict[str, Alarm]:
    """Return the alarms of a stack, by their names without the stack's."""
    pages = aws.metrics.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{stack}-")
    return {
        said["AlarmName"].removeprefix(f"{stack}-"): Alarm.of(said) for page in pages for said in page["MetricAlarms"]
    }


def metrics(aws: EmbeddedAws, *, functions: tuple[str, ...], since: float, until: float) -> Metrics:
    """Return what was measured: whatever the logs hold, and what Lambda has counted of some functions.

    Args:
        aws: where the stack is.
        functions: their names.
        since: epoch seconds.
        until: likewise.

    Raises:
        BrokenMetricLineError: a line of a log was meant as one of metrics, and is none that CloudWatch takes.
    """
    found = Metrics()
    found.take(line for _, line in aws.log_lines())
    for function in functions:
        for name in _COUNTED:
            _take_counted(found, aws, (function, name), (since, until))
    return found


def _take_counted(found: Metrics, aws: EmbeddedAws, what: tuple[str, str], span: tuple[float, float]) -> None:
    function, name = what
    since, until = (datetime.fromtimestamp(each // MINUTE_S * MINUTE_S, UTC) for each in span)
    points = aws.metrics.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=since,
        EndTime=until,
        Period=MINUTE_S,
        Statistics=["SampleCount", "Sum", "Minimum", "Maximum"],
    )["Datapoints"]
    for point in points:
        values = Values(point["SampleCount"], point["Sum"], point["Minimum"], point["Maximum"])
        found.put(("AWS/Lambda", name, (("FunctionName", function),)), values, at=point["Timestamp"].timestamp())
