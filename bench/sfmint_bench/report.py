"""What was measured: one result a gate, as a table for people and as JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, Self

from sfmint_bench.gates import Gate

_HEAD = ("figure", "value", "unit", "gate", "", "seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A figure that was measured.

    Attributes:
        gate: what it must be.
        value: in the gate's unit.
        seen: what the value was made from, for people.
    """

    gate: Gate
    value: float
    seen: str = ""

    @property
    def passes(self) -> bool:
        """Whether it is as it must be."""
        return self.gate.admits(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run.

    Attributes:
        results: in the order of the gates.
        unmeasured: gates whose figure was not measured: missed, too.
    """

    results: Sequence[Result]
    unmeasured: Sequence[Gate]

    @classmethod
    def judge(cls, results: Iterable[Result], gates: Sequence[Gate]) -> Self:
        """Return the report of a run that was to measure these gates."""
        measured = {result.gate: result for result in results}
        return cls(
            results=[measured[gate] for gate in gates if gate in measured],
            unmeasured=[gate for gate in gates if gate not in measured],
        )

    @property
    def passes(self) -> bool:
        """Whether every gate was measured and passed."""
        return not self.unmeasured and all(result.passes for result in self.results)

    def to_json(self) -> str:
        """Return one result a gate as a JSON document; the value of what was not measured is null."""
        fields = [_fields(result.gate, float(f"{result.value:.4g}"), passes=result.passes) for result in self.results]
        fields += [_fields(gate, None, passes=False) for gate in self.unmeasured]
        return json.dumps({"results": fields}, indent=2, ensure_ascii=False)

    def table(self) -> str:
        """Return the results as aligned lines, and a last one with the verdict."""
        rows = [_HEAD, *map(_cells, self.results)]
        rows += [(gate.name, "-", gate.unit, str(gate), "NOT MEASURED", "") for gate in self.unmeasured]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, "", self._verdict()])

    def _verdict(self) -> str:
        missed = [result.gate.name for result in self.results if not result.passes]
        missed += [gate.name for gate in self.unmeasured]
        return f"missed: {'; '.join(missed)}" if missed else "every gate is passed"


def in_digits(value: float) -> str:
    """Return a number as people write it: three digits that count, and all of them before the point."""
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.{max(0, 2 - floor(log10(abs(value))))}f}"


def _fields(gate: Gate, value: float | None, *, passes: bool) -> dict[str, Any]:
    return {"name": gate.name, "value": value, "unit": gate.unit, "gate": str(gate), "pass": passes}


def _cells(result: Result) -> tuple[str, ...]:
    mark = "pass" if result.passes else "MISSED"
    return (result.gate.name, in_digits(result.value), result.gate.unit, str(result.gate), mark, result.seen)
