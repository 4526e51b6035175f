"""The program: ``make bench``."""

import argparse
import sys
from pathlib import Path

from sfmint_bench.gates import GATES
from sfmint_bench.report import Report, Result
from sfmint_bench.simulated_day import simulated_day
from sfmint_bench.storms import storms
from sfmint_bench.warm import WarmError, warm
from sfmint_local.environments import BareStack, Environments
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order

RESULTS = Path(__file__).parents[1] / "results.json"


def main() -> int:
    """Measures everything. Returns 0 when every gate is passed, 1 when one is missed, 130 after Ctrl-C."""
    file = _file()
    end_in_order()
    results: list[Result] = []
    try:
        _measure(results)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (LocalStackError, WarmError) as error:
        print(f"error: the benchmark could not be carried out: {error}", file=sys.stderr)
    report = Report.of(results, GATES)
    file.write_text(report.to_json() + "\n")
    print(report.table())
    return 0 if report.passes else 1


def _measure(results: list[Result]) -> None:
    _say("a simulated day")
    results.append(simulated_day())
    with BareStack("bench") as stack:
        _say("warm invocations, side by side")
        results += warm(stack)
        with Environments(stack.folder) as environments:
            _say("a hundred cold callers, twice")
            results += storms(stack, environments)


def _say(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr, flush=True)


def _file() -> Path:
    parser = argparse.ArgumentParser(
        prog="python -m sfmint_bench", description="Measure what a call costs, and compare it with the gates."
    )
    parser.add_argument(
        "--json", type=Path, default=RESULTS, metavar="FILE", help="results; default bench/results.json"
    )
    file: Path = parser.parse_args().json
    return file


if __name__ == "__main__":
    sys.exit(main())
