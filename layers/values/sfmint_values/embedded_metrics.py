"""Metrics as CloudWatch takes them out of a log line.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
"""

import json
import sys
from collections.abc import Collection, Mapping
from typing import Any, Literal

NAMESPACE = "sfmint"  # where the template names no other
OF_STACK = ("stack",)  # where one number is told by several functions
TOTAL = ("stack", "service")  # dimensions of every metric: alarms stand on these totals
BY_CONNECTION = (*TOTAL, "connection")
MOST_BY_CONNECTION = 12  # metrics of all functions: each costs its price for each connection
NO_CONNECTION = "-"
UNIT: Literal["Count"] = "Count"


class EmbeddedMetrics:
    """Makes and writes the lines of one function.

    Args:
        namespace: of all metrics.
        stack: the stack's name, so that two stacks are never added up.
        service: the function.
        by_connection: names of the metrics that are counted for each connection too.
        of_stack: names of the metrics of which all functions tell one number.
    """

    def __init__(
        self,
        *,
        namespace: str,
        stack: str,
        service: str,
        by_connection: Collection[str],
        of_stack: Collection[str] = (),
    ) -> None:
        self._namespace = namespace
        self._totals = {"stack": stack, "service": service}
        self._by_connection = by_connection
        self._of_stack = of_stack
        self._directives: dict[tuple[bool, tuple[str, ...]], list[dict[str, Any]]] = {}  # as many as kinds of records

    def line(self, counts: Mapping[str, int], said: Mapping[str, str | int], *, at: float) -> str:
        """Return one line.

        Args:
            counts: by name of the metric: how many, or how much.
            said: `connection`, and what else may be searched for in the log; no name of a metric or dimension.
            at: epoch seconds.

        Raises:
            TypeError: something is no text or number.
        """
        metadata = {"Timestamp": int(at * 1000), "CloudWatchMetrics": self._directives_of(counts, said)}
        return json.dumps({"_aws": metadata, **said, **self._totals, **counts}, separators=(",", ":"))

    def write(self, counts: Mapping[str, int], said: Mapping[str, str | int], *, at: float) -> None:
        """Write what `line` returns to standard output: Lambda's way to CloudWatch."""
        sys.stdout.write(f"{self.line(counts, said, at=at)}\n")  # in one piece: `print` writes the end by itself

    def _directives_of(self, counts: Mapping[str, int], said: Mapping[str, str | int]) -> list[dict[str, Any]]:
        """Return what tells CloudWatch which members are metrics, and of which dimensions."""
        key = (said["connection"] != NO_CONNECTION, tuple(counts))
        if key not in self._directives:
            has_connection, names = key
            both = [name for name in names if has_connection and name in self._by_connection]
            one = [name for name in names if name in self._of_stack]
            totals = [name for name in names if name not in both and name not in one]
            parts = ((both, (TOTAL, BY_CONNECTION)), (totals, (TOTAL,)), (one, (OF_STACK,)))
            self._directives[key] = [self._directive(some, sets) for some, sets in parts if some]
        return self._directives[key]

    def _directive(self, names: Collection[str], sets: Collection[tuple[str, ...]]) -> dict[str, Any]:
        metrics = [{"Name": name, "Unit": UNIT} for name in names]
        return {"Namespace": self._namespace, "Dimensions": [list(each) for each in sets], "Metrics": metrics}
