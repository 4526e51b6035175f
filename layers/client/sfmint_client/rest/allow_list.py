"""Which methods, paths and headers a connection may use: what is not on the list is not sent."""

from dataclasses import dataclass
from typing import Self

from sfmint_client.errors import RequestNotAllowed
from sfmint_client.rest.headers import is_free, is_header, is_reserved
from sfmint_client.rest.path import check_path
from sfmint_client.rest.reading import Special, specials
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import token_origin

METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
_HEADER = "HEADER"
_HTTPS = "https://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One method, and where it may go.

    Attributes:
        method: in upper case.
        prefix: a path: it and everything below it are meant, whether it has a slash at its end or not. What is
            special is below no prefix that does not name it.
        named: what is special and named by the prefix.
        host: a further host of Salesforce's, `host` or `host:port`; empty: the instance.
    """

    method: str
    prefix: str
    named: frozenset[Special]
    host: str = ""

    def allows(self, method: str, path: str, host: str) -> bool:
        """Tell whether a request is this rule's, but for what is special; only whole segments count."""
        below = self.prefix if self.prefix.endswith("/") else f"{self.prefix}/"
        covered = f"{path}/".startswith(below)  # Salesforce takes a path with a slash at its end for the same
        return method == self.method and host == self.host and covered

    def __str__(self) -> str:
        return f"{self.method} {_HTTPS}{self.host}{self.prefix}" if self.host else f"{self.method} {self.prefix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowList:
    """The rules of a connection; a request needs one that allows it.

    It sees the method, the host, the path and the names of headers, never what a request holds: docs/calling.md says what
    that leaves open.

    Attributes:
        rules: one of them must allow a request.
        headers: names that may be sent beside those that everybody may send, in lower case.
    """

    rules: tuple[Rule, ...]
    headers: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: Foreign) -> Self:
        """Return the list that a text holds: a line is `METHOD /path/prefix`, `METHOD https://host/path` or `HEADER Name`.

        Raises:
            ValueError: with a clause that says which line is wrong and how, made to follow the text's name.
        """
        lines = [(line.split(), number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        headers = {_header(words, number) for words, number in lines if words[0] == _HEADER}
        rules = (_rule(words, number) for words, number in lines if words[0] != _HEADER)
        return cls(rules=tuple(rules), headers=frozenset(headers))

    @property
    def lines(self) -> list[str]:
        """The list as a text, line by line."""
        return [*map(str, self.rules), *(f"{_HEADER} {name}" for name in sorted(self.headers))]

    def allows(self, method: str, path: str, host: str = "") -> bool:
        """Tell whether a rule allows a request; the path has passed `check_path`."""
        covering = [rule for rule in self.rules if rule.allows(method, path, host)]
        if not covering:
            return False
        wanted = specials(path)
        return any(wanted <= rule.named for rule in covering)

    def allows_header(self, name: str) -> bool:
        """Tell whether a request may have a header."""
        return is_free(name) or name.lower() in self.headers


def _rule(words: list[Foreign], number: int) -> Rule:
    if len(words) != 2 or words[0] not in METHODS:  # noqa: PLR2004 - a method and a path
        raise ValueError(
            f"line {number} is not one of {', '.join(METHODS)}, a blank and a path such as /services/data/"
        )
    method, prefix = words
    host = ""
    try:
        if prefix.startswith(_HTTPS):
            authority, slash, path = prefix.removeprefix(_HTTPS).partition("/")
            host, prefix = token_origin(_HTTPS + authority, frozenset()).removeprefix(_HTTPS), slash + path
        check_path(prefix)
    except (RequestNotAllowed, ValueError) as error:
        raise ValueError(f"line {number}: {str(error).removesuffix('.')}") from None
    return Rule(method=method, prefix=prefix, named=specials(prefix), host=host)


def _header(words: list[Foreign], number: int) -> str:
    if len(words) != 2 or not is_header(words[1]) or is_reserved(words[1]):  # noqa: PLR2004 - the word and a name
        raise ValueError(f"line {number} is not {_HEADER}, a blank and the name of a header that callers may set")
    return words[1].lower()


DEFAULT = AllowList.parse("GET /services/data/")
