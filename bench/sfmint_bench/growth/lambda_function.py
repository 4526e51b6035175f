"""Lambda's side of a function: which execution environment an invocation meets, and what the account pays for."""

import heapq
import math
from collections import deque
from collections.abc import Callable
from itertools import count

MEMORY_GB = 0.5  # the template's MemorySize
START_S = 0.5  # assumed: the init phase of an environment, which is billed
IDLE_S = 300.0  # assumed: an environment that nobody has needed for so long is gone


class LambdaFunction[Environment]:
    """A function in as many environments as are busy at once; a free one is taken up again, the last used first.

    Args:
        start: makes an environment.

    Attributes:
        invocations: since `clear`.
        starts: environments that were started since `clear`.
        most: environments that there were at once, since `clear`.
        billed_s: seconds since `clear`.
    """

    def __init__(self, start: Callable[[], Environment]) -> None:
        self._start = start
        self._free: deque[tuple[float, Environment]] = deque()  # since when, the longest first
        self._busy: list[tuple[float, int, Environment]] = []  # until when
        self._numbers = count()
        self.clear()

    def clear(self) -> None:
        """Counts anew."""
        self.invocations = self.starts = self.most = 0
        self.billed_s = 0.0

    def invoke[Answer](self, at: float, ask: Callable[[Environment], tuple[Answer, float]]) -> Answer:
        """Has an environment answer.

        Args:
            at: the instant; never before an earlier one.
            ask: gets the answer, and how many seconds it takes.
        """
        environment, took_s = self._take(at)
        answer, answered_s = ask(environment)
        took_s += answered_s
        heapq.heappush(self._busy, (at + took_s, next(self._numbers), environment))
        self.invocations += 1
        self.billed_s += math.ceil(took_s * 1000) / 1000
        self.most = max(self.most, len(self._free) + len(self._busy))
        return answer

    def _take(self, at: float) -> tuple[Environment, float]:
        while self._busy and self._busy[0][0] <= at:
            since, _, environment = heapq.heappop(self._busy)
            self._free.append((since, environment))
        while self._free and at - self._free[0][0] > IDLE_S:
            self._free.popleft()
        if self._free:
            return self._free.pop()[1], 0.0
        self.starts += 1
        return self._start(), START_S
