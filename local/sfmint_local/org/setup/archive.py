"""A deployment's zip: its names and limits.

Source: Metadata API Developer Guide, meta_rest_deploy (39 MB packed, 600 MB unpacked, 10,000 files).
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

_LARGEST_PACKED_BYTES = 39 * 1024 * 1024
_LARGEST_UNPACKED_BYTES = 600 * 1024 * 1024
_MOST_FILES = 10_000
MANIFEST = "package.xml"


class ArchiveError(Exception):
    """The deployment fails as a whole; the message says why."""


def read_archive(data: bytes, *, single_package: bool) -> Mapping[str, bytes]:
    """Unpack a zip into its files by name.

    Args:
        data: the zip.
        single_package: the package begins at the zip's root; otherwise in its one folder, whose name is left out here.

    Raises:
        ArchiveError: no zip, too large, or with names that lead elsewhere.
    """
    if len(data) > _LARGEST_PACKED_BYTES:
        raise ArchiveError("The zip file is larger than the limit of 39 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            files = {entry.filename: archive.read(entry) for entry in entries}
    except ArchiveError:
        raise
    except Exception:  # noqa: BLE001 - zipfile raises what it meets, and all of it means the same
        raise ArchiveError("The file is not a zip that can be read.") from None
    return files if single_package else _below_one_folder(files)


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_FILES:
        raise ArchiveError("The zip file has more than the limit of 10,000 files.")
    if sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED_BYTES:
        raise ArchiveError("The unpacked files are larger than the limit of 600 MB.")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise ArchiveError("Two files of the zip have the same name.")
    for entry in entries:
        # ZipInfo has made every separator a slash, and ends the name at a NUL: the name as it came counts.
        if not _stays_inside(entry.orig_filename):
            raise ArchiveError("A name in the zip is absolute, or leads out of it with '..'.")


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    inside = not path.is_absolute() and not {"..", "."} & set(name.split("/")) and "" not in name.split("/")
    return inside and not any(character in name for character in "\\\0:")


def _below_one_folder(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    tops = {name.partition("/")[0] for name in files if "/" in name}
    if MANIFEST in files or not tops:
        return {}
    if len(tops) > 1:
        raise ArchiveError(
            "The embedded org deploys one package: put it into one folder, or set singlePackage to true."
        )
    top = f"{tops.pop()}/"
    return {name.removeprefix(top): data for name, data in files.items() if name.startswith(top)}
