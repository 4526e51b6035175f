"""Looks for secrets in the log lines of the environments, as they grow."""

import re
from collections.abc import Iterator
from pathlib import Path

from sfmint_local.promises import Promise
from sfmint_local.soak.call import WrongAnswer

_SHAPES = {
    "an access token": re.compile(rb"00D\w{12}!"),
    "an assertion, or a token that is a JWT": re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|MII[A-Za-z0-9+/]{60}"),
}


class LogScan:
    """Reads each line once.

    Args:
        folder: with the logs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_to: dict[Path, int] = {}

    def look(self) -> list[WrongAnswer]:
        """Return what stands in the lines that are new."""
        return [
            WrongAnswer(promise=Promise.HIDDEN, detail=f"{what} in {log.name}")
            for log in sorted(self._folder.glob("*.log"))
            for what in self._found_in(log)
        ]

    def _found_in(self, log: Path) -> Iterator[str]:
        with log.open("rb") as lines:
            lines.seek(self._read_to.get(log, 0))
            said = lines.read()
        whole = said[: said.rfind(b"\n") + 1]
        self._read_to[log] = self._read_to.get(log, 0) + len(whole)
        return (what for what, shape in _SHAPES.items() if shape.search(whole))
