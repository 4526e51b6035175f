"""How a lenient server may read a path or a name, and what it must not be brought to by that.

A few resources are no ordinary ones, though a GET of them looks like a read: only who names them gets them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from sfmint_values.foreign import Foreign
from sfmint_values.plain_text import composed

_METHOD_OVERRIDE = "httpmethod"  # Salesforce takes POST ...?_HttpMethod=DELETE for a DELETE
_NAMES = re.compile("[/?;&=]")
MOST_ENCODINGS = 5  # that a path may have, one upon the other


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


def specials(path: Foreign) -> frozenset[Special]:
    """Return what a path leads to, in any reading, that only a rule naming it allows."""
    ways = [[_letters(part.partition(";")[0]) for part in reading.split("/")] for reading in readings(path)]
    return frozenset(special for special in SPECIALS if any(special.is_in(way) for way in ways))


class EncodedTooOften(Exception):  # noqa: N818 - what the text is
    """A text is percent-encoded more than `MOST_ENCODINGS` times over."""


def readings(text: Foreign) -> Iterator[str]:
    """Yield a text, and what is left when a server decodes it once, twice, and so on.

    Raises:
        UnicodeDecodeError: that is not UTF-8.
        EncodedTooOften: to read it in each way would take the square of its length.
    """
    yield text
    for _ in range(MOST_ENCODINGS):
        if (decoded := unquote(text, errors="strict")) == text:
            return
        text = decoded
        yield text
    if "%" in text and unquote(text) != text:
        raise EncodedTooOften


def names_method(text: Foreign) -> bool:
    """Tell whether a query's name, a path or a form names another method to a server that reads it leniently."""
    names = (name for name in _NAMES.split(text) if len(name) >= len(_METHOD_OVERRIDE))
    return any(_letters(name) == _METHOD_OVERRIDE for name in names)


def _letters(text: Foreign) -> str:
    """Return the letters and digits that somebody may see in a text: no case, no blanks, nothing invisible."""
    return re.sub("[^a-z0-9]", "", composed(text).casefold())
