"""Those who call the keeper: the schedule, which refreshes ahead, and the operator, who flushes."""

import random
import threading
import time
from collections.abc import Callable, Sequence

from sfmint_local.soak.call import Call
from sfmint_local.soak.fleet import Member
from sfmint_local.soak.plan import Pace

REFRESH_EVERY_S = 2.0
_FLUSH_TRIES = 20
_AGAIN_S = 0.3

type Hear = Callable[[Call | None], object]


class Schedule:
    """Refreshes one connection after the other.

    Args:
        keeper: whom it calls.
        connections: which.
        hear: is told of each call.
    """

    def __init__(self, keeper: Member, connections: Sequence[str], hear: Hear) -> None:
        self._keeper = keeper
        self._connections = connections
        self._hear = hear

    def run(self, over: threading.Event) -> None:
        """Call until it is over."""
        while True:
            for connection in self._connections:
                if over.wait(REFRESH_EVERY_S):
                    return
                self._hear(self._keeper.ask(connection, {"action": "refresh"}))


class Operator:
    """Flushes: now and then one of the connections, and one of them all the time, which spends its budget.

    Args:
        keeper: whom it calls.
        connections: those that are flushed now and then.
        spender: the one that is flushed all the time.
        pace: how often.
        chance: where its whims come from.
        hear: is told of each call.
    """

    def __init__(
        self,
        keeper: Member,
        connections: Sequence[str],
        spender: str,
        *,
        pace: Pace,
        chance: random.Random,
        hear: Hear,
    ) -> None:
        self._keeper = keeper
        self._connections = connections
        self._spender = spender
        self._pace = pace
        self._chance = chance
        self._hear = hear

    def run(self, over: threading.Event) -> None:
        """Flush until it is over."""
        next_one = time.monotonic() + self._chance.uniform(*self._pace.flush_every_s)
        while not over.wait(self._pace.spend_every_s):
            self._ask(self._spender)
            if time.monotonic() >= next_one:
                self._ask(self._chance.choice(self._connections))
                next_one = time.monotonic() + self._chance.uniform(*self._pace.flush_every_s)

    def flush(self, connection: str) -> bool:
        """Flush a connection until that is acknowledged, and tell whether it was."""
        for _ in range(_FLUSH_TRIES):
            call = self._ask(connection)
            if call is not None and call.error is None:
                return True
            time.sleep(_AGAIN_S)
        return False

    def flush_all(self) -> None:
        """Flush every connection."""
        for connection in (*self._connections, self._spender):
            self.flush(connection)

    def _ask(self, connection: str) -> Call | None:
        call = self._keeper.ask(connection, {"action": "flush"})
        self._hear(call)
        return call
