"""Orgs one of whose switches a run has turned on and not yet put back: an empty file each, which outlives the run."""

import os
from dataclasses import dataclass
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

    @classmethod
    def of_this_user(cls) -> Self:
        """Return those of the person who runs this program."""
        return cls(folder=state_folder("org-switches"))

    def has(self, org_id: str) -> bool:
        """Return whether an org is noted."""
        return self._path(org_id).exists()

    def add(self, org_id: str) -> None:
        """Note an org; when this returns, the note is on the disk.

        Raises:
            Failed: it cannot be written, so nothing should be turned on.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for place, flags in ((self._path(org_id), os.O_WRONLY | os.O_CREAT), (self.folder, os.O_RDONLY)):
                file = os.open(place, flags | os.O_CLOEXEC, 0o600)
                try:
                    os.fsync(file)
                finally:
                    os.close(file)
        except OSError as error:
            raise Failed(
                f"{self.folder} cannot be written ({error.strerror}), so no switch of the org is touched.",
                remedy="Make it writable, or read the consumer key in Setup and type it.",
                name="NotesUnwritable",
            ) from None

    def drop(self, org_id: str) -> None:
        """Forget an org."""
        self._path(org_id).unlink(missing_ok=True)

    def _path(self, org_id: str) -> Path:
        return self.folder / org_id
