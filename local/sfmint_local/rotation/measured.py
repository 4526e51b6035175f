"""What was measured of a rotation, what is wrong with it, and how it is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Self

from page_table import table
from sfmint_local.rotation.rotated import PROPAGATION_S, REFUSED

MOST = 2.0  # p99 during a rotation by p99 before it; above 1, because the machine is shared
_FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long calls took.

    Attributes:
        calls: how many.
        p50_s: what half of them took at most.
        p99_s: what 99 in 100 took at most.
    """

    calls: int
    p50_s: float
    p99_s: float

    @classmethod
    def of(cls, times_s: Sequence[float]) -> Self:
        """Return how one time or more are spread."""
        hundredths = quantiles(times_s, n=100, method="inclusive")
        return cls(calls=len(times_s), p50_s=hundredths[49], p99_s=hundredths[98])


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What callers of one kind saw, before the rotation and during it."""

    kind: str
    before: Spread
    during: Spread

    @property
    def ratio(self) -> float:
        """How many times the p99 before goes into that during the rotation."""
        return self.during.p99_s / self.before.p99_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A rotation that has ended.

    Attributes:
        comparisons: by kind of callers.
        failures: why calls failed, one each.
        every_s: from one call of a caller to its next.
        took_s: from the order to the end of the rotation.
        phase: how it has ended.
        words: what it says of that.
        old_key: the error of a login with the old key; empty: it logs in.
        new_key: likewise.
    """

    comparisons: Sequence[Comparison]
    failures: Sequence[str]
    every_s: float
    took_s: float
    phase: str
    words: str
    old_key: str
    new_key: str

    def faults(self) -> Iterator[str]:
        """Give what is wrong, a sentence each."""
        if self.failures:
            yield f"{len(self.failures)} calls failed, the first with: {self.failures[0]}"
        if self.phase != _FINISHED:
            yield f"The rotation has ended as {self.phase!r}: {self.words}"
        if self.old_key != REFUSED:
            yield f"The old key was to be refused ({REFUSED}), and its login came to: {self.old_key or 'a token'}."
        if self.new_key:
            yield f"The new key does not log in: {self.new_key}."
        for each in self.comparisons:
            if each.ratio > MOST:
                yield (
                    f"{each.kind}: p99 became {each.ratio:.2f} times that of before, and may become {MOST:g} times."
                    " Where other programs use the machine too, let them end, and measure again."
                )

    def to_text(self) -> str:
        """Return it for a terminal."""
        return f"{self._table()}\nThe rotation took {self.took_s:.0f} s; {len(self.failures)} calls failed."

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        calls = {
            each.kind: {
                when: {"calls": spread.calls, "p50_ms": spread.p50_s * 1e3, "p99_ms": spread.p99_s * 1e3}
                for when, spread in (("before", each.before), ("during", each.during))
            }
            | {"ratio": each.ratio}
            for each in self.comparisons
        }
        ended = {"phase": self.phase, "took_s": self.took_s, "old_key": self.old_key, "new_key": self.new_key}
        return {"calls": calls, "failed": len(self.failures), **ended, "faults": list(self.faults())}

    def to_block(self) -> str:
        """Return it for docs/rotation.md."""
        rate = len(self.comparisons) / self.every_s
        during = sum(each.during.calls for each in self.comparisons)
        return (
            f"With {rate:.0f} calls a second, and an org that accepted no key for {PROPAGATION_S:.0f} s after the deployment,"
            f" the rotation ended after {self.took_s:.0f} s.\nOf {during:,} calls meanwhile {len(self.failures) or 'none'}"
            f" failed:\n\n{self._table()}"
        )

    def _table(self) -> str:
        names = ("ms of wall time", "calls before", "p50", "p99", "calls during", "p50", "p99", "p99 during / before")
        rows = [
            (each.kind, *_cells(each.before), *_cells(each.during), f"{each.ratio:.2f}") for each in self.comparisons
        ]
        return table(names, rows, numbers=len(names) - 1)


def _cells(spread: Spread) -> tuple[str, ...]:
    return f"{spread.calls:,}", f"{spread.p50_s * 1e3:.0f}", f"{spread.p99_s * 1e3:.0f}"
