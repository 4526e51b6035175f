"""What AWS asks of a line with embedded metrics, and what CloudWatch makes of it.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format" (its JSON schema), and "Dimension" of the
CloudWatch API Reference.
"""

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from sfmint_local.errors import LocalStackError

_UNITS = ("Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Percent", "Count", "None")
_NAME = {"type": "string", "pattern": r"^[\x20-\x7e]+$"}
_DIMENSION_SET = {
    "type": "array",
    "minItems": 1,
    "maxItems": 30,
    "uniqueItems": True,
    "items": {**_NAME, "maxLength": 250},
}
_METRIC = {
    "type": "object",
    "required": ["Name"],
    "additionalProperties": False,
    "properties": {
        "Name": {**_NAME, "maxLength": 255},
        "Unit": {"enum": _UNITS},
        "StorageResolution": {"enum": [1, 60]},
    },
}
_DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "additionalProperties": False,
    "properties": {
        "Namespace": {**_NAME, "maxLength": 255},
        "Dimensions": {"type": "array", "minItems": 1, "items": _DIMENSION_SET},
        "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": _METRIC},
    },
}
_SCHEMA = Draft202012Validator({"type": "array", "minItems": 1, "items": _DIRECTIVE})
_LONGEST_VALUE = 1024  # characters of a dimension's
_FIRST_INSTANT = 10**12  # milliseconds: what is less was meant as seconds
_SHOWN = 200  # characters of a fault: a line may hold anything

type Series = tuple[str, str, tuple[tuple[str, str], ...]]  # namespace, metric, dimensions and their values


class BrokenMetricLineError(LocalStackError):
    """A line that CloudWatch would take for a log line only, or refuse."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"A line holds metrics that CloudWatch would not take: {fault[:_SHOWN]}.",
            remedy="Mend what wrote it: sfmint_values.embedded_metrics makes the lines of the functions.",
        )


def read(text: str) -> dict[str, Any] | None:
    """Return a line with metrics, or None where it is another line of the log.

    Raises:
        BrokenMetricLineError: it was meant as one.
    """
    try:
        line = json.loads(text)
    except ValueError:
        if '"_aws"' in text:
            raise BrokenMetricLineError("it is no JSON") from None
        return None
    if not isinstance(line, dict) or "_aws" not in line:
        return None
    for fault in faults(line):
        raise BrokenMetricLineError(fault)
    return line


def faults(line: dict[str, Any]) -> list[str]:
    """Return what CloudWatch would not take."""
    metadata = line.get("_aws")
    if not isinstance(metadata, dict):
        return ["_aws is no object"]
    wrong = _of_directives(json.dumps(metadata.get("CloudWatchMetrics")))
    if type(at := metadata.get("Timestamp")) is not int or at < _FIRST_INSTANT:
        return ["its Timestamp is no instant in milliseconds", *wrong]
    if wrong:
        return list(wrong)
    directives = metadata["CloudWatchMetrics"]
    metrics = {metric["Name"]: None for each in directives for metric in each["Metrics"]}
    dimensions = {name: line.get(name) for each in directives for names in each["Dimensions"] for name in names}
    return [
        *(f"the metric {name} has no value" for name in metrics if not _is_value(line.get(name))),
        *(f"the dimension {name} is no text" for name, value in dimensions.items() if not isinstance(value, str)),
        *(
            f"the dimension {name} is empty or long"
            for name, value in dimensions.items()
            if not 1 <= len(str(value)) <= _LONGEST_VALUE
        ),
    ]


def series(line: dict[str, Any]) -> Iterator[tuple[Series, float]]:
    """Yield what CloudWatch keeps of a line: which metric gets which value."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple((name, line[name]) for name in names)
                yield (directive["Namespace"], metric["Name"], dimensions), line[metric["Name"]]


@cache  # a function writes few kinds of lines, and each many times
def _of_directives(text: str) -> tuple[str, ...]:
    return tuple(error.message for error in _SCHEMA.iter_errors(json.loads(text)))


def _is_value(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(float(str(value)))
