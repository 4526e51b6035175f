"""The watch: how all connections are, counted for alarms. It reads rows and notes, and neither a secret nor a sealed copy's content."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint.aws_access.budget import LOOK_S
from sfmint.errors import CacheUnavailable
from sfmint.ports import Ports
from sfmint.request import WatchRequest
from sfmint.row import health, looks
from sfmint.row.rejections import breaker_is_open
from sfmint.row.row import CacheRow
from sfmint.telemetry.operators import Watched
from sfmint.use_cases.look import look
from sfmint_values.connection_name import is_admin
from sfmint_values.exits import as_far_as_possible

WATCH_S = 40.0  # for all that a run asks of AWS
LONGEST_GAP_S = 900.0  # between two runs; the template's schedule has one every five minutes
OVERLOOKED, FAILING, BREAKER_OPEN = "overlooked", "failing", "breaker_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Looks at all rows of a stack.

    Attributes:
        ports: the world.
        interval_s: seconds between two refreshes of the schedule; 0 where there is none.
    """

    ports: Ports
    interval_s: float

    def run(self, request: WatchRequest) -> dict[str, Any]:
        """Count what alarms stand on, and answer the same with the connections' names."""
        with self.ports.budget.share(WATCH_S):
            rows = {name: self._row(name) for name in request.connections}
            overlooked = self._overlooked([name for name in rows if not is_admin(name)]) if self.interval_s else []
        now = self.ports.clock.now()
        found = {
            OVERLOOKED: overlooked,
            FAILING: [name for name, row in rows.items() if row is None or self._is_failing(name, row, now)],
            BREAKER_OPEN: [name for name, row in rows.items() if row and breaker_is_open(row, now)],
        }
        ages = [health.age_percent(row, now) for name, row in rows.items() if row and not is_admin(name)]
        watched = Watched(
            connection=request.connection,
            overlooked=len(overlooked),
            failing=len(found[FAILING]),
            breakers_open=len(found[BREAKER_OPEN]),
            oldest=max(ages, default=0),
            concerned=_told(found),
        )
        self.ports.telemetry.emit(watched)
        return {"connections": found, "token_age_percent": watched.oldest}

    def _is_failing(self, name: str, row: CacheRow, now: float) -> bool:
        """Return whether logins fail; where nobody refreshes ahead, only while that is remembered."""
        return row.is_failing(now) if is_admin(name) else health.is_failing(row, now, self.interval_s)

    def _row(self, name: str) -> CacheRow | None:
        """Return a row; None where it cannot be read."""
        return self._asked(lambda: look(self.ports, name).row, otherwise=None)

    def _overlooked(self, names: Collection[str]) -> list[str]:
        """Return the connections at which the schedule does not look, and note which ones the watch has seen."""
        now, store = self.ports.clock.now(), self.ports.store
        known = looks.known(self._asked(lambda: store.read(looks.WATCH_KEY), otherwise=None), now, LONGEST_GAP_S)
        found = [name for name in names if name in known and self._is_overlooked(name, now)]
        with as_far_as_possible():  # what is not noted is new once more
            for name in names:
                if name not in known:
                    store.write(looks.look_key(name), looks.note_new(now))
            store.write(looks.WATCH_KEY, looks.note_watch(now, names))
        return found

    def _is_overlooked(self, name: str, now: float) -> bool:
        """Return whether nobody looks at it; where the note cannot be read, the row cannot be either, and that is told."""
        store, key = self.ports.store, looks.look_key(name)
        return self._asked(lambda: looks.is_overlooked(store.read(key), now, self.interval_s), otherwise=False)

    def _asked[Answer](self, ask: Callable[[], Answer], *, otherwise: Answer) -> Answer:
        """Return what the store answers within one look's time, or something else where it does not."""
        with suppress(CacheUnavailable):
            if self.ports.budget.left_s() > 0:
                with self.ports.budget.share(LOOK_S):
                    return ask()
        return otherwise


def _told(found: Mapping[str, Collection[str]]) -> str:
    """Return each connection that is counted, with what it is counted in."""
    names = sorted({name for some in found.values() for name in some})
    return ", ".join(f"{name} ({', '.join(what for what in found if name in found[what])})" for name in names)
