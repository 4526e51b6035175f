"""How much of the function's own time is left; what begins must also end in it."""

from sfmint_values.system import Clock


class Deadline:
    """The end of an invocation.

    Args:
        clock: measures.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends_at = 0.0

    def begin(self, remaining_s: float) -> None:
        """Note how many seconds are left now."""
        self._ends_at = self._clock.monotonic() + remaining_s

    def left_s(self) -> float:
        """Return how many are left by now, never less than none."""
        return max(0.0, self._ends_at - self._clock.monotonic())
