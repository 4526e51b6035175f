"""Time, chance and environment of the machine."""

import os
import random
import time
from typing import Protocol

# ruff: noqa: TID251 - this is where time, chance and the environment come from


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
    """The system's source of randomness: a frozen and copied process repeats nothing."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def uniform(self, low: float, high: float) -> float:
        """Return a number between low and high."""
        return self._random.uniform(low, high)


def stack_of_environment() -> str | None:
    """Return the stack's name that the environment gives."""
    return os.environ.get("SFMINT_STACK") or None


def region_of_environment() -> str | None:
    """Return the region as Lambda and most SDKs name it; botocore itself reads AWS_DEFAULT_REGION only."""
    return os.environ.get("AWS_REGION") or None
