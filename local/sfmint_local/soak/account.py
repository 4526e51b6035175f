"""What came of it: counted while it runs, and told at its end, to people and to programs."""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from sfmint_local.promises import Promise
from sfmint_local.soak.call import Call, WrongAnswer

_SHOWN = 20  # wrong answers in full
_PROCESSES = {"process killed": "killed", "process frozen": "frozen", "clock set wrong": "clocks set wrong"}
_SLOW, _DATES = "slow machine", "no date left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """What one connection cost.

    Attributes:
        attempted: logins, granted or refused.
        counted: those that count: of the busiest hour, where the store has a budget.
        allowed: so many may be.
        fence: of its row, at the end; each login has a fence of its own. None: the store has none.
    """

    attempted: int
    counted: int
    allowed: int
    fence: int | None

    def wrong(self, connection: str) -> list[WrongAnswer]:
        """Return what is wrong with it."""
        found = []
        if self.counted > self.allowed:
            detail = f"{connection} cost {self.counted} and may cost {self.allowed}"
            found.append(WrongAnswer(promise=Promise.BUDGET, detail=detail))
        if self.fence is not None and self.attempted > self.fence:
            detail = f"{connection} cost {self.attempted}, and its fence is {self.fence}"
            found.append(WrongAnswer(promise=Promise.ONE_LOGIN, detail=detail))
        return found


@dataclass(slots=True, kw_only=True)
class Account:
    """All figures.

    Attributes:
        store: which was used.
        seed: of all that is random.
        ran_s: for how many seconds there was load.
        tokens: calls that were answered with a token.
        others: calls that were answered with something else that is no error.
        unanswered: calls whose environment was killed, or that were under way at the end.
        errors: calls by error.
        waits_s: in the handler, of `get_token`, where the environment did not stand still meanwhile.
        wrong: what must not have been.
        logins: by connection.
        troubles: by kind.
    """

    store: str
    seed: int
    ran_s: float = 0.0
    tokens: int = 0
    others: int = 0
    unanswered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    waits_s: array[float] = field(default_factory=lambda: array("d"))
    wrong: list[WrongAnswer] = field(default_factory=list)
    logins: Mapping[str, Logins] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)

    def note_wrong(self, wrong: Iterable[WrongAnswer]) -> None:
        """Note what must not have been, and say it at once."""
        for each in wrong:
            self.wrong.append(each)
            print(f"WRONG  {each}", file=sys.stderr, flush=True)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return self.tokens + self.others + self.unanswered + self.errors.total()

    def count(self, call: Call) -> None:
        """Count an answered call."""
        if call.error is not None:
            self.errors[call.error] += 1
        elif call.action == "get_token":
            self.tokens += 1
        else:
            self.others += 1
        if call.action == "get_token" and not call.frozen_s:
            self.waits_s.append(call.took_s)

    def to_json(self) -> dict[str, Any]:
        """Return the figures."""
        p50, p99, longest = self._waits()
        return {
            "store": self.store,
            "seed": self.seed,
            "ran_s": round(self.ran_s, 1),
            "calls": self.calls,
            "tokens": self.tokens,
            "unanswered": self.unanswered,
            "errors": dict(self.errors.most_common()),
            "wrong_answers": len(self.wrong),
            "wrong": [str(wrong) for wrong in self.wrong],
            "logins": {
                name: {"attempted": logins.attempted, "counted": logins.counted, "allowed": logins.allowed}
                for name, logins in self.logins.items()
            },
            "waits_s": {"p50": round(p50, 4), "p99": round(p99, 4), "max": round(longest, 4)},
            "faults": self._faults(),
            "processes": {words: self.troubles[kind] for kind, words in _PROCESSES.items()},
            "no_date_left": self.troubles[_DATES],
            "slow_machine": self.troubles[_SLOW],
        }

    def to_text(self) -> str:
        """Return the closing lines."""
        p50, p99, longest = self._waits()
        processes = [f"{words} {self.troubles[kind]}" for kind, words in _PROCESSES.items()]
        lines = {
            "soak": f"{self.store}, seed {self.seed}, {self.ran_s / 60:.1f} minutes",
            "calls": f"{self.calls:,}: {self.tokens:,} tokens, {self.others:,} other answers,"
            f" {self.errors.total():,} errors, {self.unanswered:,} without an answer (killed, or under way at the end)",
            "errors": _listed(self.errors),
            "logins": ", ".join(f"{name} {each.counted} of {each.allowed}" for name, each in self.logins.items()),
            "waits": f"p50 {p50 * 1000:.1f} ms, p99 {p99:.2f} s, max {longest:.2f} s",
            "faults": f"{self._faults().total()}: {_listed(self._faults())}",
            "processes": ", ".join(processes),
            **({_DATES: f"{self.troubles[_DATES]} times, in Parameter Store"} if self.troubles[_DATES] else {}),
            "slow machine": f"noticed {self.troubles[_SLOW]} times (what failed then is explained by it)",
            "wrong answers": f"{len(self.wrong)}",
        }
        text = [f"{name:<14} {value}" for name, value in lines.items()]
        text += [f"  {wrong}" for wrong in self.wrong[:_SHOWN]]
        return "\n".join(text)

    def _faults(self) -> Counter[str]:
        return Counter({kind: n for kind, n in self.troubles.items() if kind not in {*_PROCESSES, _SLOW, _DATES}})

    def _waits(self) -> tuple[float, float, float]:
        if len(self.waits_s) < 2:
            return (0.0, 0.0, 0.0)
        percentiles = quantiles(self.waits_s, n=100, method="inclusive")
        return percentiles[49], percentiles[98], max(self.waits_s)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common()) or "none"
