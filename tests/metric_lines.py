"""What AWS asks of a line with embedded metrics, and what CloudWatch makes of it.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format" (its JSON schema), and "Dimension" of the
CloudWatch API Reference.
"""

from collections.abc import Iterator
from io import StringIO
from typing import Any

from jsonschema import Draft202012Validator

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
_METADATA = {
    "type": "object",
    "required": ["Timestamp", "CloudWatchMetrics"],
    "properties": {
        "Timestamp": {"type": "integer", "minimum": 10**12},
        "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": _DIRECTIVE},
    },
}
_SCHEMA = Draft202012Validator({"type": "object", "required": ["_aws"], "properties": {"_aws": _METADATA}})

type Series = tuple[str, str, tuple[tuple[str, str], ...]]  # namespace, metric, dimensions and their values


class Pieces(StringIO):
    """An output that keeps in which pieces it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


def faults(line: dict[str, Any]) -> list[str]:
    """Return what CloudWatch would not take."""
    wrong = [error.message for error in _SCHEMA.iter_errors(line)]
    if wrong:
        return wrong
    directives = line["_aws"]["CloudWatchMetrics"]
    metrics = {metric["Name"] for each in directives for metric in each["Metrics"]}
    dimensions = {name for each in directives for names in each["Dimensions"] for name in names}
    values = {name: line.get(name) for name in dimensions}
    return [
        *(f"the metric {name} has no value" for name in metrics if type(line.get(name)) not in {int, float}),
        *(f"the dimension {name} is no text" for name, value in values.items() if not isinstance(value, str)),
        *(
            f"the dimension {name} is empty or long"
            for name, value in values.items()
            if not 1 <= len(str(value)) <= 1024
        ),
    ]


def series(line: dict[str, Any]) -> Iterator[tuple[Series, float]]:
    """Yield what CloudWatch keeps of a line: which metric gets which value."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple((name, line[name]) for name in names)
                yield (directive["Namespace"], metric["Name"], dimensions), line[metric["Name"]]
