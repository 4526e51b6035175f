"""What the parts of a build weigh, and what they are: equal builds have equal digests."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive import files, packed

_HEAD = ("", "files", "unzipped", "zipped", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One artefact: a function or a layer.

    Attributes:
        name: its logical id.
        files: how many.
        unzipped: bytes, of which Lambda allows 250 MB in all layers and the function together.
        zipped: bytes, as they are uploaded.
        digest: of names and contents, shortened.
    """

    name: str
    files: int
    unzipped: int
    zipped: int
    digest: str

    @classmethod
    def measure(cls, artefact: Path) -> Self:
        """Return what a folder weighs."""
        paths, unzipped, digest = files(artefact), 0, hashlib.sha256()
        for path in paths:
            data = path.read_bytes()
            unzipped += len(data)
            digest.update(f"{path.relative_to(artefact).as_posix()}\0{hashlib.sha256(data).hexdigest()}\n".encode())
        return cls(
            name=artefact.name,
            files=len(paths),
            unzipped=unzipped,
            zipped=len(packed(artefact)),
            digest=digest.hexdigest()[:12],
        )


def artefacts(build: Path) -> list[Path]:
    """Return the folders of a build: one for each function and layer."""
    return sorted(path for path in build.iterdir() if path.is_dir())


def table(weights: Iterable[Weight]) -> str:
    """Return what they weigh as aligned lines."""
    rows = [_HEAD, *((w.name, str(w.files), _megabytes(w.unzipped), _megabytes(w.zipped), w.digest) for w in weights)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, *numbers, digest = row
    cells = [text.rjust(width) for text, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([name.ljust(widths[0]), *cells, digest])


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.2f} MB"
