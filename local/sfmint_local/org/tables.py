"""Objects that can be queried, and what a query means for their rows.

Source: SOQL and SOSL Reference, Condition Expression Syntax; ORDER BY.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sfmint_local.org.refusal import RestError
from sfmint_local.org.soql import Condition, Literal, Query

type Row = dict[str, Any]

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_LIKE_PART = re.compile(r"\\[%_]|[\s\S]")
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "id": ((str,), "of type string and should be enclosed in quotes"),
    "string": ((str,), "of type string and should be enclosed in quotes"),
    "boolean": ((bool,), "of type boolean and should not be enclosed in quotes"),
    "number": ((int, float), "of type double and should not be enclosed in quotes"),
    "time": ((datetime,), "of type dateTime and should not be enclosed in quotes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Where a relationship leads: the object whose ``Id`` stands in a field of this one."""

    key: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An object.

    Attributes:
        fields: the kinds of its fields: ``id``, ``string``, ``boolean``, ``number`` or ``time``.
        rows: gives its rows, oldest first, with each field; times as Salesforce writes them.
    """

    name: str
    fields: Mapping[str, str]
    rows: Callable[[], Iterable[Row]]
    relations: Mapping[str, Relation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """A field that a query names, in Salesforce's own spelling: relationships, then the field."""

    names: tuple[str, ...]
    kind: str


