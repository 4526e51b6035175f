"""How long AWS may be asked, by the wall clock: a step of a request has a share of time, which all of its calls use up.

The code that knows what a step is worth opens a share around it (`with budget.share(4.0):`); the code that sends a request
asks what is left. So a slow answer may take what a quick one has spared, and nothing takes longer than its step.
"""

from math import inf
from threading import local

from sfmint_values.system import Clock

CALL_S = 3.0  # one request to AWS, with all of its repetitions
LOOK_S = 2.0  # one look at the row, where somebody waits who can be served without it
FEW_TRIES = 2  # there: a connection that has died meanwhile is made anew


class Share:
    """So many seconds for all that is asked inside; inside another share no longer than that.

    Args:
        budget: whose calls it limits.
        seconds: from when it is first entered; entered again, it goes on with what is left.
        tries: how often one request is sent at most.
    """

    def __init__(self, budget: "Budget", seconds: float, tries: float) -> None:
        self._budget = budget
        self._seconds = seconds
        self._own_end: float | None = None
        self._own_tries = tries
        self._outer: Share | None = None
        self.ends_at = inf
        self.tries = tries

    def __enter__(self) -> None:
        """Begin, or go on."""
        if self._own_end is None:
            self._own_end = self._budget.clock.monotonic() + self._seconds
        self._outer = self._budget.opened.share
        self.ends_at, self.tries = self._own_end, self._own_tries
        if self._outer is not None:
            self.ends_at = min(self.ends_at, self._outer.ends_at)
            self.tries = min(self.tries, self._outer.tries)
        self._budget.opened.share = self

    def __exit__(self, *_: object) -> None:
        """Go back to the share around it."""
        self._budget.opened.share = self._outer


class _Opened(local):
    """The innermost share that a thread has entered."""

    share: Share | None = None


class Budget:
    """The time that one execution environment has for AWS; each thread has shares of its own.

    Args:
        clock: measures it.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.opened = _Opened()

    def share(self, seconds: float, *, tries: float = inf) -> Share:
        """Return a share, to be entered: `with budget.share(4.0): ...`.

        Args:
            seconds: how long it lasts.
            tries: how often one request is sent at most, in any case.
        """
        return Share(self, seconds, tries)

    def left_s(self) -> float:
        """Return for how many seconds AWS may still be asked; nothing or less: no more."""
        share = self.opened.share
        return CALL_S if share is None else share.ends_at - self.clock.monotonic()

    def tries(self) -> float:
        """Return how often one request may be sent."""
        share = self.opened.share
        return inf if share is None else share.tries
