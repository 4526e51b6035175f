"""What happens to the processes: they are killed, they freeze, their clocks are off; and the machine may be too slow."""

import random
import threading
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress

from sfmint_local.soak.fleet import Member
from sfmint_local.soak.history import History, Trouble
from sfmint_local.soak.judge import SKEW_S

_BROKEN_OFF = {"CacheUnavailable": 75.0, "SalesforceUnavailable": 75.0, "RefreshInProgress": 45.0}
_FREEZE_S = ((0.1, 1.5), (1.5, 8.0), (21.0, 25.0))  # the last is longer than a lease
_FREEZE_EVERY_S = (0.5, 3.0)
_STRIKE_EVERY_S = (0.5, 3.0)
_WAKES_S = 0.1
_BEAT_S = 0.2
_SLOW_S = 0.4


class _Troubles:
    """What happens to one member of the fleet after the other.

    Args:
        members: the fleet.
        history: is told of every trouble.
        chance: what comes next.
    """

    def __init__(self, members: Sequence[Member], *, history: History, chance: random.Random) -> None:
        self._members = members
        self._history = history
        self._chance = chance


class Freezer(_Troubles):
    """Freezes one environment after the other, and thaws it."""

    def blow(self, calm: threading.Event) -> None:
        """Freeze until it shall be calm."""
        while not calm.wait(self._chance.uniform(*_FREEZE_EVERY_S)):
            member = self._chance.choice(self._members)
            (span,) = self._chance.choices(_FREEZE_S, (5, 3, 1))
            with self._history.trouble("process frozen", _BROKEN_OFF), member.frozen():
                calm.wait(self._chance.uniform(*span))


class Killer(_Troubles):
    """Kills environments, and sets their clocks wrong."""

    def blow(self, calm: threading.Event) -> None:
        """Strike until it shall be calm."""
        while not calm.wait(self._chance.uniform(*_STRIKE_EVERY_S)):
            member = self._chance.choice(self._members)
            if self._chance.random() < 0.5:
                with self._history.trouble("process killed", {"RefreshInProgress": 45.0}):
                    member.kill()
            else:
                with self._history.trouble("clock set wrong", {}):
                    member.set_clock(self._chance.uniform(-SKEW_S, SKEW_S))


class Waker:
    """Lets environments go on that have stopped themselves in the middle of a login: after a while, and soon in a calm.

    Args:
        member: which one it looks after.
        calm: set in a calm.
        history: is told of every trouble.
        chance: how long they stand still.
    """

    def __init__(self, member: Member, calm: threading.Event, *, history: History, chance: random.Random) -> None:
        self._member = member
        self._calm = calm
        self._history = history
        self._chance = chance

    def run(self, over: threading.Event) -> None:
        """Look until it is over."""
        while not over.wait(_WAKES_S):
            with self._member.stopped() as has_stopped:
                if has_stopped:
                    (span,) = self._chance.choices(_FREEZE_S, (1, 1, 4))
                    with self._history.trouble("process frozen", _BROKEN_OFF):
                        self._calm.wait(self._chance.uniform(*span))


class Pulse:
    """Notices when this machine is too slow for time-outs of a second: whatever fails then fails by itself.

    Args:
        url: answers at once while the machine has time.
        history: is told.
    """

    def __init__(self, url: str, history: History) -> None:
        self._url = url
        self._history = history
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def run(self, over: threading.Event) -> None:
        """Beat until it is over."""
        while not over.is_set():
            began = time.time()
            over.wait(_BEAT_S)
            with suppress(OSError), self._opener.open(self._url, timeout=30) as answer:
                answer.read()
            ended = time.time()
            if ended - began > _BEAT_S + _SLOW_S:
                trouble = Trouble(kind="slow machine", explains=_BROKEN_OFF, hides_store=True, began=began, ended=ended)
                self._history.note(trouble)
