"""What is in a file, which may be a pipe that nobody writes to."""

import errno
import os
import select
from pathlib import Path


def expanded(path: Path) -> Path:
    """Return a path with the home folder in place of ~; as it is where nobody knows that folder."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def content(path: Path, most: int, patience_s: float) -> bytes:
    """Return what is in a file.

    Args:
        path: of it.
        most: bytes that are read.
        patience_s: how long it may say nothing, in seconds.

    Raises:
        OSError: it cannot be read, or said nothing for that long.
    """
    if "\0" in str(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # or a pipe holds up whoever opens it
    try:
        found = b""
        while len(found) < most and (part := _next(file, most - len(found), patience_s)):
            found += part
        return found
    finally:
        os.close(file)


def _next(file: int, most: int, patience_s: float) -> bytes:
    if not select.select([file], [], [], patience_s)[0]:
        raise TimeoutError(errno.ETIMEDOUT, f"nothing was written to it within {patience_s:.0f} s")
    return os.read(file, most)
