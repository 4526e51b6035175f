"""Logins that this program makes from this machine: counted over all commands, and limited.

The logins that a command has the stack make (`connection add`, `import`, `refresh`) leave from the stack's address, and count in
its own budget.

A person who tries again and again can get the user's logins refused for an hour, or this machine's address blocked. The
budget of the stack's own logins is another one.

Source: Salesforce Help 000381578 (3,600 attempts for a user and hour) and 000212767 (addresses with many failed logins).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Self

from sfmint_cli import render
from sfmint_cli.result import Failed
from sfmint_cli.state_folder import state_folder
from sfmint_values.foreign import Foreign
from sfmint_values.system import Clock, SystemClock

MOST = 10  # logins
WITHIN_S = 600.0
_LONGEST_FILE = 4096  # bytes; MOST instants have some 200
_LONGEST_INSTANT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLogins:
    """When this program has logged in, by org and user: one file each, which only its owner reads.

    Attributes:
        folder: of the files; made where it is missing.
        clock: this machine's.
    """

    folder: Path
    clock: Clock

    @classmethod
    def of_this_user(cls) -> Self:
        """Return those of the person who runs this program."""
        return cls(folder=state_folder("logins"), clock=SystemClock())

    def count(self, token_host: str, username: str) -> None:
        """Count one login that is about to be tried, granted or not.

        A place that cannot be written is warned of, and keeps nobody from a login.

        Args:
            token_host: URL of the org, as the connection has it.
            username: of the user.

        Raises:
            Failed: this many were tried already.
        """
        try:
            with _held(self._path(token_host, username)) as file:
                since = _instants(os.read(file, _LONGEST_FILE), self.clock.now())
                if len(since) < MOST:
                    _write(file, [*since, self.clock.now()])
        except OSError as error:
            render.warn(f"This login is not counted: {self.folder} cannot be used ({error.strerror}).")
            return
        if len(since) >= MOST:
            raise _too_many(token_host, username, since[-MOST] + WITHIN_S - self.clock.now())

    def _path(self, token_host: str, username: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder / sha256(f"{token_host}\n{username}".lower().encode()).hexdigest()[:32]


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """Open a file that is one's own until the block ends: other runs wait."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _instants(content: bytes, now: float) -> list[float]:
    """Return the instants that still count, the oldest first; what is none, or is yet to come, counts for nothing."""
    words = content.decode("ascii", "replace").split()
    instants = (float(word) for word in words if _is_instant(word))
    return sorted(instant for instant in instants if now - WITHIN_S < instant <= now)


def _is_instant(word: Foreign) -> bool:
    return len(word) <= _LONGEST_INSTANT and word.replace(".", "", 1).isdecimal() and word.isascii()


def _write(file: int, instants: list[float]) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, "".join(f"{instant!r}\n" for instant in instants).encode(), 0)


def _too_many(token_host: str, username: str, wait_s: float) -> Failed:
    minutes = max(1, ceil(wait_s / 60))
    return Failed(
        f"sfmint has logged in {MOST} times as {username} at {token_host} from this machine in"
        f" {WITHIN_S / 60:.0f} minutes; Salesforce may block an address, good logins included, after many that failed.",
        remedy=f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, and put right meanwhile what the last refusal named.",
        name="TooManyLogins",
    )
