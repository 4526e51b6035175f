"""Processes, as a test sees them from outside."""

import os
import time
from collections.abc import Sequence
from pathlib import Path


def has_ended(pid: int) -> bool:
    """Tells whether a process has ended, and gives a killed one the moment that it needs."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def in_the_background(command: Sequence[str | Path]) -> list[str]:
    """Returns what starts a command as a shell does in the background: with SIGINT ignored."""
    return ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *map(str, command)]
