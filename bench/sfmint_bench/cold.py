"""Cold starts: a fresh process that sees what is deployed and nothing else, from its birth to its first answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sfmint_bench import cold_process, gates
from sfmint_bench.artefacts import CACHED_SECRET, NAIVE, NAIVE_ON_LAMBDAS_BOTO3, Artefact, built_broker, built_rivals
from sfmint_bench.footing import Footing, base_interpreter, equal_footing
from sfmint_bench.gates import Gate
from sfmint_bench.pairs import Contender, in_turns, ratio
from sfmint_bench.report import Result
from sfmint_local.environments import BareStack

CONNECTION = "cold"
ROUNDS = 15

ROW_HIT = "sfmint, row hit"
WITHOUT_BYTE_CODE = "sfmint without byte code, row hit"
MINT = "sfmint, first mint"
NAIVE_COMPILED = "naive with byte code"

type Phases = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """What a cold start costs.

    Attributes:
        name: whose.
        phases_s: the median seconds of CPU time of each phase, in their order: interpreter, import, first call.
    """

    name: str
    phases_s: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cold:
    """All cold starts.

    Attributes:
        results: one a gate.
        starts: of all contenders, also of those without a gate.
    """

    results: Sequence[Result]
    starts: Sequence[ColdStart]


def cold(stack: BareStack, *, rounds: int = ROUNDS) -> Cold:
    """Measures them.

    Args:
        stack: where.
        rounds: how often each contender starts.

    Raises:
        LocalStackError: an artefact could not be built, or a process has failed.
    """
    with equal_footing(stack, CONNECTION) as footing:
        samples = in_turns(_contenders(footing), rounds=rounds)
    totals = {name: [sum(phases.values()) for phases in starts] for name, starts in samples.items()}

    def compare(gate: Gate, one: str, other: str) -> Result:
        seen = ", ".join(f"{name} {median(totals[name]) * 1e3:,.0f} ms" for name in (one, other))
        return Result(gate=gate, value=ratio(totals, one, other), seen=seen)

    results = [
        compare(gates.COLD_ROW_HIT, ROW_HIT, NAIVE_COMPILED),
        compare(gates.COLD_ROW_HIT_AS_BUILT, ROW_HIT, NAIVE.name),
        compare(gates.COLD_MINT, MINT, NAIVE_COMPILED),
        compare(gates.BYTE_CODE, ROW_HIT, WITHOUT_BYTE_CODE),
    ]
    return Cold(results=results, starts=[ColdStart(name=name, phases_s=_medians(samples[name])) for name in samples])


def _contenders(footing: Footing) -> list[Contender[Phases]]:
    folder = footing.stack.folder
    broker, rivals = built_broker(folder / "sfmint"), built_rivals()
    bare = broker.copied(folder / "sfmint-without-byte-code", byte_code=False)
    naive = rivals[NAIVE].copied(folder / "naive-with-byte-code")
    naive.compile()

    def contender(
        name: str, artefact: Artefact, source: str | None = None, arrange: Callable[[], object] = lambda: None
    ) -> Contender[Phases]:
        def measure() -> Phases:
            arrange()
            return _start(footing, artefact, source)

        return Contender(name=name, measure=measure)

    _start(footing, broker, "minted")
    return [
        contender(ROW_HIT, broker, "cache"),
        contender(WITHOUT_BYTE_CODE, bare, "cache"),
        contender(MINT, broker, "minted", footing.forget_token),
        contender(NAIVE_COMPILED, naive),
        *(contender(rival.name, rivals[rival]) for rival in (NAIVE, NAIVE_ON_LAMBDAS_BOTO3, CACHED_SECRET)),
    ]


def _start(footing: Footing, artefact: Artefact, source: str | None) -> Phases:
    """Starts a process, lets it answer once, and checks where its token came from."""
    program: list[str | Path] = [
        base_interpreter(),
        "-S",
        "-P",
        Path(cold_process.__file__),
        CONNECTION,
        *artefact.folders,
    ]
    measured: dict[str, Any] = footing.measured(program)
    if measured["source"] != source:
        raise RuntimeError(f"A cold {artefact.name} was served from {measured['source']}, not from {source}.")
    phases: Phases = measured["phases_s"]
    return phases


def _medians(starts: Sequence[Phases]) -> Phases:
    return {phase: median(start[phase] for start in starts) for phase in starts[0]}
