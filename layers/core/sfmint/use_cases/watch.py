"""The watch: how all connections are, counted for alarms. It reads rows and notes, and neither a secret nor a sealed copy's content."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint.aws_access.budget import Share
from sfmint.errors import CacheUnavailable
from sfmint.lifetime import days_left
from sfmint.ports import Ports
from sfmint.request import WatchRequest
from sfmint.row import health, looks
from sfmint.row.conditional_write import Item
from sfmint.row.rejections import breaker_is_open
from sfmint.row.row import CacheRow
from sfmint.telemetry.operators import Watched
from sfmint.use_cases.brief_look import briefly
from sfmint.use_cases.look import look
from sfmint_values.connection_name import is_admin
from sfmint_values.exits import as_far_as_possible

READ_S, NOTE_S = 30.0, 10.0  # for all that a run reads, and then for all that it notes
OVER = 100  # percent of its life that a token has used up at least, once it is over
LONGEST_GAP_S = (
    900.0  # between two runs, if ticks are no further apart; the template's schedule has one every five minutes
)
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
        reading = self.ports.budget.share(READ_S)
        with reading:
            rows = {name: self._row(name) for name in request.connections}
        refreshed = {name: row for name, row in rows.items() if not is_admin(name)}
        notes = self._notes(refreshed, reading) if self.interval_s else {}
        now = self.ports.clock.now()
        overlooked = [name for name, note in notes.items() if looks.is_overlooked(note, now, self.interval_s)]
        found = {
            OVERLOOKED: overlooked,
            FAILING: [name for name, row in rows.items() if row is None or self._is_failing(name, row, now)],
            BREAKER_OPEN: [name for name, row in rows.items() if row and breaker_is_open(row, now)],
        }
        ages = [self._age_percent(row, notes.get(name), now) for name, row in refreshed.items() if row]
        watched = Watched(
            connection=request.connection,
            overlooked=len(overlooked),
            failing=len(found[FAILING]),
            breakers_open=len(found[BREAKER_OPEN]),
            oldest=max(ages, default=0),
            certificate_days_left=_days_left(refreshed.values(), now),
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

    def _age_percent(self, row: CacheRow, note: Item | None, now: float) -> int:
        """Return how old a token is; one that is over counts where the schedule should have replaced it."""
        if not health.is_over(row, now):
            return health.age_percent(row, now)
        return OVER if self.interval_s and not looks.is_new(note, now, self.interval_s) else 0

    def _notes(self, rows: Mapping[str, CacheRow | None], reading: Share) -> dict[str, Item | None]:
        """Return the notes of connections, and note which ones the watch has not seen before."""
        now, store = self.ports.clock.now(), self.ports.store
        gap_s = max(LONGEST_GAP_S, self.interval_s)  # a shorter one hides one tick at most
        with reading:
            known = self._asked(lambda: looks.known(store.read(looks.WATCH_KEY), now, gap_s), otherwise=None)
            seen = rows.keys() if known is None else known  # what cannot be read makes nothing new
            new = looks.note_new(now).assign
            notes = {name: self._note(name, row, now) if name in seen else new for name, row in rows.items()}
        if known is not None:
            with self.ports.budget.share(NOTE_S):
                self._note_all(rows.keys() - known, rows.keys() & known, now)
        return notes

    def _note(self, name: str, row: CacheRow | None, now: float) -> Item | None:
        """Return a connection's note; one that cannot be read is none, where not even the row can be read a new one.

        So nobody takes silence for a look, and a row that cannot be read is told once, as one that fails.
        """
        unread: Item | None = None if row else looks.note_new(now).assign
        return self._asked(lambda: self.ports.store.read(looks.look_key(name)), otherwise=unread)

    def _note_all(self, new: Collection[str], known: Collection[str], now: float) -> None:
        """Note that connections are new, as far as possible: the next run goes on with the others."""
        store, noted = self.ports.store, set(known)
        with as_far_as_possible():
            for name in sorted(new):
                store.write(looks.look_key(name), looks.note_new(now))
                noted.add(name)
        with as_far_as_possible():
            if noted:
                store.write(looks.WATCH_KEY, looks.note_watch(now, noted))

    def _asked[Answer](self, ask: Callable[[], Answer], *, otherwise: Answer) -> Answer:
        """Return what the store answers within one look's time, or something else where it does not."""
        with suppress(CacheUnavailable):
            return briefly(self.ports, ask)
        return otherwise


def _days_left(rows: Collection[CacheRow | None], now: float) -> int | None:
    """Return in how many whole days the first certificate ends; None: no row knows of one."""
    ends = [row.certificate_until for row in rows if row and row.certificate_until is not None]
    return days_left(min(ends), now) if ends else None


def _told(found: Mapping[str, Collection[str]]) -> str:
    """Return each connection that is counted, with what it is counted in."""
    names = sorted({name for some in found.values() for name in some})
    return ", ".join(f"{name} ({', '.join(what for what in found if name in found[what])})" for name in names)
