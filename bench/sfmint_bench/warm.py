"""Warm invocations, measured in a process of their own: what they cost in time and in calls of AWS."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from sfmint_bench import gates
from sfmint_bench.footing import Footing, equal_footing
from sfmint_bench.gates import Gate
from sfmint_bench.pairs import Samples, ratio
from sfmint_bench.report import Result
from sfmint_local import places
from sfmint_local.environments import BareStack

CONNECTION = "warm"
_BENCH = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """All kinds of warm invocations.

    Attributes:
        results: one a gate.
        samples: seconds of each invocation by kind: of CPU time, or of wall time where that was measured.
    """

    results: Sequence[Result]
    samples: Samples


def warm(stack: BareStack, *, rounds: int) -> Warm:
    """Measure their CPU time and their calls.

    Args:
        stack: where.
        rounds: how often each kind takes its turn.

    Raises:
        LocalStackError: they could not be measured.
    """
    with equal_footing(stack, CONNECTION) as footing:
        measured = invoked(footing, "cpu", rounds)
    samples: Samples = measured["taken_s"]
    return Warm(results=[*costs(samples), *calls(measured["calls"])], samples=samples)


def invoked(footing: Footing, clock: Literal["cpu", "wall"], rounds: int) -> dict[str, Any]:
    """Run the process that invokes every kind in turns, and return what it measures.

    Args:
        footing: of all kinds.
        clock: what is measured.
        rounds: how often each kind takes its turn.

    Raises:
        LocalStackError: the process failed.
    """
    program = [sys.executable, "-m", "sfmint_bench.warm_process", clock, str(rounds)]
    path = f"{_BENCH}:{places.ROOT / 'functions' / 'token_broker'}"
    connections = {"CONNECTION": footing.connection, "KMS_CONNECTION": footing.kms_connection}
    measured: dict[str, Any] = footing.measured(program, **connections, PYTHONPATH=path)
    return measured


def compared(gate: Gate, samples: Samples, one: str, other: str) -> Result:
    """Return how many times the other's cost goes into the one's."""
    seen = ", ".join(f"{name} {median(samples[name]) * 1e6:,.0f} µs" for name in (one, other))
    return Result(gate=gate, value=ratio(samples, one, other), seen=seen)


def costs(samples: Samples) -> list[Result]:
    """Return one result a gate of CPU time.

    Args:
        samples: by kind of invocation: seconds.
    """
    return [
        Result(gate=gates.MEMORY_HIT, value=median(samples["memory hit"]) * 1e6),
        compared(gates.TRUST_RENEWAL, samples, "trust renewal", "row hit"),
        compared(gates.MEMORY_AGAINST_NAIVE, samples, "naive", "memory hit"),
        compared(gates.ROW_AGAINST_NAIVE, samples, "naive", "row hit"),
        compared(gates.MINT_AGAINST_NAIVE, samples, "naive", "mint"),
        compared(gates.MINT_AGAINST_SIMPLE_SALESFORCE, samples, "simple-salesforce", "mint"),
    ]


def calls(counted: Mapping[str, Mapping[str, int]]) -> list[Result]:
    """Return one result a gate of calls to AWS.

    Args:
        counted: by kind of invocation, and by operation.
    """
    measured = {
        gates.MEMORY_CALLS: counted["memory hit"],
        gates.TRUST_CALLS: counted["trust renewal"],
        gates.ROW_CALLS: counted["row hit"],
    }
    beyond = Counter(counted["mint with a key in KMS"])
    beyond.subtract(counted["mint"])
    measured[gates.KMS_MINT_CALLS] = {name: n for name, n in beyond.items() if n}
    return [
        Result(gate=gate, value=sum(made.values()), seen=", ".join(f"{name} {n}" for name, n in made.items()))
        for gate, made in measured.items()
    ]
