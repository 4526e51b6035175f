"""The folder of one app: its key pair, made once, and the notes of the run that makes the app."""

import os
import shlex
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sfmint_cli.key_file import LARGEST_CERTIFICATE, KeyFile
from sfmint_cli.key_pair import PRIVATE_FOLDER, KeyPairFiles
from sfmint_cli.options import KeyPaths
from sfmint_cli.result import Failed
from sfmint_setup.key_pair import KeyPair


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFolder:
    """Where the key pair of a connection lies.

    Attributes:
        folder: for its owner alone.
        name: the connection's.
        new: makes a pair.
    """

    folder: Path
    name: str
    new: Callable[[], KeyPair]

    @property
    def files(self) -> KeyPairFiles:
        """The paths of the pair."""
        return self._named("")

    @property
    def notes(self) -> Path:
        """The path of the notes."""
        return self.folder / f"{self.name}.app.json"

    def there(self) -> KeyFile | None:
        """Return the pair, if it is there; one whose writing was interrupted is completed.

        Raises:
            Failed: one half of it is missing, the halves do not belong together, or Salesforce would refuse it.
        """
        files, parts = self.files, self._named(".part")
        for path in (self.folder, files.key, files.certificate):
            _require_own(path)
        if files.key.exists() and not files.certificate.exists() and parts.certificate.exists():
            parts.certificate.rename(files.certificate)
        if not files.key.exists():
            if files.certificate.exists():
                raise _without_key(files)
            return None
        parts.key.unlink(missing_ok=True)  # the other name of the same file, if the run that made it has ended there
        read = KeyFile.read(KeyPaths(key=files.key, certificate=files.certificate))
        if len(read.certificate or "") >= LARGEST_CERTIFICATE:
            raise Failed(
                f"{files.certificate} is larger than the 4 KB that Salesforce takes.",
                remedy="Use one with a short subject and without a chain, or move the pair away: then one is made.",
                name="CertificateTooLarge",
            )
        return read

    def make(self) -> KeyFile:
        """Return the pair, which is made if it is not there.

        Both files are complete before either has its name, so an interrupted run leaves no half of a pair.
        """
        if (found := self.there()) is not None:
            return found
        with _writing(self.folder):
            self.folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
            parts = self._named(".part")
            for path in (parts.key, parts.certificate):
                with suppress(FileNotFoundError):
                    path.unlink()
            parts.write(self.new())
            os.link(parts.key, self.files.key)  # not a rename, which would replace what has come to lie there
            os.link(parts.certificate, self.files.certificate)
            parts.key.unlink()
            parts.certificate.unlink()
        return KeyFile.read(KeyPaths(key=self.files.key, certificate=self.files.certificate))

    def _named(self, suffix: str) -> KeyPairFiles:
        return KeyPairFiles(
            key=self.folder / f"{self.name}.key{suffix}", certificate=self.folder / f"{self.name}.crt{suffix}"
        )


def _require_own(path: Path) -> None:
    """Check that nobody else can put a key of theirs in the place of ours, which would then open the app to them.

    Raises:
        Failed: somebody can.
    """
    try:
        found = path.stat()
    except OSError:
        return  # it is not there, or cannot be used, which is told where it is
    kept_apart = path.is_dir() and found.st_mode & stat.S_ISVTX  # in such a folder each file is its owner's alone
    if found.st_mode & stat.S_IWOTH and not kept_apart:
        cause, remedy = (
            "can be written to by everybody",
            f"{shlex.join(('chmod', 'o-w', str(path)))}, if all in it is yours",
        )
    elif os.geteuid() and found.st_uid not in {0, os.geteuid()}:
        cause, remedy = "belongs to another user of this machine", "Give a folder of your own with --out"
    else:
        return
    raise Failed(
        f"{path} {cause}, who could put another key there, and log in with it.", remedy=f"{remedy}.", name="NotYours"
    )


def _without_key(files: KeyPairFiles) -> Failed:
    return Failed(
        f"{files.certificate} is there, but its key {files.key} is not: it was removed, or never belonged here.",
        remedy="If the connection works, nothing is left to do; else put the key back, or make an app of another NAME.",
        name="KeyMissing",
    )


class _writing:  # noqa: N801 - reads as a word after `with`
    """Say of a folder that cannot be written to what to do about it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, OSError):
            raise Failed(
                f"The folder {self._folder} cannot be used: {error.strerror}.",
                remedy="Give one of your own with --out.",
            ) from None
