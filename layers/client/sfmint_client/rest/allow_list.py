"""Which methods and paths a connection may use: what is not on the list is not sent."""

import re
from dataclasses import dataclass
from typing import Self

from sfmint_client.errors import RequestNotAllowed
from sfmint_client.rest.path import check_path
from sfmint_client.rest.reading import specials
from sfmint_values.foreign import Foreign

METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
_BLANKS = re.compile("[ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One method, and where it may go.

    Attributes:
        method: in upper case.
        prefix: a path; with a slash at its end everything below it, otherwise also exactly it. What is special
            is below no prefix that does not name it.
    """

    method: str
    prefix: str

    def allows(self, method: str, path: str) -> bool:
        """Tell whether a request is this rule's; only whole segments count."""
        below = self.prefix if self.prefix.endswith("/") else f"{self.prefix}/"
        covered = path == self.prefix or path.startswith(below)
        return method == self.method and covered and specials(path) <= specials(self.prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """The rules of a connection; a request needs one that allows it.

    It sees the method and the path, never what a request holds: docs/calling.md says what that leaves open.
    """

    rules: tuple[Rule, ...]

    @classmethod
    def parse(cls, text: Foreign) -> Self:
        """Return the list that a text holds, one `METHOD /path/prefix` a line.

        Raises:
            ValueError: with a clause that says which line is wrong and how, made to follow the text's name.
        """
        lines = enumerate(text.splitlines(), start=1)
        return cls(rules=tuple(_rule(line.strip(), number) for number, line in lines if line.strip()))

    def allows(self, method: str, path: str) -> bool:
        """Tell whether a rule allows a request; the path has passed `check_path`."""
        return any(rule.allows(method, path) for rule in self.rules)


def _rule(line: Foreign, number: int) -> Rule:
    match _BLANKS.split(line):
        case [method, prefix] if method in METHODS:
            pass
        case _:
            raise ValueError(
                f"line {number} is not one of {', '.join(METHODS)}, a blank and a path such as /services/data/"
            )
    try:
        check_path(prefix)
    except RequestNotAllowed as error:
        raise ValueError(f"line {number}: {str(error).removesuffix('.')}") from None
    return Rule(method=method, prefix=prefix)


DEFAULT = AllowList.parse("GET /services/data/")
