"""A person's terminal at the root of a tree: commands of the pages are typed as they stand there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sfmint_local import places

_OWN = ("MAKE", "AWS_", "SFMINT_", "PYTEST")  # of the terminal that runs the tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A shell with the variables of the local stack, and a home of its own.

    Attributes:
        root: where it stands.
        home: the person's folder.
        variables: what points programs at the local stack.
        pages: whose commands are typed.
        here: what stands in the pages, and what is meant by it here.
        programs: a folder whose programs are found first; None: the environment's.
    """

    root: Path
    home: Path
    variables: Mapping[str, str]
    pages: tuple[str, ...]
    here: dict[str, str]
    programs: Path | None = None

    def type(self, command: str) -> str:
        """Type a command of the pages, and return what is printed."""
        return self.do(self.meant(command))

    def do(self, command: str) -> str:
        """Type a command, and return what is printed."""
        done = self._run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def is_refused(self, command: str) -> str:
        """Type a command that is refused, and return what is printed."""
        done = self._run(command)
        assert done.returncode != 0, f"{command}\n{done.stdout}"
        return done.stdout

    def meant(self, command: str) -> str:
        """Return what a command of the pages is here."""
        assert command in commands_of(self.pages), f"{command!r} stands in none of {self.pages}"
        said = sorted(map(re.escape, self.here), key=len, reverse=True)
        return re.sub("|".join(said), lambda found: self.here[found[0]], command)

    def _run(self, command: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
        environment = {
            **inherited,
            **self.variables,
            "AWS_CONFIG_FILE": "/dev/null",
            "CONFIRM": "no",
            "HOME": str(self.home),
            "PATH": ":".join(map(str, filter(None, (self.programs, Path(sys.executable).parent, os.environ["PATH"])))),
            "PYTHON": sys.executable,
            "TMPDIR": str(self.home),
        }
        return subprocess.run(
            ["/bin/bash", "-ec", command],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def commands_of(pages: Iterable[str]) -> set[str]:
    """Return the commands of make, sfmint and aws in pages: indented, in a block, or within a sentence."""
    found: set[str] = set()
    for page in pages:
        text = re.sub(r"\\\n\s*", "", (places.ROOT / page).read_text())
        found |= {line.strip() for line in re.findall(r"(?:^ *|`)((?:make|sfmint|aws) [^`\n]+)", text, re.MULTILINE)}
    return found
