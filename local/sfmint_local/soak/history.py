"""What was done to the stack, and when: the troubles that were made, the tokens that were dropped. Any thread may write."""

import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sfmint_local.promises import WINDOW_S
from sfmint_local.soak.call import Call

REPORTS_COUNT_S = WINDOW_S + 6.0  # and clocks that are off

type Explains = Mapping[str, float]


@dataclass(slots=True, kw_only=True)
class Trouble:
    """Something that failed, or was made to. Instants are epoch seconds.

    Attributes:
        kind: its name.
        explains: the errors that it may cause, and for how many seconds after its end.
        connection: whose; None: everybody's.
        hides_store: whoever asks may not get to see the row meanwhile.
        outlives_flush: a flush does not end what it has caused.
        began: when it began.
        ended: when it ended.
    """

    kind: str
    explains: Explains
    connection: str | None = None
    hides_store: bool = False
    outlives_flush: bool = False
    began: float = field(default_factory=time.time)
    ended: float = math.inf

    def concerns(self, call: Call, lingers_s: float = 0.0) -> bool:
        """Tell whether it was there during a call, or had ended shortly before."""
        ours = self.connection is None or self.connection == call.connection
        return ours and self.began <= call.ended and call.began <= self.ended + lingers_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A token was dropped: what had been issued before `sent` is not served again long after `acknowledged`.

    Attributes:
        fingerprint: which; None: whatever stood there, by a flush.
    """

    fingerprint: str | None
    sent: float
    acknowledged: float


class History:
    """All of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._troubles: list[Trouble] = []
        self._drops: defaultdict[str, list[Drop]] = defaultdict(list)
        self._reports: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def trouble(
        self, kind: str, explains: Explains, *, connection: str | None = None, hides_store: bool = False
    ) -> Iterator[None]:
        """Note a trouble for the length of the block."""
        trouble = Trouble(kind=kind, explains=explains, connection=connection, hides_store=hides_store)
        self.note(trouble)
        try:
            yield
        finally:
            trouble.ended = time.time()

    def note(self, trouble: Trouble) -> None:
        """Note a trouble."""
        with self._lock:
            self._troubles.append(trouble)

    def note_report(self, connection: str) -> None:
        """Note that a caller is about to report a token as rejected."""
        with self._lock:
            self._reports[connection].append(time.time())

    def note_drop(self, connection: str, drop: Drop) -> None:
        """Note that a token was dropped, and that this was acknowledged."""
        with self._lock:
            self._drops[connection].append(drop)

    def explains(self, error: str, call: Call) -> bool:
        """Tell whether a trouble explains an error."""
        return any(self._explains(trouble, error, call) for trouble in self._all_troubles())

    def hides_store(self, call: Call) -> bool:
        """Tell whether the environment of a call may not have got to see the row."""
        return any(trouble.hides_store and trouble.concerns(call) for trouble in self._all_troubles())

    def names(self, call: Call, kind: str) -> bool:
        """Tell whether a trouble of a kind was there during a call."""
        return any(trouble.kind == kind and trouble.concerns(call) for trouble in self._all_troubles())

    def others_reported(self, call: Call) -> bool:
        """Tell whether another report than the call's own was sent before, or meanwhile."""
        with self._lock:
            reports = self._reports[call.connection]
            counting = [sent for sent in reports if call.began - REPORTS_COUNT_S <= sent <= call.ended]
        return len(counting) > 1

    def drops(self, connection: str) -> list[Drop]:
        """Return the drops of a connection, the latest first."""
        with self._lock:
            return self._drops[connection][::-1]

    def current(self) -> list[str]:
        """Return the kinds of trouble that there are now."""
        return [trouble.kind for trouble in self._all_troubles() if trouble.ended == math.inf]

    def counts(self) -> Counter[str]:
        """Return how often there was each kind of trouble."""
        return Counter(trouble.kind for trouble in self._all_troubles())

    def _all_troubles(self) -> list[Trouble]:
        with self._lock:
            return self._troubles[::-1]

    def _explains(self, trouble: Trouble, error: str, call: Call) -> bool:
        lingers_s = trouble.explains.get(error)
        if lingers_s is None or not trouble.concerns(call, lingers_s):
            return False
        return trouble.concerns(call) or trouble.outlives_flush or not self._is_forgotten(trouble, call)

    def _is_forgotten(self, trouble: Trouble, call: Call) -> bool:
        """Tell whether the connection was flushed between the end of a trouble and a call: what failed is forgotten."""
        flushes = (drop for drop in self.drops(call.connection) if drop.fingerprint is None)
        return any(flush.sent > trouble.ended and flush.acknowledged < call.began for flush in flushes)
