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
        try:
            folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        except FileExistsError:
            raise Failed(f"{folder} is no folder.", remedy="Give another one with --out.") from None
        except OSError as error:
            raise Failed(
                f"The folder {folder} cannot be made: {error.strerror}.", remedy="Give one of your own with --out."
            ) from None
        files = cls(key=folder / f"{name}.key", certificate=folder / f"{name}.crt")
        if there := [path for path in (files.key, files.certificate) if os.path.lexists(path)]:
            raise _occupied(*there)
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
