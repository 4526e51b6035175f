"""How a lenient server may read a path or a name, and what it must not be brought to by that.

A few resources are no ordinary ones, though a GET of them looks like a read: only who names them gets them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize
from urllib.parse import unquote

_METHOD_OVERRIDE = "httpmethod"  # Salesforce takes POST ...?_HttpMethod=DELETE for a DELETE
_NAMES = re.compile("[/?;&=]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A resource that a rule must name.

    Attributes:
        words: its segments, in this order; more may stand between them and at the end of each.
        is_read: whether a GET of it changes nothing.
    """

    words: tuple[str, ...]
    is_read: bool

    def is_in(self, segments: list[str]) -> bool:
        """Tell whether the segments lead to it."""
        rest = iter(segments)
        return all(any(segment.startswith(word) for segment in rest) for word in self.words)


# Source: Tooling API Developer Guide, "REST Resources"; REST API Developer Guide, "OAuth credentials".
SPECIALS = (
    Special(words=("tooling", "executeanonymous"), is_read=False),  # runs the Apex in its query
    Special(words=("tooling", "runtests"), is_read=False),  # runs tests, which count against the org's limits
    Special(words=("apps", "oauth", "credentials"), is_read=True),  # answers the secrets of consumers
)


def specials(path: str) -> frozenset[Special]:
    """Return what a path leads to, in any reading, that only a rule naming it allows."""
    ways = [[_letters(part.partition(";")[0]) for part in reading.split("/")] for reading in readings(path)]
    return frozenset(special for special in SPECIALS if any(special.is_in(way) for way in ways))


def readings(text: str) -> Iterator[str]:
    """Yield a text, and what is left when a server decodes it once, twice, and so on.

    Raises:
        UnicodeDecodeError: that is not UTF-8.
    """
    yield text
    while (decoded := unquote(text, errors="strict")) != text:
        text = decoded
        yield text


def names_method(text: str) -> bool:
    """Tell whether a query's name, a path or a form names another method to a server that reads it leniently."""
    return any(_letters(name) == _METHOD_OVERRIDE for name in _NAMES.split(text))


def _letters(text: str) -> str:
    """Return the letters and digits that somebody may see in a text: no case, no blanks, nothing invisible."""
    return re.sub("[^a-z0-9]", "", normalize("NFKC", text).casefold())
