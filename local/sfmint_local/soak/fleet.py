"""The execution environments under load: each is asked by one caller at a time, and suffers what the weather brings."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sfmint_local.environments import Environment, EnvironmentEndedError, Reply
from sfmint_local.soak.call import Call

_LONGEST_S = 90.0  # then nobody waits any more: the function's time is long up
_LOOK_S = 0.5
_LAST_S = 3.0  # for the answers that are under way when all is over
_REMEMBERED = 64

type Start = Callable[[], Started]


@dataclass(frozen=True, slots=True)
class Started:
    """An environment that was started, and whether it stops itself in the middle of its first login."""

    environment: Environment
    stops_itself: bool = False


@dataclass(slots=True, kw_only=True)
class _Frozen:
    began: float
    ended: float = math.inf


class Member:
    """A place in the fleet, held by one environment after the other.

    Args:
        name: of the place.
        start: starts an environment for it.
        over: set when the soak is over: answers are not waited for much longer.
        function: whose handler it has.
    """

    def __init__(self, name: str, start: Start, over: threading.Event, function: str = "token_broker") -> None:
        self.name = name
        self._start = start
        self._over = over
        self._function = function
        self._turn = threading.Lock()
        self._frozen: deque[_Frozen] = deque(maxlen=_REMEMBERED)
        self._now = start()

    def wait_ready(self) -> None:
        """Wait until its environment can be asked."""
        self._now.environment.wait_ready()

    def ask(self, connection: str, event: Mapping[str, Any], caller: str = "") -> Call | None:
        """Ask, and return the call; None where the environment was killed, or all is over, before there was an answer."""
        with self._turn:
            environment, began = self._now.environment, time.time()
            try:
                environment.begin({"connection": connection, **event}, function=self._function)
                reply = self._finish(environment, began)
            except EnvironmentEndedError:
                if not self._over.is_set():
                    self._now = self._start()
                return None
            if reply is None:
                return None
            ended = time.time()
            frozen_from, frozen_s = self._stood_still(began, ended)
            return Call(
                caller=caller or self.name,
                connection=connection,
                event=event,
                began=began,
                ended=ended,
                took_s=reply.took_s,
                frozen_from=frozen_from,
                frozen_s=frozen_s,
                answer=reply.answer,
            )

    def kill(self) -> None:
        """Kill the environment, in the middle of a call too; whoever asks next gets another one."""
        self._now.environment.kill()

    def set_clock(self, skew_s: float) -> None:
        """Set by how many seconds the clock is ahead, from the next call on."""
        self._now.environment.skew_s = skew_s

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the environment for the length of the block, unless it stops itself."""
        now = self._now
        if now.stops_itself:
            yield
            return
        with self._still(now.environment):
            now.environment.freeze()
            yield

    @contextmanager
    def stopped(self) -> Iterator[bool]:
        """Let an environment that has stopped itself go on after the block; tell whether it has."""
        now = self._now
        if not (now.stops_itself and _has_stopped(now.environment)):
            yield False
            return
        with self._still(now.environment):
            yield True
        if self._now is now:
            self._now = replace(now, stops_itself=False)

    @contextmanager
    def _still(self, environment: Environment) -> Iterator[None]:
        span = _Frozen(began=time.time())
        self._frozen.append(span)
        try:
            yield
        finally:
            environment.thaw()
            span.ended = time.time()

    def _finish(self, environment: Environment, began: float) -> Reply | None:
        while True:
            try:
                return environment.finish(_LOOK_S)
            except TimeoutError:
                _, frozen_s = self._stood_still(began, time.time())
                if self._over.is_set() and time.time() - began > _LAST_S:
                    return None
                if time.time() - began - frozen_s > _LONGEST_S:
                    environment.kill()
                    return Reply(answer={"errorType": "NoAnswer"}, took_s=time.time() - began, lines=[])

    def _stood_still(self, began: float, ended: float) -> tuple[float | None, float]:
        spans = [span for span in list(self._frozen) if span.began <= ended and span.ended >= began]
        still_s = sum(min(span.ended, ended) - max(span.began, began) for span in spans)
        return min((span.began for span in spans), default=None), still_s


def _has_stopped(environment: Environment) -> bool:
    try:
        environment.wait_frozen(timeout_s=0.0)
    except TimeoutError:
        return False
    return True