class Schema:
    """The objects that a user sees. One is made for each request: related rows are looked up as they were at first.

    Args:
        tables: the objects.
        sobjects: the address under which one finds their records, ``/services/data/v67.0/sobjects``.
    """

    def __init__(self, tables: Iterable[Table], *, sobjects: str) -> None:
        self._tables = {table.name.lower(): table for table in tables}
        self._sobjects = sobjects
        self._by_id: dict[str, dict[str, Row]] = {}

    def table(self, name: str) -> Table:
        """Find an object by its name in any case.

        Raises:
            RestError: this user sees none of that name.
        """
        if table := self._tables.get(name.lower()):
            return table
        known = ", ".join(sorted(table.name for table in self._tables.values()))
        message = f"sObject type '{name}' is not supported. This user of the embedded org sees {known}."
        raise RestError(400, "INVALID_TYPE", message)

    def run(self, query: Query) -> list[Row]:
        """Return the records that a query picks; those of a count are empty.

        Raises:
            RestError: an unknown object, relationship or field, or a value of the wrong kind.
        """
        table = self.table(query.object)
        paths = self._selected(table, query)
        tests = [self._test(table, condition) for condition in query.conditions]
        orders = [(self._path(table, order.path), order) for order in query.order]
        holds = any if query.any_of_them else all
        rows = [row for row in table.rows() if not tests or holds(test(row) for test in tests)]
        for path, order in reversed(orders):
            rows = self._sorted(table, rows, path, descending=order.descending, nulls_last=order.nulls_last)
        end = None if query.limit is None else query.offset + query.limit
        return [self.record(table, row, paths) for row in rows[query.offset : end]]

    def _selected(self, table: Table, query: Query) -> list[_Path]:
        paths = [self._path(table, name) for name in query.fields]
        for path in paths:
            if paths.count(path) > 1:
                raise RestError(400, "INVALID_FIELD", f"duplicate field selected: {'.'.join(path.names)}")
        return paths

    def columns(self, query: Query) -> list[Row]:
        """Return what the records of a query have: a column for each field, within those of its relationships."""
        table = self.table(query.object)
        return [_column(path.names) for path in self._selected(table, query)]

    def record(self, table: Table, row: Row, paths: Iterable["_Path"] | None = None) -> Row:
        """Return a row as a record: the fields of the paths, or all of its own."""
        if paths is None:
            paths = [_Path(names=(name,), kind=kind) for name, kind in table.fields.items()]
        address = f"{self._sobjects}/{table.name}/{row['Id']}"
        record: Row = {"attributes": {"type": table.name, "url": address}}
        inner: dict[str, list[_Path]] = {}
        for path in paths:
            name, *rest = path.names
            if rest:
                inner.setdefault(name, []).append(_Path(names=tuple(rest), kind=path.kind))
            record[name] = None if rest else row[name]
        for name, rests in inner.items():
            related = self._related(table, row, name)
            record[name] = related and self.record(self._target(table, name), related, rests)
        return record

    def _path(self, table: Table, typed: str) -> _Path:
        *relations, last = typed.split(".")
        names = []
        if relations and relations[0].lower() == table.name.lower():
            relations = relations[1:]
        for relation in relations:
            name = _spelt(relation, table.relations)
            if name is None or table.relations[name].to.lower() not in self._tables:
                message = f"Didn't understand relationship '{relation}' in field path."
                raise RestError(400, "INVALID_FIELD", message)
            names.append(name)
            table = self._target(table, name)
        name = _spelt(last, table.fields)
        if name is None:
            raise RestError(400, "INVALID_FIELD", f"No such column '{last}' on entity '{table.name}'.")
        return _Path(names=(*names, name), kind=table.fields[name])

    def _target(self, table: Table, relation: str) -> Table:
        return self._tables[table.relations[relation].to.lower()]

    def _related(self, table: Table, row: Row, relation: str) -> Row | None:
        target = self._target(table, relation)
        if target.name not in self._by_id:
            self._by_id[target.name] = {other["Id"]: other for other in target.rows()}
        return self._by_id[target.name].get(row[table.relations[relation].key])

    def _value(self, table: Table, row: Row | None, path: _Path) -> Any:
        for relation in path.names[:-1]:
            row, table = self._related(table, row, relation) if row else None, self._target(table, relation)
        return None if row is None else _comparable(row[path.names[-1]], path.kind)

    def _sorted(self, table: Table, rows: list[Row], path: _Path, *, descending: bool, nulls_last: bool) -> list[Row]:
        valued = [(self._value(table, row, path), row) for row in rows]
        nulls = [row for value, row in valued if value is None]
        others = sorted((pair for pair in valued if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
        filled = [row for _, row in others]
        return filled + nulls if nulls_last else nulls + filled

    def _test(self, table: Table, condition: Condition) -> Callable[[Row], bool]:
        path = self._path(table, condition.path)
        values = [_checked(value, path) for value in condition.values]
        compare = _COMPARISONS[condition.operator]
        if condition.operator == "LIKE" and path.kind != "string":
            message = f"invalid operator on {path.kind} field: {condition.path}"
            raise RestError(400, "INVALID_QUERY_FILTER_OPERATOR", message)
        return lambda row: compare(self._value(table, row, path), values)


def _column(names: tuple[str, ...]) -> Row:
    name, *rest = names
    inner = [_column(tuple(rest))] if rest else []
    return {"aggregate": False, "columnName": name, "custom": False, "displayName": name, "joinColumns": inner}


def _spelt(typed: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if name.lower() == typed.lower()), None)


def _comparable(value: Any, kind: str) -> Any:
    """Return what Salesforce compares: texts without regard to case, ids by the 15 characters that count."""
    if value is None:
        return None
    match kind:
        case "id":
            return value[:15]
        case "string":
            return value.casefold()
        case "time":
            return datetime.fromisoformat(value)
        case _:
            return value


def _checked(value: Literal, path: _Path) -> Any:
    types, must = _KINDS[path.kind]
    name = path.names[-1]
    if value is None:
        return None
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise RestError(400, "INVALID_FIELD", f"value of filter criterion for field '{name}' must be {must}")
    if path.kind == "id" and not _ID.fullmatch(str(value)):
        raise RestError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}")
    if isinstance(value, datetime):
        return value
    return _comparable(value, path.kind)


def _like(value: Any, patterns: list[Any]) -> bool:
    pattern = "".join(map(_like_part, _LIKE_PART.findall(patterns[0] or "")))
    return value is not None and re.fullmatch(pattern, value, re.DOTALL) is not None


def _like_part(part: str) -> str:
    wild = {"%": ".*", "_": "."}
    return wild[part] if part in wild else re.escape(part.removeprefix("\\") if part in {"\\%", "\\_"} else part)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, list[Any]], bool]:
    return lambda value, values: None not in (value, values[0]) and compare(value, values[0])


_COMPARISONS: Mapping[str, Callable[[Any, list[Any]], bool]] = {
    "=": lambda value, values: value == values[0],
    "!=": lambda value, values: value != values[0],
    "<": _ordered(lambda value, other: value < other),
    "<=": _ordered(lambda value, other: value <= other),
    ">": _ordered(lambda value, other: value > other),
    ">=": _ordered(lambda value, other: value >= other),
    "IN": lambda value, values: value in values,
    "NOT IN": lambda value, values: value not in values,
    "LIKE": _like,
}
