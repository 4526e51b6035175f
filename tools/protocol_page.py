"""Writes docs/protocol.md from the requests themselves: ``PYTHONPATH=tests python tools/protocol_page.py``.

The requests and their clauses are those of `sfmint.row.writes`; which scenario of the model fails without a clause is what the
model's own tests run. Only the reasons are told here, and a clause without one is an error.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from fakes import NOON
from model.clauses import CAUGHT_BY, WHOLE, clauses_of
from protocol_reasons import BEGINNING, END, REQUESTS, Request, reason_for
from rows import ATTEMPT, FP, NEW, WRITES
from sfmint.adapters.stores.dynamodb import plain, render
from sfmint.row import writes
from sfmint.row.conditional_write import FOREIGN, AllOf, AnyOf, Clause, ConditionalWrite, Value
from sfmint.row.decisions import Want
from sfmint.row.row import CacheRow

PAGE = Path(__file__).resolve().parent.parent / "docs/protocol.md"

_SEEN, _BAD = CacheRow(fence=7), 6
_SAMPLES: Final = WRITES | {
    "acquire": (writes.acquire(ATTEMPT, _SEEN, Want(horizon_s=300, bad_fence=_BAD)), {}),
    "repair": (writes.repair(CacheRow.from_item({"lease_until": "soon"})), {}),
    "repair of a foreign type": (writes.repair(CacheRow.from_item({"lease_until": FOREIGN})), {}),
    "flush": (writes.flush(), {}),
}
_MEANT: Final[dict[Value, str]] = {
    7: ":seen",
    8: ":fence",
    _BAD: ":bad_fence",
    "me": ":me",
    "key": ":key_id",
    "leaked": ":key_id",
    "config|key": ":config_hash|key_id",
    "config": ":config_hash",
    FP: ":fingerprint",
    NEW: ":fingerprint",
}
_FAR_S: Final = 10_000


def page() -> str:
    """Returns the whole page."""
    return "\n".join([BEGINNING, *map(_section, REQUESTS), END])


def _section(request: Request) -> str:
    updates = [_SAMPLES[sample][0] for sample in request.samples]
    parts = [
        f"### {request.title}\n",
        f"{request.what}\n",
        f"```\n{'\n'.join(_expression(updates[0]))}\n```\n",
        f"Refused means: {request.refused}\n",
    ]
    rows = [row for update in updates for row in _rows(update)]
    if rows:
        parts += ["| clause | why it is there | fails without it |\n| --- | --- | --- |", *dict.fromkeys(rows), ""]
    return "\n".join(parts)


def _rows(update: ConditionalWrite) -> Iterator[str]:
    for name, _ in clauses_of(update):
        write, _, clause = name.partition(": ")
        if clause != WHOLE or not isinstance(update.condition, AllOf | AnyOf):
            yield f"| `{clause}` | {reason_for(write, clause)} | {CAUGHT_BY[name]} |"


def _expression(update: ConditionalWrite) -> Iterator[str]:
    """Give the lines of a request, in the very words that DynamoDB gets."""
    request = render(update)
    for actions in re.split(r" (?=ADD |REMOVE )", request["UpdateExpression"]):
        word, _, rest = actions.partition(" ")
        yield from _folded(f"{word:<6} {_filled_in(rest, request)}")
    condition = update.condition
    clauses = condition.clauses if isinstance(condition, AllOf) else [condition] if condition else []
    for number, clause in enumerate(clauses):
        yield from _folded(f"{'AND' if number else 'IF':<6} {_clause(clause)}")


def _clause(clause: Clause) -> str:
    request = render(ConditionalWrite(name="", condition=clause))
    return _filled_in(request["ConditionExpression"], request)


def _filled_in(expression: str, request: dict[str, Any]) -> str:
    """Return an expression with names and values in place of what stands for them."""
    values = {name: _value(plain(value)) for name, value in request.get("ExpressionAttributeValues", {}).items()}
    return re.sub(r":v[0-9]+", lambda found: values[found[0]], expression.replace("#", ""))


def _value(value: Value) -> str:
    match value:
        case _ if value in _MEANT:
            return _MEANT[value]
        case str():
            return f'"{value}"'
        case bytes():
            return ":sealed"
        case frozenset():
            return f"{{{', '.join(map(_value, sorted(value)))}}}"
        case int() | float() if abs(value - NOON) < _FAR_S:
            return f"now{value - NOON:+g}".removesuffix("+0")
        case int() | float():
            return f"{value:g}"


def _folded(line: str) -> Iterator[str]:
    return iter(wrap(line, width=118, subsequent_indent=" " * 10, break_long_words=False, break_on_hyphens=False))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
