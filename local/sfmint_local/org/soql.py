"""A little SOQL: ``SELECT fields FROM Account [WHERE f = v] [ORDER BY f [DESC]] [LIMIT n] [OFFSET n]``, and COUNT()."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sfmint_local.org.records import FIELDS, Row
from sfmint_local.org.refusal import RestError

_QUERY = re.compile(
    r"""\s* SELECT \s+ (?P<fields> COUNT\(\s*\) | \w+ (?:\s*,\s*\w+)* ) \s+ FROM \s+ (?P<object>\w+)
    (?: \s+ WHERE \s+ (?P<where>\w+) \s*=\s* (?: '(?P<text>(?:[^'\\]|\\.)*)' | (?P<number>-?\d+) | (?P<null>NULL) ) )?
    (?: \s+ ORDER \s+ BY \s+ (?P<order>\w+) (?: \s+ (?P<direction>ASC|DESC) )? )?
    (?: \s+ LIMIT \s+ (?P<limit>\d+) )? (?: \s+ OFFSET \s+ (?P<offset>\d+) )? \s*""",
    re.VERBOSE | re.IGNORECASE,
)
_CANONICAL = {name.lower(): name for name in FIELDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query on Account.

    Attributes:
        fields: in Salesforce's own spelling; empty for ``COUNT()``.
        where: a field and the value it must equal.
    """

    fields: tuple[str, ...]
    where: tuple[str, str | int | None] | None
    order: str | None
    descending: bool
    limit: int | None
    offset: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a query; names and keywords in any case.

        Raises:
            RestError: malformed, or an unknown object or field.
        """
        match = _QUERY.fullmatch(text)
        if match is None:
            raise RestError(400, "MALFORMED_QUERY", "unexpected token, or SOQL that the embedded org does not know")
        if match["object"].lower() != "account":
            message = f"sObject type '{match['object']}' is not supported. The embedded org has Account only."
            raise RestError(400, "INVALID_TYPE", message)
        counts = "(" in match["fields"]
        return cls(
            fields=() if counts else tuple(_field(name) for name in match["fields"].split(",")),
            where=(_field(match["where"]), _literal(match)) if match["where"] else None,
            order=_field(match["order"]) if match["order"] else None,
            descending=(match["direction"] or "").upper() == "DESC",
            limit=int(match["limit"]) if match["limit"] else None,
            offset=int(match["offset"] or 0),
        )

    def run(self, rows: Sequence[Row]) -> list[Row]:
        """Pick rows and fields; a count has rows without fields."""
        picked = [row for row in rows if self.where is None or row[self.where[0]] == self.where[1]]
        if self.order is not None:
            order = self.order
            # Salesforce sorts nulls first.
            picked.sort(key=lambda row: (row[order] is not None, row[order] or 0), reverse=self.descending)
        end = None if self.limit is None else self.offset + self.limit
        return [
            {name: row[name] for name in {"Id": None} | dict.fromkeys(self.fields)} for row in picked[self.offset : end]
        ]


def _field(name: str) -> str:
    try:
        return _CANONICAL[name.strip().lower()]
    except KeyError:
        message = f"No such column '{name.strip()}' on entity 'Account'."
        raise RestError(400, "INVALID_FIELD", message) from None


def _literal(match: re.Match[str]) -> str | int | None:
    if match["null"]:
        return None
    if match["number"]:
        return int(match["number"])
    return re.sub(r"\\(.)", r"\1", match["text"])
