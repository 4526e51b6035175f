"""The program: ``make bench`` and ``make bench-quick``."""

import argparse
import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from sfmint_bench.artefacts import built
from sfmint_bench.cold import cold
from sfmint_bench.gates import GATES
from sfmint_bench.growth.replay import growth
from sfmint_bench.micro import micro
from sfmint_bench.pages import Findings, write
from sfmint_bench.report import Report, Result
from sfmint_bench.simulated_day import simulated_day
from sfmint_bench.sizes import sizes
from sfmint_bench.storms import naive_storms, storms
from sfmint_bench.wall import wall
from sfmint_bench.warm import warm
from sfmint_local import places
from sfmint_local.environments import BareStack, Environments
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order

RESULTS = Path(__file__).parents[1] / "results.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured.

    Attributes:
        cold, warm, wall: rounds of each.
        fewer: callers of the storms that are smaller than a hundred.
        for_pages: whether also what no gate asks for.
    """

    cold: int
    warm: int
    wall: int
    fewer: tuple[int, ...] = ()
    for_pages: bool


WHOLE = Effort(cold=30, warm=40, wall=20, fewer=(1, 10, 30), for_pages=True)
QUICK = Effort(cold=6, warm=10, wall=5, for_pages=False)


def main() -> int:
    """Measure everything. Returns 0 when every gate is passed, 1 when one is missed, 130 after Ctrl-C."""
    arguments = _arguments()
    end_in_order()
    results: list[Result] = []
    findings: Findings | None = None
    try:
        findings = measure(results, QUICK if arguments.quick else WHOLE)
    except KeyboardInterrupt:
        return INTERRUPTED
    except LocalStackError as error:
        print(f"error: the benchmark could not be carried out: {error}", file=sys.stderr)
    report = Report.judge(results, GATES)
    print(report.table())
    if not arguments.quick:
        arguments.json.write_text(report.to_json() + "\n")
        if findings:
            write(report, findings, places.ROOT)
    return 0 if report.passes else 1


def measure(results: list[Result], effort: Effort) -> Findings:
    """Add results as they come, so that a failure leaves those before it, and return what else was found.

    Args:
        results: to add to.
        effort: how much is measured.

    Raises:
        LocalStackError: something could not be measured.
    """
    _say("a simulated day")
    results.append(simulated_day())
    with BareStack("bench") as stack:
        _say("what is built")
        artefacts = built(stack.folder)
        results += sizes(artefacts)
        _say("cold starts, side by side")
        started = cold(stack, artefacts, rounds=effort.cold)
        results += started.results
        _say("warm invocations, side by side")
        warmed = warm(stack, rounds=effort.warm)
        results += warmed.results
        _say("how long they take where a login takes a quarter of a second")
        waited = wall(stack, rounds=effort.wall)
        results += waited.results
        _say("cold callers at once")
        with Environments(stack.folder) as environments:
            stormed = storms(stack, environments, fewer=effort.fewer)
            _say("whether simulated growth is real")
            results += growth(stack, environments)
        results += stormed.results
        pieces, naive = [], {}
        if effort.for_pages:
            naive = naive_storms(stack, callers=tuple(stormed.logins))
            _say("pieces, one by one")
            pieces = micro(artefacts.broker.folders, stack.folder)
    logins = {"sfmint": stormed.logins, "naive": naive}
    return Findings(starts=started.starts, calls_s=waited.samples, logins=logins, pieces=pieces)


def _say(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr, flush=True)


def _arguments() -> Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sfmint_bench", description="Measure what a call costs, and compare it with the gates."
    )
    parser.add_argument("--quick", action="store_true", help="measure less, and write nothing")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, metavar="FILE", help="results; default bench/results.json"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
