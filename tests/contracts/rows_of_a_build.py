"""Runs in the code of one build: writes every kind of row that it makes, or says what it decides of rows. JSON in and out."""

import json
import sys
from dataclasses import replace
from typing import Any

from sfmint.adapters.stores.item_text import from_text, to_text
from sfmint.row import decisions, writes
from sfmint.row.conditional_write import Item
from sfmint.row.decisions import Progress, Seen, Want
from sfmint.row.evaluate import carried_out
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import NOON
from sfmint_testing.rows import ATTEMPT, LEASE, LEASE_ROW, WRITES

AFTER_S = (0, 1, 30, 90, 460, 700, 800, 900, 3700)  # in each of a row's times
WANTS = {"": Want(), "min_ttl": Want(min_ttl=600), "horizon": Want(horizon_s=300)}


def written() -> list[str]:
    """Return the text of each row that the build's writes make."""
    failed = (writes.fail(LEASE, LoginFailed(reason), NOON, 1.0) for reason in REASONS.values())
    made = [*WRITES.values(), *((write, LEASE_ROW) for write in failed)]
    return [to_text(carried_out(write, before)) for write, before in made]


def read(text: str) -> dict[str, Any]:
    """Return what the build takes a row for, and what it would do with it at each time, for each wish."""
    item = from_text(text)
    row = CacheRow.from_item(item)
    mine = replace(ATTEMPT, seen=row.fence)
    steps = [
        decisions.decide(Seen(row=row, at=NOON + after, refused=attempt), want, Progress())
        for after in AFTER_S
        for want in WANTS.values()
        for attempt in (None, mine)
    ]
    return {
        "row": _plain(item),
        "malformed": row.malformed,
        "steps": [type(step).__name__ for step in steps],
        "errors": [
            type(getattr(step, "error", None) or getattr(step, "failed_refresh", None)).__name__ for step in steps
        ],
    }


def _plain(item: Item | None) -> dict[str, str]:
    return {
        name: repr(sorted(value) if isinstance(value, frozenset) else value) for name, value in (item or {}).items()
    }


if __name__ == "__main__":
    asked: list[str] | None = json.load(sys.stdin)
    answer = written() if asked is None else [read(text) for text in asked]
    json.dump({"code": decisions.__file__, "answer": answer}, sys.stdout)
