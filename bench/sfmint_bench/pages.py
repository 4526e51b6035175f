"""What the benchmark writes for people: the plots, and the tables between markers in docs/performance.md and the README."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from marked_blocks import filled
from page_table import table
from sfmint_bench import gates, plots
from sfmint_bench.cold import ColdStart
from sfmint_bench.micro import Piece
from sfmint_bench.pairs import Samples
from sfmint_bench.report import Report, Result, in_digits

PERFORMANCE = Path("docs/performance.md")
README = Path("README.md")
COLD_PLOT, LOGINS_PLOT, LATENCY_PLOT = (Path(f"docs/bench-{name}.svg") for name in ("cold-start", "logins", "latency"))

_IN_SHORT = (
    gates.MEMORY_HIT,
    gates.MEMORY_AGAINST_NAIVE,
    gates.ROW_AGAINST_NAIVE,
    gates.MINT_AGAINST_SIMPLE_SALESFORCE,
    gates.MEMORY_AGAINST_LOGIN,
    gates.COLD_ROW_HIT,
    gates.COLD_ROW_HIT_AS_BUILT,
    gates.COLD_CALLERS,
    gates.ZIPPED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a run has found beside its results.

    Attributes:
        starts: cold starts.
        calls_s: wall time of warm invocations, by kind.
        logins: by way, and by the number of cold callers at once.
        pieces: what single pieces cost.
    """

    starts: Sequence[ColdStart]
    calls_s: Samples
    logins: Mapping[str, Mapping[int, int]]
    pieces: Sequence[Piece]


def write(report: Report, findings: Findings, root: Path) -> None:
    """Write every page and plot, or none: where a gate is missed they stay as they were.

    Args:
        report: of the same run.
        findings: what they tell.
        root: of the working tree.

    Raises:
        NoMarkers: a page has no place for a table.
    """
    if not report.passes:
        return
    made = _plots(findings)
    for page, blocks in _blocks(report, findings).items():
        made[page] = filled((root / page).read_text(), "bench", blocks).encode()
    for path, content in made.items():
        (root / path).write_bytes(content)


def _plots(findings: Findings) -> dict[Path, bytes]:
    starts = {start.name: start.phases_s for start in findings.starts}
    return {
        COLD_PLOT: plots.cold_starts(starts),
        LOGINS_PLOT: plots.logins(findings.logins),
        LATENCY_PLOT: plots.latencies(dict(sorted(findings.calls_s.items(), key=lambda kind: median(kind[1])))),
    }


def _blocks(report: Report, findings: Findings) -> dict[Path, dict[str, str]]:
    return {
        PERFORMANCE: {
            "machine": f"{_machine()}\n",
            "gates": _gates(report.results),
            "cold starts": _cold_starts(findings.starts),
            "calls": _calls(findings.calls_s),
            "pieces": _pieces(findings.pieces),
        },
        README: {"in short": _in_short(report.results)},
    }


def _machine() -> str:
    python, system = platform.python_version(), f"{platform.system()} on {platform.machine()}"
    return f"Measured with Python {python}, {system}, {os.cpu_count()} cores."


def _gates(results: Iterable[Result]) -> str:
    rows = [(result.gate.name, *_measured(result), result.seen) for result in results]
    return table(("figure", "measured", "gate", "made from"), rows)


def _in_short(results: Iterable[Result]) -> str:
    measured = {result.gate: result for result in results}
    rows = [(gate.name, *_measured(measured[gate])) for gate in _IN_SHORT]
    return table(("figure", "measured", "gate"), rows)


def _measured(result: Result) -> tuple[str, str]:
    return f"{in_digits(result.value)} {result.gate.unit}", str(result.gate)


def _cold_starts(starts: Sequence[ColdStart]) -> str:
    rows = []
    for start in starts:
        times = (*start.phases_s.values(), sum(start.phases_s.values()))
        rows.append((start.name, *(f"{time * 1e3:,.0f}" for time in times)))
    phases = tuple(starts[0].phases_s)
    return table(("ms of CPU time", *phases, "all"), rows, numbers=len(phases) + 1)


def _calls(calls_s: Samples) -> str:
    rows = []
    for name, times_s in sorted(calls_s.items(), key=lambda kind: median(kind[1])):
        twentieths = quantiles(times_s, n=20, method="inclusive")
        points = (twentieths[9], twentieths[18])
        rows.append((name, f"{len(times_s):,}", *(in_digits(point * 1e3) for point in points)))
    return table(("ms of wall time", "calls", "p50", "p95"), rows, numbers=3)


def _pieces(pieces: Iterable[Piece]) -> str:
    rows = [(piece.name, in_digits(piece.cpu_s * 1e6), f"{piece.deviation_s / piece.cpu_s:.0%}") for piece in pieces]
    return table(("piece", "µs of CPU time", "±"), rows, numbers=2)
