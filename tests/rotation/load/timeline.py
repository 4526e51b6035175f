"""One time for many: whoever waits lets those go on whose time has come, always in the same order."""

import heapq
from collections.abc import Callable
from itertools import count

from greenlet import getcurrent, greenlet

from sfmint_testing.fakes import FakeClock


class Timeline(FakeClock):
    """A clock on which agents live: each runs until it waits, and goes on when that is over."""

    def __init__(self) -> None:
        super().__init__()
        self._main = getcurrent()
        self._waiting: list[tuple[float, int, greenlet]] = []
        self._number = count()

    def begin(self, live: Callable[[], None], *, after_s: float = 0.0) -> None:
        """Let an agent begin; what it raises ends the whole run."""
        self._wait_for(self.time + after_s, greenlet(live, parent=self._main))

    def sleep(self, seconds: float) -> None:
        """Let the others live until the seconds are over."""
        if getcurrent() is self._main:
            self.run_until(self.time + seconds)
            return
        self._wait_for(self.time + seconds, getcurrent())
        self._main.switch()

    def run_until(self, end: float) -> None:
        """Let all live until an instant, epoch seconds."""
        while self._waiting and self._waiting[0][0] <= end:
            self.time, _, agent = heapq.heappop(self._waiting)
            agent.switch()
        self.time = end

    def _wait_for(self, instant: float, agent: greenlet) -> None:
        heapq.heappush(self._waiting, (instant, next(self._number), agent))
