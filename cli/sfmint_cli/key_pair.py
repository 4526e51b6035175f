"""How a key and its certificate come to lie in a folder."""

import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sfmint_cli.result import Failed
from sfmint_setup.key_pair import KeyPair

PRIVATE, PUBLIC, PRIVATE_FOLDER = 0o600, 0o644, 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPairFiles:
    """Where a key pair lies.

    Attributes:
        key: for the owner's eyes only.
        certificate: for everyone.
    """

    key: Path
    certificate: Path

    @classmethod
    def in_folder(cls, folder: Path, name: str) -> Self:
        """Return the paths, both of which are free; a folder that is not there is made, for the owner alone.

        Raises:
            Failed: the folder cannot be made, or one of the files is there already.
        """
        files = cls(key=folder / f"{name}.key", certificate=folder / f"{name}.crt")
        _make(folder)
        _require_free(files.key, files.certificate)
        return files

    def write(self, pair: KeyPair) -> None:
        """Write both files, or neither.

        Raises:
            Failed: a file cannot be written.
        """
        made: list[Path] = []
        try:
            _write_new(self.key, pair.private_key, PRIVATE, made)
            _write_new(self.certificate, pair.certificate, PUBLIC, made)
        except BaseException:
            for path in made:
                with suppress(OSError):
                    path.unlink()
            raise


def free_certificate(folder: Path, name: str) -> Path:
    """Return the path of a certificate without a key beside it, which is free; the folder is made as for a pair.

    Raises:
        Failed: the folder cannot be made, or the file is there already.
    """
    path = folder / f"{name}.crt"
    _make(folder)
    _require_free(path)
    return path


def write_certificate(path: Path, pem: str) -> None:
    """Write a certificate, for everyone.

    Raises:
        Failed: the file cannot be written.
    """
    _write_new(path, pem, PUBLIC, [])


def _make(folder: Path) -> None:
    try:
        folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    except FileExistsError:
        raise Failed(f"{folder} is no folder.", remedy="Give another one with --out.") from None
    except OSError as error:
        raise Failed(
            f"The folder {folder} cannot be made: {error.strerror}.", remedy="Give one of your own with --out."
        ) from None


def _require_free(*paths: Path) -> None:
    if there := [path for path in paths if os.path.lexists(path)]:
        raise _occupied(*there)


def _write_new(path: Path, text: str, mode: int, made: list[Path]) -> None:
    try:
        # O_EXCL: a file or link that came to lie there meanwhile is not written through.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        made.append(path)
        with os.fdopen(file, "w", encoding="ascii") as stream:
            stream.write(text)
    except FileExistsError:
        raise _occupied(path) from None
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror}.", remedy="Give a folder of your own with --out."
        ) from None


def _occupied(*paths: Path) -> Failed:
    """Return what is said of files that are there: of a pair, or of what is left of one."""
    names = " and ".join(map(str, paths))
    are = "are there already, and existing files are" if len(paths) > 1 else "is there already, and an existing file is"
    moves = " && ".join(shlex.join(["mv", str(path), f"{path}.old"]) for path in paths)
    return Failed(
        f"{names} {are} never overwritten.",
        remedy=f"Give another name or folder, or keep what is there under another name, then run this again: {moves}",
        name="FileExists",
    )
