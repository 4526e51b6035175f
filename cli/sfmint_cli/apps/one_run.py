"""One run at a time for each app, on this machine: two would write the same key pair, and deploy over each other."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sfmint_cli import render
from sfmint_cli.result import Failed


@contextmanager
def alone(folder: Path, run: str) -> Iterator[None]:
    """Hold a run until the block ends; a process that ends in any way lets go of it.

    A place that cannot be written is warned of, and keeps nobody from a run.

    Args:
        folder: of the files that are held; made where it is missing.
        run: what it makes, and where.

    Raises:
        Failed: another one is under way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / run, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        render.warn(f"Nothing keeps a second run from the same app: {folder} cannot be used ({error.strerror}).")
        yield
        return
    try:
        _hold(file)
        yield
    finally:
        os.close(file)


def _hold(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failed(
            "Another run of this command makes the same app at this moment.",
            remedy="Wait for its end, then run this again: it goes on where that one has ended.",
            name="RunUnderWay",
        ) from None
