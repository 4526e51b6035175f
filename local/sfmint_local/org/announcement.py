"""Where a running org tells that it is there: ``org.json`` in its state directory."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

_NAME = "org.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An org that listens.

    Attributes:
        url: its origin: token host, audience and instance URL in one.
        ca: the file with its certificate authority, PEM.
        control_token: what opens the control interface.
    """

    url: str
    ca: str
    control_token: str = field(repr=False)

    def write(self, state: Path) -> None:
        """Write it whole or not at all, for the owner's eyes only."""
        with NamedTemporaryFile("w", dir=state, prefix=f".{_NAME}.", delete=False) as draft:
            json.dump(asdict(self), draft)
        Path(draft.name).replace(state / _NAME)

    @classmethod
    def read(cls, state: Path) -> Self:
        """Read it.

        Raises:
            FileNotFoundError: no org listens for this directory.
        """
        return cls(**json.loads((state / _NAME).read_text()))

    @staticmethod
    def withdraw(state: Path) -> None:
        """Remove it, so that nobody looks for an org that has ended."""
        (state / _NAME).unlink(missing_ok=True)
