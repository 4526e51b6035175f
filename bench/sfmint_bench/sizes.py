"""What is deployed, in megabytes: what Lambda unzips before a cold start can begin."""

from collections.abc import Mapping

from build_size import Weight
from sfmint_bench import gates
from sfmint_bench.artefacts import NAIVE, Artefacts
from sfmint_bench.report import Result


def sizes(artefacts: Artefacts) -> list[Result]:
    """Measure the broker, function and layers together, and name the naive recipe's size beside it."""
    broker, naive = artefacts.broker, artefacts.rivals[NAIVE]
    weights = {one.name: [Weight.measure(folder) for folder in one.folders] for one in (broker, naive)}
    unzipped = {name: sum(part.unzipped for part in parts) / 1e6 for name, parts in weights.items()}
    zipped = {name: sum(part.zipped for part in parts) / 1e6 for name, parts in weights.items()}
    return [
        Result(gate=gates.UNZIPPED, value=unzipped[broker.name], seen=_said(unzipped)),
        Result(gate=gates.ZIPPED, value=zipped[broker.name], seen=_said(zipped)),
    ]


def _said(megabytes: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f} MB" for name, value in megabytes.items())
