"""Cold starts: a fresh process that sees what is deployed and nothing else, from its birth to its first answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sfmint_bench import cold_process, gates
from sfmint_bench.artefacts import NAIVE, Artefact, Artefacts
from sfmint_bench.footing import Footing, base_interpreter, equal_footing
from sfmint_bench.gates import Gate
from sfmint_bench.pairs import Contender, Samples, in_turns, ratio
from sfmint_bench.report import Result
from sfmint_local.environments import BareStack
from sfmint_local.errors import LocalStackError

CONNECTION = "cold"
_SELDOM = 3

ROW_HIT = "sfmint, row hit"
MINT = "sfmint, first mint"
KMS_MINT = "sfmint, first mint with a key in KMS"
ROW_HIT_WITHOUT = "sfmint without byte code, row hit"
MINT_WITHOUT = "sfmint without byte code, first mint"

type Phases = dict[str, float]
type _Contenders = list[Contender[Phases]]


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


def cold(stack: BareStack, artefacts: Artefacts, *, rounds: int) -> Cold:
    """Measure them.

    Args:
        stack: where.
        artefacts: what starts.
        rounds: how often each contender with a gate starts; those without start less often.

    Raises:
        LocalStackError: a process has failed.
    """
    with equal_footing(stack, CONNECTION) as footing:
        gated, others = _contenders(footing, artefacts)
        samples = in_turns(gated, rounds=rounds) | in_turns(others, rounds=max(1, rounds // _SELDOM))
    totals = {name: [sum(phases.values()) for phases in starts] for name, starts in samples.items()}
    results = compared(totals, naive=artefacts.rivals[NAIVE].name, compiled=artefacts.naive_with_byte_code.name)
    return Cold(results=results, starts=[ColdStart(name=name, phases_s=_medians(samples[name])) for name in samples])


def compared(totals_s: Samples, *, naive: str, compiled: str) -> list[Result]:
    """Return one result a gate.

    Args:
        totals_s: by contender: seconds of CPU time of whole starts.
        naive: the contender that is the naive recipe as it is built.
        compiled: the same with byte code.
    """

    def compare(gate: Gate, one: str, other: str) -> Result:
        seen = ", ".join(f"{name} {median(totals_s[name]) * 1e3:,.0f} ms" for name in (one, other))
        return Result(gate=gate, value=ratio(totals_s, one, other), seen=seen)

    return [
        compare(gates.COLD_ROW_HIT, ROW_HIT, compiled),
        compare(gates.COLD_ROW_HIT_AS_BUILT, ROW_HIT, naive),
        compare(gates.COLD_MINT, MINT, compiled),
        compare(gates.COLD_KMS_MINT, KMS_MINT, MINT),
        _byte_code(totals_s),
    ]


def start_command(artefact: Artefact, alias: str) -> list[str | Path]:
    """Return the command that starts an artefact cold, but for the file that it writes: see `cold_process`.

    Neither the project's packages (-S) nor the program's own folder (-P) are to be seen.
    """
    return [base_interpreter(), "-S", "-P", Path(cold_process.__file__), alias, *artefact.folders]


def _contenders(footing: Footing, artefacts: Artefacts) -> tuple[_Contenders, _Contenders]:
    """Return those with a gate, and those without."""

    def contender(
        artefact: Artefact, name: str = "", source: str | None = None, connection: str = CONNECTION
    ) -> Contender[Phases]:
        def measure() -> Phases:
            if source == "minted":
                footing.forget_token(connection)
            return _start(footing, artefact, source, connection)

        return Contender(name=name or artefact.name, measure=measure)

    for ours in (artefacts.broker, artefacts.broker_without_byte_code):
        for bundle in footing.authorities:
            ours.trust(bundle)
    _start(footing, artefacts.broker, "minted", CONNECTION)
    gated = [
        contender(artefacts.broker, ROW_HIT, "cache"),
        contender(artefacts.broker_without_byte_code, ROW_HIT_WITHOUT, "cache"),
        contender(artefacts.broker, MINT, "minted"),
        contender(artefacts.broker, KMS_MINT, "minted", footing.kms_connection),
        contender(artefacts.broker_without_byte_code, MINT_WITHOUT, "minted"),
        contender(artefacts.naive_with_byte_code),
        contender(artefacts.rivals[NAIVE]),
    ]
    return gated, [contender(artefact) for rival, artefact in artefacts.rivals.items() if rival is not NAIVE]


def _byte_code(totals_s: Samples) -> Result:
    """Compare both kinds of start together: what is imported for a mint is compiled as well."""
    kinds = {"row hit": (ROW_HIT, ROW_HIT_WITHOUT), "first mint": (MINT, MINT_WITHOUT)}
    took_s = {kind: (median(totals_s[one]), median(totals_s[other])) for kind, (one, other) in kinds.items()}
    compiled_s, without_s = map(sum, zip(*took_s.values(), strict=True))
    seen = ", ".join(
        f"{kind} {one * 1e3:,.0f} of {other * 1e3:,.0f} ms ({one / other:.2f})" for kind, (one, other) in took_s.items()
    )
    return Result(gate=gates.BYTE_CODE, value=compiled_s / without_s, seen=seen)


def _start(footing: Footing, artefact: Artefact, source: str | None, connection: str) -> Phases:
    """Start a process, let it answer once, and check where its token came from; that is None of a rival's."""
    deployed = {"SSL_CERT_FILE": ""} if source else {}  # sfmint trusts the authorities in its artefact
    measured: dict[str, Any] = footing.measured(start_command(artefact, connection), **deployed)
    if measured["source"] != source:
        cause = f"A cold {artefact.name} was served from {measured['source']}, not from {source}."
        raise LocalStackError(cause, remedy="Run it again; if it happens again, the broker is at fault.")
    phases: Phases = measured["phases_s"]
    return phases


def _medians(starts: Sequence[Phases]) -> Phases:
    return {phase: median(start[phase] for start in starts) for phase in starts[0]}
