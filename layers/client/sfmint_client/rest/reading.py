"""How a lenient server may read a path, a query or a form, and what it must not be brought to by that.

There is one list of readings for all of them: decoded once, twice, and so on, in its usual letters (NFKC), and only then
split. A few resources are no ordinary ones, though a GET of them looks like a read: only who names them gets them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import category, normalize
from urllib.parse import unquote

from sfmint_values.foreign import Foreign
from sfmint_values.plain_text import composed

_METHOD_OVERRIDE = "httpmethod"  # Salesforce takes POST ...?_HttpMethod=DELETE for a DELETE
_BETWEEN_NAMES = frozenset("/?;&#")
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


class _Seen(dict[int, str]):
    """Leaves of a text what somebody may see: what looks like a slash is one, and what is invisible is gone."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = "/" if char in _LIKE_SLASHES else "" if category(char) == "Cf" else char
        return self[code]


_LIKE_SLASHES = frozenset(
    "\N{FRACTION SLASH}\N{DIVISION SLASH}\N{BIG SOLIDUS}\N{SET MINUS}\N{REVERSE SOLIDUS OPERATOR}"
)
_SEEN = _Seen()


class EncodedTooOften(Exception):  # noqa: N818 - what the text is
    """A text is percent-encoded more than `MOST_ENCODINGS` times over."""


def readings(text: Foreign) -> Iterator[str]:
    """Yield a path, and what is left when a server decodes it once, twice, and so on; each in its usual letters too.

    Raises:
        UnicodeDecodeError: that is not UTF-8.
        EncodedTooOften: to read it in each way would take the square of its length.
    """
    for _ in range(MOST_ENCODINGS + 1):
        yield text
        usual = composed(text)
        if usual != text:
            yield usual
        if not usual.isascii() and (seen := usual.translate(_SEEN)) != usual:
            yield seen
        if (decoded := unquote(usual, errors="strict")) == usual:
            return
        text = decoded
    raise EncodedTooOften


def names_method(text: Foreign, *, first: int = 0) -> bool:
    """Tell whether a path, a query or a form names another method to a server that reads it leniently.

    What is no UTF-8 is passed over: a value may hold any percent sign. It takes as long as the text is.

    Args:
        text: with or without percent signs.
        first: how many names at the beginning do not count; 1 if the text is a value.
    """
    for _ in range(MOST_ENCODINGS + 1):
        marked = text.translate(_NAMES)
        if _METHOD_OVERRIDE in marked:
            names = (piece.partition("=")[0] for piece in marked.split("/")[first:])
            if _METHOD_OVERRIDE in names:
                return True
        if (decoded := unquote(text)) == text:
            return False
        text = decoded
    return False


class _Names(dict[int, str]):
    """Leaves of a text the letters and digits that somebody may see: no case, no marks, nothing invisible.

    What separates names becomes a slash, and the sign of equality stays. Each character is looked up once.
    """

    def __missing__(self, code: int) -> str:
        usual = normalize("NFKD", chr(code)).casefold()
        marks = ("/" if char in _BETWEEN_NAMES else char for char in usual)
        self[code] = "".join(char for char in marks if char in "/=" or (char.isascii() and char.isalnum()))
        return self[code]


_NAMES = _Names()
_NO_SIGNS = {ord("/"): "", ord("="): ""}


def _letters(text: Foreign) -> str:
    """Return the letters and digits that somebody may see in a text."""
    return text.translate(_NAMES).translate(_NO_SIGNS)
