"""The embedded Salesforce org as a process beside the embedded AWS; the package `org` is what runs in it."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sfmint_local.child import Child, Embedded, bare_environment
from sfmint_local.org.control_client import OrgControl


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedOrg(Embedded):
    """A running org."""

    @classmethod
    def start(cls, state: Path) -> Self:
        """Start it and does not wait for it. Its log is ``org.log`` in the folder ``state``."""
        folder = state / "org"
        folder.mkdir(mode=0o700)
        child = Child.start(
            "the embedded Salesforce org",
            [sys.executable, "-m", "sfmint_local.org", "--state", folder],
            environment=bare_environment(PYTHONUNBUFFERED="1"),
            log=state / "org.log",
            folder=folder,
        )
        return cls(_child=child, _folder=folder)

    def wait(self) -> OrgControl:
        """Wait until it answers and return what arranges it.

        Raises:
            LocalStackError: it does not answer.
        """
        self._child.wait_until((self._folder / "org.json").exists)
        return OrgControl.from_state(self._folder)
