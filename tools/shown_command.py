"""Commands that take a while: a dot on the terminal for each second, and what they say only where they fail."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile


class Failed(Exception):  # noqa: N818 - what the command has
    """A command failed; the text is what it said."""

    @property
    def reason(self) -> str:
        """The last line, which names the cause."""
        lines = str(self).split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
        for mark in ("cause: ", "error: ", "ERROR: "):
            last = last.removeprefix(mark)
        return last


def say(text: str) -> None:
    """Write to the terminal, and end no line."""
    print(text, end="", file=sys.stderr, flush=True)


def run(command: Sequence[str], variables: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
    """Run a command to its end.

    Args:
        command: the program and its arguments.
        variables: its environment; ours by default.
        folder: in which it runs; ours by default.

    Raises:
        Failed: it failed, or there is no such program.
    """
    with TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=variables,
                cwd=folder,
                start_new_session=True,  # whatever it starts ends with it
            )
        except OSError as error:
            raise Failed(str(error)) from None
        try:
            while _runs(process):
                say(".")
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode:
            said.seek(0)
            raise Failed(said.read().decode(errors="replace"))


def _runs(process: subprocess.Popen[bytes]) -> bool:
    """Tell, after a second at most, whether a process runs."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)
    return process.returncode is None
