"""Writes docs/protocol.md from the requests themselves: ``PYTHONPATH=tests python tools/protocol_page.py``.

The requests, their clauses and the reasons are those of `sfmint.row`; which scenario of the model fails without a clause is
what the model's own tests run.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from model.clauses import CAUGHT_BY, write_of
from protocol_words import BEGINNING, END, REQUESTS, Request
from sfmint.adapters.stores.dynamodb import plain, render
from sfmint.row import writes
from sfmint.row.conditional_write import FOREIGN, AllOf, AnyOf, Clause, ConditionalWrite, Named, Value
from sfmint.row.decisions import Progress, Want
from sfmint.row.row import CacheRow
from sfmint_testing.fakes import NOON
from sfmint_testing.rows import AGAIN_LEASE, AGED_LEASE, ATTEMPT, FP, NEW, TOKEN, WRITES

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import Update

PAGE = Path(__file__).resolve().parent.parent / "docs/protocol.md"

_SEEN, _BAD = CacheRow(fence=7), 6
_LIFE_S: Final = 900
_SAMPLES: Final[dict[str, ConditionalWrite]] = {name: update for name, (update, _) in WRITES.items()} | {
    "acquire": writes.acquire(ATTEMPT, _SEEN, Want(min_ttl=60, horizon_s=300), Progress(bad_fence=_BAD)),
    **{
        name: writes.publish(lease, writes.reaffirmed(lease, TOKEN, _LIFE_S), b"new")
        for name, lease in (("reaffirm", AGAIN_LEASE), ("reaffirm-2", AGED_LEASE))
    },
    "repair": writes.repair(CacheRow.from_item({"lease_until": "soon"})),
    "repair of a foreign type": writes.repair(CacheRow.from_item({"lease_until": FOREIGN})),
    "repair of a number": writes.repair(CacheRow.from_item({"lease_until": 1.7e12})),
    "flush": writes.flush(),
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
    """Return the whole page."""
    return "\n".join([BEGINNING, *map(_section, REQUESTS), END])


def _section(request: Request) -> str:
    updates = [_SAMPLES[sample] for sample in request.samples]
    parts = [
        f"### {request.title}\n",
        f"{request.what}\n",
        f"```\n{'\n'.join(_actions(updates[0]))}\n```\n",
        f"If it is refused: {request.refused}\n",
    ]
    rows: dict[str, str] = {}
    for update in updates:
        for name, row in _rows(update):
            rows.setdefault(name, row)
    if rows:
        heading = "| clause | condition | why it is there | fails without it |\n| --- | --- | --- | --- |"
        parts += [heading, *rows.values(), ""]
    return "\n".join(parts)


def _rows(update: ConditionalWrite) -> Iterator[tuple[str, str]]:
    """Give each clause's name and its row of the table."""
    condition, write = update.condition, write_of(update)
    if condition is None:
        return
    for depth, clause in _named(condition):
        name = f"{'↳ ' * depth}`{clause.name}`"
        caught = CAUGHT_BY[f"{write}: {clause.name}"]
        yield clause.name, f"| {name} | {_cell(clause.clause)} | {clause.why} | {caught} |"


def _named(clause: Clause, depth: int = 0) -> Iterator[tuple[int, Named]]:
    """Give each named clause with its depth, from the outside in."""
    inner = clause
    if isinstance(clause, Named):
        yield depth, clause
        inner, depth = clause.clause, depth + 1
    if isinstance(inner, AllOf | AnyOf):
        for part in inner.clauses:
            yield from _named(part, depth)


def _cell(clause: Clause) -> str:
    match clause:
        case AllOf():
            return "all of these:"
        case AnyOf():
            return "one of these:"
        case _:
            request = render(ConditionalWrite(name="", condition=clause))
            expression = _filled_in(request["ConditionExpression"], request)
            return (
                f"`{expression.removeprefix('(').removesuffix(')') if expression[0] == '(' else expression}`".replace(
                    "|", "\\|"
                )
            )


def _actions(update: ConditionalWrite) -> Iterator[str]:
    """Give the lines of what a request changes, in the very words that DynamoDB gets."""
    request = render(update)
    for actions in re.split(r" (?=ADD |REMOVE )", request["UpdateExpression"]):
        word, _, rest = actions.partition(" ")
        yield from _folded(f"{word:<6} {_filled_in(rest, request)}")


def _filled_in(expression: str, request: "Update") -> str:
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
