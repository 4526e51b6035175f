"""Orgs one of whose switches a run has turned on and not yet put back: an empty file each, which outlives the run.

The run that has noted an org holds the file: while it lives, the note is its own business, and no other run's.
"""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sfmint_cli.result import Failed
from sfmint_cli.state_folder import state_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchNotes:
    """The notes of one person on this machine; see `sfmint_setup.consumer_key.Notes`.

    Attributes:
        folder: of the files; made where it is missing.
    """

    folder: Path
    _held: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of_this_user(cls) -> Self:
        """Return those of the person who runs this program."""
        return cls(folder=state_folder("org-switches"))

    def has(self, org_id: str) -> bool:
        """Return whether an org is noted, by this run or by one that has ended."""
        if org_id in self._held:
            return True
        try:
            file = os.open(self._path(org_id), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            return _take(file)
        finally:
            os.close(file)

    def add(self, org_id: str) -> None:
        """Note an org; when this returns, the note is on the disk.

        Raises:
            Failed: it cannot be written, or another run has noted it, so nothing should be turned on.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path(org_id), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            folder = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)
            os.fsync(file)
            os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise Failed(
                f"{self.folder} cannot be written ({error.strerror}), so no switch of the org is touched.",
                remedy="Make it writable, or read the consumer key in Setup and type it.",
                name="NotesUnwritable",
            ) from None
        if not _take(file) or not self._path(org_id).exists():  # or dropped in between
            os.close(file)
            raise Failed(
                "Another run of this command reads a consumer key of the same org at this moment.",
                remedy="Wait for its end, then run this again: it goes on.",
                name="RunUnderWay",
            )
        self._held[org_id] = file

    def drop(self, org_id: str) -> None:
        """Forget an org."""
        self._path(org_id).unlink(missing_ok=True)
        if (file := self._held.pop(org_id, None)) is not None:
            os.close(file)

    def _path(self, org_id: str) -> Path:
        return self.folder / org_id


def _take(file: int) -> bool:
    """Take a note, and return whether that was possible: a run that lives holds its own."""
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
