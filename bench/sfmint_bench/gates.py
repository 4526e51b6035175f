"""The gates: what each figure must be. A ratio of two contenders is measured in one run, so that it holds anywhere."""

from dataclasses import dataclass
from typing import Literal

_SIGNS = {"<=": "≤", ">=": "≥", "==": "="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What one figure must be.

    Attributes:
        name: of the figure.
        unit: of its value.
        comparison: how the value must stand to the limit.
        limit: in the same unit.
    """

    name: str
    unit: str
    comparison: Literal["<=", ">=", "=="]
    limit: float

    def admits(self, value: float) -> bool:
        """Returns whether a value passes."""
        match self.comparison:
            case "<=":
                return value <= self.limit
            case ">=":
                return value >= self.limit
            case "==":
                return value == self.limit

    def __str__(self) -> str:
        return f"{_SIGNS[self.comparison]} {self.limit:g}"


MEMORY_HIT = Gate(name="memory hit, p50", unit="µs CPU", comparison="<=", limit=100)
TRUST_RENEWAL = Gate(name="trust renewal / row hit", unit="x CPU", comparison="<=", limit=0.6)
MEMORY_AGAINST_NAIVE = Gate(name="naive / memory hit", unit="x CPU", comparison=">=", limit=500)
ROW_AGAINST_NAIVE = Gate(name="naive / row hit", unit="x CPU", comparison=">=", limit=15)

MEMORY_CALLS = Gate(name="memory hit", unit="AWS calls", comparison="==", limit=0)
TRUST_CALLS = Gate(name="trust renewal", unit="AWS calls", comparison="==", limit=1)
ROW_CALLS = Gate(name="row hit", unit="AWS calls", comparison="<=", limit=2)

COLD_CALLERS = Gate(name="100 cold callers at once", unit="logins", comparison="==", limit=1)
WINNER_KILLED = Gate(name="100 cold callers, the winner killed mid-mint", unit="logins", comparison="==", limit=2)
ALL_ANSWERED = Gate(name="callers of both without a token at their deadline", unit="callers", comparison="==", limit=0)
SIMULATED_DAY = Gate(name="simulated day: the most of any refresh interval", unit="logins", comparison="<=", limit=1)

GATES = (
    MEMORY_HIT,
    TRUST_RENEWAL,
    MEMORY_AGAINST_NAIVE,
    ROW_AGAINST_NAIVE,
    MEMORY_CALLS,
    TRUST_CALLS,
    ROW_CALLS,
    COLD_CALLERS,
    WINNER_KILLED,
    ALL_ANSWERED,
    SIMULATED_DAY,
)
