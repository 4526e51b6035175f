"""What was built of a commit, before and when it comes to the place where people look for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from releasing import dist
from releasing.interrupts import uninterrupted
from releasing.record import Record


@dataclass(frozen=True, slots=True)
class Made:
    """A folder that was filled.

    Attributes:
        folder: where it is, until it is put somewhere.
        checksums: the digest of each file.
    """

    folder: Path
    checksums: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return what is in a folder that `dist.make` has filled."""
        return cls(folder, (folder / dist.CHECKSUMS).read_text("utf-8"))

    @property
    def record(self) -> Record:
        """What the tag of a release says of it."""
        return Record.of(self.checksums)

    def put(self, place: Path) -> None:
        """Move it to a place on the same disk. What is there goes beside the folder, to be removed; or nothing moves.

        Raises:
            OSError: it cannot be moved.
        """
        former = self.folder.with_name("former")
        with uninterrupted():
            if place.exists():
                place.rename(former)
            try:
                self.folder.rename(place)
            except OSError:
                if former.exists():
                    former.rename(place)
                raise
