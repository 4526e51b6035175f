"""Processes that we start: each leads a group of its own and writes to a log, and its whole group ends with it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import deferred

_POLL_S = 0.05
_TAIL_LINES = 15


def bare_environment(**variables: str) -> dict[str, str]:
    """Return an environment of the named variables and no others of ours than where programs and home are."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**inherited, **variables}


@dataclass(frozen=True, slots=True)
class Child:
    """A running process.

    Attributes:
        name: what a person calls it.
        log: the file that holds all it says.
        process: the leader of the process group.
    """

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls, name: str, command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path, folder: Path
    ) -> Self:
        """Start a command in a folder. Whoever does so under `deferred` cannot lose it to a Ctrl-C.

        Raises:
            LocalStackError: there is no such program.
        """
        try:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    cwd=folder,
                    start_new_session=True,  # a Ctrl-C at the terminal reaches us alone, and we end it in order
                )
        except OSError as error:
            raise LocalStackError(
                f"{name} cannot start: {error}.", remedy="Run `make setup`, then try again."
            ) from None
        return cls(name, log, process)

    @classmethod
    def run(
        cls, name: str, command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path, folder: Path
    ) -> None:
        """Run a command in a folder to its end, or end it with us.

        Raises:
            LocalStackError: it failed; the message holds the end of its log.
        """
        child = None
        try:
            with deferred():
                child = cls.start(name, command, environment=environment, log=log, folder=folder)
            status = child.process.wait()
        finally:
            if child is not None:
                child.stop()
        if status:
            raise child.failure(f"failed with status {status}")

    def wait_until(self, is_ready: Callable[[], bool], *, within_s: float = 60.0) -> None:
        """Wait until the process answers.

        Raises:
            LocalStackError: it ended, or took too long; the message holds the end of its log.
        """
        last = time.monotonic() + within_s
        while not is_ready():
            if not self.is_alive:
                raise self.failure(f"ended with status {self.process.returncode}")
            if time.monotonic() > last:
                raise self.failure(f"did not answer within {within_s:.0f} s")
            time.sleep(_POLL_S)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self, *, grace_s: float = 5.0) -> None:
        """End the process, first politely, then it and whatever it started by force."""
        try:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace_s)
        finally:
            with suppress(ProcessLookupError, PermissionError):  # macOS answers the latter for a group of zombies
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def failure(self, what: str) -> LocalStackError:
        """Return the error that says what became of the process; it holds the end of the log."""
        tail = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        said = "".join(f"\n  {line}" for line in tail)
        return LocalStackError(f"{self.name} {what}.", remedy=f"See the end of {self.log}:{said}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A process that runs for as long as a stack does, in a folder that goes with it."""

    _child: Child
    _folder: Path

    @property
    def pid(self) -> int:
        """The process id, which is also its process group."""
        return self._child.process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._child.is_alive

    def stop(self) -> None:
        """End it and all that it has started, and remove its files."""
        try:
            self._child.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
