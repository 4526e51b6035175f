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
        """Return whether a value passes."""
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
MINT_AGAINST_NAIVE = Gate(name="naive / mint", unit="x CPU", comparison=">=", limit=10)
MINT_AGAINST_SIMPLE_SALESFORCE = Gate(name="simple-salesforce / mint", unit="x CPU", comparison=">=", limit=10)
MEMORY_AGAINST_LOGIN = Gate(
    name="simple-salesforce, endpoint of 250 ms / memory hit", unit="x wall time", comparison=">=", limit=3000
)

MEMORY_CALLS = Gate(name="memory hit", unit="AWS calls", comparison="==", limit=0)
TRUST_CALLS = Gate(name="trust renewal", unit="AWS calls", comparison="==", limit=1)
ROW_CALLS = Gate(name="row hit", unit="AWS calls", comparison="<=", limit=2)
KMS_MINT_CALLS = Gate(
    name="mint with a key in KMS, beyond one in the secret", unit="AWS calls", comparison="==", limit=1
)

COLD_ROW_HIT = Gate(name="cold start to a row hit / naive with byte code", unit="x CPU", comparison="<=", limit=0.50)
COLD_ROW_HIT_AS_BUILT = Gate(
    name="cold start to a row hit / naive as sam build ships it", unit="x CPU", comparison="<=", limit=0.25
)
COLD_MINT = Gate(name="cold start to the first mint / naive with byte code", unit="x CPU", comparison="<=", limit=0.55)
COLD_KMS_MINT = Gate(
    name="cold start to the first mint, key in KMS / key in the secret", unit="x CPU", comparison="<=", limit=1.0
)
BYTE_CODE = Gate(name="both cold starts, with byte code / without", unit="x CPU", comparison="<=", limit=0.60)

UNZIPPED = Gate(name="function and its layers, unzipped", unit="MB", comparison="<=", limit=35)
ZIPPED = Gate(name="function and its layers, zipped", unit="MB", comparison="<=", limit=9)

COLD_CALLERS = Gate(name="100 cold callers at once", unit="logins", comparison="==", limit=1)
WINNER_KILLED = Gate(name="100 cold callers, the winner killed mid-mint", unit="logins", comparison="==", limit=2)
ALL_ANSWERED = Gate(name="callers of both without a token at their deadline", unit="callers", comparison="==", limit=0)
SIMULATED_DAY = Gate(name="simulated day: the most of any refresh interval", unit="logins", comparison="<=", limit=1)
SIMULATED_GROWTH = Gate(
    name="simulated growth: counts that real processes do not confirm", unit="counts", comparison="==", limit=0
)

GATES = (
    MEMORY_HIT,
    TRUST_RENEWAL,
    MEMORY_AGAINST_NAIVE,
    ROW_AGAINST_NAIVE,
    MINT_AGAINST_NAIVE,
    MINT_AGAINST_SIMPLE_SALESFORCE,
    MEMORY_AGAINST_LOGIN,
    MEMORY_CALLS,
    TRUST_CALLS,
    ROW_CALLS,
    KMS_MINT_CALLS,
    COLD_ROW_HIT,
    COLD_ROW_HIT_AS_BUILT,
    COLD_MINT,
    COLD_KMS_MINT,
    BYTE_CODE,
    UNZIPPED,
    ZIPPED,
    COLD_CALLERS,
    WINNER_KILLED,
    ALL_ANSWERED,
    SIMULATED_DAY,
    SIMULATED_GROWTH,
)
