"""A folder as a zip archive whose bytes depend on names and contents alone: sorted, undated, with one mode for all."""

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_READABLE = 0o100644 << 16  # Lambda's own user reads what a builder with a strict umask has made
_UNIX = 3


def packed(folder: Path) -> bytes:
    """Return the files of a folder as a zip archive."""
    octets = BytesIO()
    with ZipFile(octets, "w", ZIP_DEFLATED) as archive:
        for path in files(folder):
            entry = ZipInfo(path.relative_to(folder).as_posix())  # dated to 1980, the first day that zip knows
            entry.external_attr, entry.create_system = _READABLE, _UNIX
            archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED)
    return octets.getvalue()


def files(folder: Path) -> list[Path]:
    """Return the files of a folder in the order of their names."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())
