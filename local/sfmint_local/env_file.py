"""The file that a terminal sources to use the local stack: there while it runs, and of one stack at a time."""

import fcntl
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sfmint_local import places
from sfmint_local.errors import LocalStackError

VARIABLE = "SFMINT_ENV_FILE"


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The file at a path."""

    path: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep it for the block and remove it afterwards; its lock ends with the process, however that ends.

        Raises:
            LocalStackError: another process holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f"{self.path.name}.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise self._taken(lock.read()) from None
            lock.truncate(0)
            print(os.getpid(), end="", file=lock, flush=True)
            try:
                yield
            finally:
                self.path.unlink(missing_ok=True)

    def write(self, variables: Mapping[str, str]) -> None:
        """Write the variables, for the owner's eyes only."""
        self.path.unlink(missing_ok=True)
        with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - with a mode
            file.write(_shell_text(variables))

    def _taken(self, pid: str) -> LocalStackError:
        return LocalStackError(
            f"A local stack runs already: process {pid} keeps {self.path}.",
            remedy=f"End it with Ctrl-C, use it as it is, or start this one beside it with a file of its own: "
            f"make local {VARIABLE}=.local/second",
        )


def _shell_text(variables: Mapping[str, str]) -> str:
    """Return what gives a shell the variables, and after its own programs ours: the SAM CLI and sfmint."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    programs = ":".join(str(python.parent) for python in (places.SAM, Path(sys.executable)))
    return "\n".join([*lines, f'export PATH="$PATH":{shlex.quote(programs)}', ""])
