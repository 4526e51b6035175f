"""What the parameters of one connection say together: a parameter a date, one of which is the item.

A date is a span of twenty seconds, in which one parameter can be created. Whoever creates one counts the fence up, so
the greatest fence counts. Where two have the same, one of them at most has won it: that without a lease, for a winner
writes again, and a flush leaves none. What callers report of a rejected token stands in a parameter of that token's own,
so that no report overwrites another's, nor what the holder of a lease writes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from sfmint.adapters.stores.item_text import from_text
from sfmint.row.conditional_write import Item, Value
from sfmint_values.foreign import Foreign

DATE_S = 20
HEEDED = 6  # dates; further ahead only a broken clock writes
SETTLED = (
    4  # dates; what was given back so long ago is taken by nobody: a function's time-out is 60 s, and clocks differ
)
GIVEN_BACK = "given back"  # in place of an item: nobody heeds the date, and nobody takes it
LARGEST_TEXT = 4096  # characters of a parameter of the standard tier
LARGEST_COPY = 2048  # bytes of a sealed copy; the rest of a parameter is for the lease and the failure beside it

_REPORTED = frozenset({"rejected", "last_rejected_at", "reject_window", "reject_count"})
_REPORT = "rejected-"
_DATE = re.compile(r"[0-9]{10}", re.ASCII)


def _is_date(name: Foreign) -> bool:
    return _DATE.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The parameters of one connection as they were read.

    Attributes:
        today: the date of that instant.
        dated: the items by date.
        reports: what callers have reported, by the parameter's name.
        strays: names of dates that nobody heeds: too far ahead, or nothing that sfmint writes.
    """

    today: int
    dated: Mapping[int, Item]
    reports: Mapping[str, Item]
    strays: tuple[str, ...] = ()

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], now: float) -> Self:
        """Return the folder of parameters that were read at an instant (epoch seconds); other names are left alone."""
        today = int(now // DATE_S)
        dates = {name: int(name) for name in texts if _is_date(name)}
        items = {name: from_text(texts[name]) for name, date in dates.items() if date <= today + HEEDED}
        dated = {dates[name]: unreported(item) for name, item in items.items() if item is not None}
        reports = {name: reported(from_text(texts[name]) or {}) for name in texts if name.startswith(_REPORT)}
        strays = tuple(name for name, date in dates.items() if date not in dated)
        return cls(today=today, dated=dated, reports=reports, strays=strays)

    @property
    def current(self) -> int | None:
        """The date that counts."""
        return max(self.dated, key=self._rank, default=None)

    @property
    def standing(self) -> tuple[int, Item] | None:
        """The date that counts and what stands there, for comparison."""
        return None if self.current is None else (self.current, self.dated[self.current])

    @property
    def item(self) -> Item | None:
        """The item, or None where there is none; of a token that is rejected no copy is left."""
        report = self._report
        item = {**self._dated_item, **(self.reports[report] if report else {})}
        if "rejected" in item and item["rejected"] == item.get("fingerprint"):
            item.pop("sealed", None)
        return item or None

    @property
    def superseded(self) -> tuple[str, ...]:
        """The names of the dates and reports that count no more; whoever looks from now on takes a later date."""
        dates = tuple(name_of(date) for date in self.dated if self.current is not None and date < self.current)
        return dates + tuple(name for name in self.reports if name != self._report)

    @property
    def spent(self) -> tuple[str, ...]:
        """The names of the strays that are not created again."""
        return tuple(name for name in self.strays if self._is_over(int(name)) or int(name) > self.today + HEEDED)

    def next_date(self, ahead: int) -> int | None:
        """Return the date that comes after everything here, or None where time must pass first.

        Args:
            ahead: how many dates may be taken ahead of their time.
        """
        date = max([self.today, *(taken + 1 for taken in self.dated)])
        while name_of(date) in self.strays:  # unreadable, but the name is taken
            date += 1
        return date if date <= self.today + ahead else None

    def without(self, date: int) -> Self:
        """Return the folder as it would be without a date."""
        return replace(self, dated={other: item for other, item in self.dated.items() if other != date})

    def reporting(self, item: Item) -> tuple[str, Self]:
        """Return the name of the report that a changed item's goes to, and the folder as it would be with it."""
        rejected = item.get("rejected")
        is_new = rejected != (self.item or {}).get("rejected")
        name = (_report_on(rejected) if is_new else None) or self._report or _REPORT
        return name, replace(self, reports={**self.reports, name: reported(item)})

    def _is_over(self, date: int) -> bool:
        """Return whether nobody takes a date any more, also none who looked before it was taken."""
        return date < self.today - SETTLED

    @property
    def _dated_item(self) -> Item:
        return {} if self.current is None else self.dated[self.current]

    def _rank(self, date: int) -> tuple[int, bool, int]:
        item = self.dated[date]
        fence = item.get("fence")
        return fence if isinstance(fence, int) else 0, "lease_owner" not in item, date

    @property
    def _report(self) -> str | None:
        """The name of the report that counts: that of the item's own token, else the latest."""
        own = _report_on(self._dated_item.get("fingerprint"))
        return own if own in self.reports else max(self.reports, key=self._reported_at, default=None)

    def _reported_at(self, report: str) -> float:
        instant = self.reports[report].get("last_rejected_at")
        return instant if isinstance(instant, int | float) else 0.0


def name_of(date: int) -> str:
    """Return the name of a date's parameter; names sort as their dates do."""
    return f"{date:010d}"


def reported(item: Item) -> Item:
    """Return the part of an item that callers report."""
    return {name: value for name, value in item.items() if name in _REPORTED}


def unreported(item: Item) -> Item:
    """Return the part of an item that stands at a date."""
    return {name: value for name, value in item.items() if name not in _REPORTED}


def _report_on(fingerprint: Value | None) -> str | None:
    return f"{_REPORT}{fingerprint}" if isinstance(fingerprint, str) else None
