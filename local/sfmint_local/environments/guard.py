"""A small process that clears up after us if we are killed: it waits for the end of a pipe that only we hold."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sfmint_local.child import bare_environment


@contextmanager
def guarded(folder: Path, *leaders: int) -> Iterator[None]:
    """End process groups and remove a folder if this process does not live to the end of the block.

    Args:
        folder: is removed.
        leaders: process ids of the groups' leaders.
    """
    guard = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()", folder, *map(str, leaders)],
        stdin=subprocess.PIPE,
        env=bare_environment(),
        start_new_session=True,  # whatever ends us does not end it
    )
    try:
        yield
    finally:
        guard.communicate(b"all is well\n")


def main() -> None:
    """Wait, and clear up unless it is told that all is well."""
    folder, *leaders = sys.argv[1:]
    if sys.stdin.readline():
        return
    for leader in leaders:
        with suppress(ProcessLookupError):
            os.killpg(int(leader), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
