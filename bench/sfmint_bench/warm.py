"""Warm invocations, measured in a process of their own: what they cost in CPU time and in calls of AWS."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from sfmint_bench import gates
from sfmint_bench.gates import Gate
from sfmint_bench.pairs import Samples, ratio
from sfmint_bench.report import Result
from sfmint_bench.warm_process import CONNECTION
from sfmint_local import places
from sfmint_local.child import bare_environment
from sfmint_local.environments import BareStack

_BENCH = Path(__file__).parents[1]
_LONGEST_S = 300
_NAIVE_SECRET = "bench/naive"  # noqa: S105 - its name


class WarmError(Exception):
    """The process that measures has failed; the message is the end of what it said."""


def warm(stack: BareStack) -> list[Result]:
    """Measures them.

    Raises:
        WarmError: they could not be measured.
    """
    stack.connect(CONNECTION)
    _store_naive_secret(stack)
    measured = _measured(stack)
    return [*_costs(measured["cpu_s"]), *_calls(measured["calls"])]


def _store_naive_secret(stack: BareStack) -> None:
    """Stores the same secret as the recipe has it: it names the audience."""
    name = f"sfmint/{stack.settings()['SFMINT_STACK']}/{CONNECTION}"
    fields = json.loads(stack.aws.secrets.get_secret_value(SecretId=name)["SecretString"])
    secret = json.dumps({**fields, "audience": fields["token_host"]})
    stack.aws.secrets.create_secret(Name=_NAIVE_SECRET, SecretString=secret)


def _measured(stack: BareStack) -> dict[str, Any]:
    file = stack.folder / "warm.json"
    settings = stack.settings(
        POWERTOOLS_SERVICE_NAME="token_broker",
        PYTHONPATH=f"{_BENCH}:{places.ROOT / 'functions' / 'token_broker'}",
        REQUESTS_CA_BUNDLE=stack.settings()["SSL_CERT_FILE"],
        SECRET_ID=_NAIVE_SECRET,
    )
    process = subprocess.run(
        [sys.executable, "-m", "sfmint_bench.warm_process", file],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=bare_environment(**settings),
        timeout=_LONGEST_S,
        check=False,
    )
    if process.returncode:
        raise WarmError("\n".join(process.stderr.splitlines()[-15:]))
    measured: dict[str, Any] = json.loads(file.read_text())
    return measured


def _costs(samples: Samples) -> list[Result]:
    said = {name: f"{name} {median(times) * 1e6:,.0f} µs" for name, times in samples.items()}

    def compare(gate: Gate, one: str, other: str) -> Result:
        return Result(gate=gate, value=ratio(samples, one, other), seen=f"{said[one]}, {said[other]}")

    return [
        Result(gate=gates.MEMORY_HIT, value=median(samples["memory hit"]) * 1e6),
        compare(gates.TRUST_RENEWAL, "trust renewal", "row hit"),
        compare(gates.MEMORY_AGAINST_NAIVE, "naive", "memory hit"),
        compare(gates.ROW_AGAINST_NAIVE, "naive", "row hit"),
    ]


def _calls(calls: Mapping[str, Mapping[str, int]]) -> list[Result]:
    measured = {
        gates.MEMORY_CALLS: calls["memory hit"],
        gates.TRUST_CALLS: calls["trust renewal"],
        gates.ROW_CALLS: calls["row hit"],
    }
    return [
        Result(gate=gate, value=sum(made.values()), seen=", ".join(f"{name} {n}" for name, n in made.items()))
        for gate, made in measured.items()
    ]
