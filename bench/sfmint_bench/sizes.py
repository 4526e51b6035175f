"""What is deployed, in megabytes: what Lambda unzips before a cold start can begin."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from sfmint_bench import gates
from sfmint_bench.artefacts import NAIVE, Artefact, Artefacts
from sfmint_bench.report import Result


def sizes(artefacts: Artefacts) -> list[Result]:
    """Measures the broker, function and layers together, and names the naive recipe's size beside it."""
    whole = (artefacts.broker, artefacts.rivals[NAIVE])
    unzipped, zipped = ({one.name: measure(one) for one in whole} for measure in (unzipped_mb, zipped_mb))
    return [
        Result(gate=gates.UNZIPPED, value=unzipped[artefacts.broker.name], seen=_said(unzipped)),
        Result(gate=gates.ZIPPED, value=zipped[artefacts.broker.name], seen=_said(zipped)),
    ]


def unzipped_mb(artefact: Artefact) -> float:
    """Returns the megabytes of all files."""
    return sum(path.stat().st_size for folder in artefact.folders for path in _files(folder)) / 1e6


def zipped_mb(artefact: Artefact) -> float:
    """Returns the megabytes of the archives that the SAM CLI would upload: one a folder, deflated."""
    return sum(map(_zipped, artefact.folders)) / 1e6


def _zipped(folder: Path) -> int:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as archived:
        for path in _files(folder):
            archived.write(path, path.relative_to(folder))
    return archive.tell()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _said(megabytes: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f} MB" for name, value in megabytes.items())
