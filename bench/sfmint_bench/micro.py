"""Where the time goes: our own pieces one by one, in CPU time, measured by pyperf in a dozen processes."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyperf

from sfmint_bench.footing import base_interpreter
from sfmint_bench.micro_process import BARE, IMPORTS
from sfmint_local.child import Child, bare_environment

# pyperf's own defaults take ten minutes; these a half, and agree with them within what the machine itself varies by.
_SERIES = ("--processes", "4", "--values", "3", "--warmups", "1", "--min-time", "0.02")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one piece costs.

    Attributes:
        name: of the piece.
        cpu_s: seconds of CPU time, the median.
        deviation_s: the median of the values' distances from it.
    """

    name: str
    cpu_s: float
    deviation_s: float


def micro(layers: Sequence[Path], folder: Path) -> list[Piece]:
    """Measure every piece.

    Args:
        layers: the folders that a function's imports come from.
        folder: for what pyperf writes.

    Raises:
        LocalStackError: a piece cannot be measured.
    """
    file = folder / "micro.json"
    where = ("--interpreter", base_interpreter(), "--layers", os.pathsep.join(map(str, layers)))
    program = (sys.executable, "-m", "sfmint_bench.micro_process")
    command: list[str | Path] = [*program, *where, "--quiet", *_SERIES, "-o", file]
    Child.run("pyperf", command, environment=bare_environment(), log=folder / "micro.log", folder=folder)
    return list(pieces(pyperf.BenchmarkSuite.load(str(file))))


def pieces(suite: pyperf.BenchmarkSuite) -> Iterator[Piece]:
    """Give the pieces of a suite; an import without the start of Python that every process has."""
    start_s: float = suite.get_benchmark(BARE).median()
    for benchmark in suite.get_benchmarks():
        name = benchmark.get_name()
        own_s = start_s if name in IMPORTS else 0.0
        yield Piece(name=name, cpu_s=benchmark.median() - own_s, deviation_s=benchmark.median_abs_dev())
