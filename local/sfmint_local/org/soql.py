"""SOQL: ``SELECT fields FROM object [WHERE ...] [ORDER BY ...] [LIMIT n] [OFFSET n]``, and COUNT().

A field may follow relationships (``Assignee.Username``). Conditions are joined by AND, or all by OR, without
parentheses. What a query means for the rows of an object is the matter of `tables`.

Source: SOQL and SOSL Reference, SELECT; Quoted String Escape Sequences; Date Formats and Date Literals.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, Self

from sfmint_local.org.refusal import RestError

type Literal = str | int | float | bool | datetime | None

_TOKEN = re.compile(
    r"""\s*(?: (?P<text>'(?:[^'\\]|\\[\s\S])*')
    | (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d))
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z]\w*(?:\.\w+)*)
    | (?P<sign>!=|<>|<=|>=|[=<>(),]) )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|[\s\S])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}
_SIGNS = {"=", "!=", "<>", "<", ">", "<=", ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of a field.

    Attributes:
        path: the field, after its relationships.
        operator: ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``LIKE``, ``IN`` or ``NOT IN``.
        values: one, or those of a list.
    """

    path: str
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A field to sort by."""

    path: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a query says; names are as typed.

    Attributes:
        fields: empty for ``COUNT()``.
        conditions: all of which must hold, or one of which if ``any_of_them``.
    """

    object: str
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...]
    any_of_them: bool
    order: tuple[Order, ...]
    limit: int | None
    offset: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a query; keywords in any case.

        Raises:
            RestError: malformed, or beyond this grammar.
        """
        tokens = _Tokens(text)
        tokens.expect("SELECT")
        fields = tokens.fields()
        tokens.expect("FROM")
        name = tokens.path()
        conditions, any_of_them = tokens.conditions() if tokens.take("WHERE") else ((), False)
        order = tokens.order() if tokens.take("ORDER") else ()
        limit = tokens.whole_number() if tokens.take("LIMIT") else None
        offset = tokens.whole_number() if tokens.take("OFFSET") else 0
        tokens.end()
        return cls(
            object=name,
            fields=fields,
            conditions=conditions,
            any_of_them=any_of_them,
            order=order,
            limit=limit,
            offset=offset,
        )


class _Tokens:
    """The words of a query, read from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place, text = 0, text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                _refuse(text[place:].strip()[:20])
            self._tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()
        self._tokens.reverse()

    def take(self, word: str) -> bool:
        """Pass over a keyword or a sign if it comes next."""
        if self._tokens and self._tokens[-1][0] in {"word", "sign"} and self._tokens[-1][1].upper() == word:
            self._tokens.pop()
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            self._refuse_next()

    def end(self) -> None:
        if self._tokens:
            self._refuse_next()

    def path(self) -> str:
        return self._take_kind("word")

    def whole_number(self) -> int:
        text = self._take_kind("number")
        return int(text) if text.isdigit() else _refuse(text)

    def fields(self) -> tuple[str, ...]:
        first = self.path()
        if first.upper() == "COUNT" and self.take("("):
            self.expect(")")
            return ()
        return (first, *self._more_paths())

    def conditions(self) -> tuple[tuple[Condition, ...], bool]:
        found = [self._condition()]
        joiner = next((word for word in ("AND", "OR") if self.take(word)), None)
        if joiner is None:
            return tuple(found), False
        found.append(self._condition())
        while self.take(joiner):
            found.append(self._condition())
        return tuple(found), joiner == "OR"

    def order(self) -> tuple[Order, ...]:
        self.expect("BY")
        found = [self._order_by()]
        while self.take(","):
            found.append(self._order_by())
        return tuple(found)

    def _more_paths(self) -> list[str]:
        found = []
        while self.take(","):
            found.append(self.path())
        return found

    def _order_by(self) -> Order:
        path = self.path()
        descending = not self.take("ASC") and self.take("DESC")
        nulls_last = False
        if self.take("NULLS"):
            nulls_last = self.take("LAST")
            if not nulls_last:
                self.expect("FIRST")
        return Order(path=path, descending=descending, nulls_last=nulls_last)

    def _condition(self) -> Condition:
        path = self.path()
        if self.take("LIKE"):
            return Condition(path=path, operator="LIKE", values=(self._literal(),))
        if self.take("NOT"):
            self.expect("IN")
            return Condition(path=path, operator="NOT IN", values=self._list())
        if self.take("IN"):
            return Condition(path=path, operator="IN", values=self._list())
        sign = self._take_kind("sign")
        if sign not in _SIGNS:
            _refuse(sign)
        return Condition(path=path, operator="!=" if sign == "<>" else sign, values=(self._literal(),))

    def _list(self) -> tuple[Literal, ...]:
        self.expect("(")
        found = [self._literal()]
        while self.take(","):
            found.append(self._literal())
        self.expect(")")
        return tuple(found)

    def _literal(self) -> Literal:
        kind, text = self._tokens.pop() if self._tokens else ("", "<EOF>")
        if kind == "text":
            return _ESCAPE.sub(_unescaped, text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "time":
            return _time(text)
        if kind != "word" or text.upper() not in _CONSTANTS:
            _refuse(text)
        return _CONSTANTS[text.upper()]

    def _take_kind(self, kind: str) -> str:
        if not self._tokens or self._tokens[-1][0] != kind:
            self._refuse_next()
        return self._tokens.pop()[1]

    def _refuse_next(self) -> NoReturn:
        _refuse(self._tokens[-1][1] if self._tokens else "<EOF>")


def _unescaped(escape: re.Match[str]) -> str:
    sequence = escape[0]
    if sequence[1] in "%_":  # these are the matter of LIKE
        return sequence
    if escape["code"]:
        return chr(int(escape["code"], 16))
    if sequence[1].lower() not in _ESCAPES:
        message = f"Invalid string literal. Illegal character sequence '{sequence[:2]}' in string literal."
        raise RestError(400, "MALFORMED_QUERY", message)
    return _ESCAPES[sequence[1].lower()]


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        _refuse(text)


def _refuse(token: str) -> NoReturn:
    message = f"unexpected token: '{token}', or SOQL that the embedded org does not know"
    raise RestError(400, "MALFORMED_QUERY", message)
