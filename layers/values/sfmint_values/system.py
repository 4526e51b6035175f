"""Time and chance of the machine, and what else may stand in for them."""

import random
import time
from typing import Protocol

# ruff: noqa: TID251 - this is where time and chance come from


class Clock(Protocol):
    """Time."""

    def now(self) -> float:
        """Return epoch seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Chance(Protocol):
    """Chance."""

    def uniform(self, low: float, high: float) -> float:
        """Return a number between low and high."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Return epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class SystemChance:
    """The system's source of randomness; nothing is seeded, so a frozen copy of the process repeats nothing."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def uniform(self, low: float, high: float) -> float:
        """Return a number between low and high."""
        return self._random.uniform(low, high)
