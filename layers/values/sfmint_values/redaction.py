"""What somebody else said, made fit to be shown: one line, cut, and without anything that is or looks like a secret.

One redactor for all of sfmint. It reads a bounded part of a text, letter by letter, so it takes as long as that is.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sfmint_values.foreign import Foreign
from sfmint_values.odd_pieces import dumps, sparse_dumps, splits
from sfmint_values.plain_text import letters_and_looks, one_line
from sfmint_values.secret import Secret
from sfmint_values.sent_secrets import places
from sfmint_values.spans import REDACTED, Span, merged, together
from sfmint_values.vocabulary import LOGIN, Vocabulary

__all__ = ["LONGEST", "REDACTED", "redacted"]

LONGEST = 200
LONGEST_READ = 4096  # characters that are looked at; what follows is never shown
_SHORTEST_SECRET = 8
_ROUNDS = 4  # what is hidden brings its neighbours together, which is seen in the next round
_BEGIN, _END, _DASHES = "-----BEGIN", "-----END", "-----"


def redacted(
    text: Foreign, longest: int = LONGEST, *, vocabulary: Vocabulary = LOGIN, sent: Collection[Secret] = ()
) -> str:
    """Return foreign text as it may stand in a log line or an error.

    What is not plainly words is taken for a secret: a word too many redacted costs a look into Salesforce, a token shown
    costs the token.

    Args:
        text: anything, of any length.
        longest: where it is cut, in characters.
        vocabulary: what counts as words.
        sent: the secrets that the other side was sent; they are recognised in any spelling.
    """
    most = max(longest, LONGEST_READ)
    line = one_line(text[:most], vocabulary.control)[:most]
    shown = _Shown(*letters_and_looks(line))
    shown.hide(_keys(shown.letters))
    shown.hide(together(places(shown.letters, sent), vocabulary.runs(shown.letters)))
    shown.hide(_no_words(shown, vocabulary))
    for _ in range(_ROUNDS):
        before = shown.letters
        shown.hide(dumps(shown.letters))
        shown.hide(sparse_dumps(shown.letters))
        shown.hide(splits(shown.letters, vocabulary))
        if shown.letters == before:
            break
    if shown.is_changed:
        line = "".join(shown.looks) if vocabulary.keeps_marks else shown.letters
    line = " ".join(line.split())
    return line if len(line) <= longest else f"{line[: longest - 4].rstrip()} ..."


@dataclass(slots=True)
class _Shown:
    """What is shown of a text.

    Attributes:
        letters: without their marks; in them secrets are looked for.
        looks: what stands for each letter in the text.
        is_changed: whether something is hidden.
    """

    letters: str
    looks: list[str]
    is_changed: bool = False

    def hide(self, spans: Iterable[Span]) -> None:
        """Put a word in the place of each span."""
        letters: list[str] = []
        looks: list[str] = []
        at = 0
        for start, end in merged(spans):
            letters += (self.letters[at:start], REDACTED)
            looks += (*self.looks[at:start], *REDACTED)
            at, self.is_changed = end, True
        self.letters = "".join((*letters, self.letters[at:]))
        self.looks = looks + self.looks[at:]


def _keys(text: Foreign) -> Iterator[Span]:
    """Yield the PEM blocks; one without an end reaches to the end of the text."""
    start = text.find(_BEGIN)
    while start >= 0:
        last = text.find(_END, start)
        dashes = -1 if last < 0 else text.find(_DASHES, last + len(_END))
        end = len(text) if dashes < 0 else dashes + len(_DASHES)
        yield start, end
        start = text.find(_BEGIN, end)


def _no_words(shown: _Shown, vocabulary: Vocabulary) -> Iterator[Span]:
    """Yield what is written in the characters of a secret and is not words."""
    for start, end in vocabulary.runs(shown.letters):
        if end - start < _SHORTEST_SECRET or vocabulary.is_words(shown.letters[start:end]):
            continue
        looks = set(shown.looks[start:end])
        one_letter = len(looks) == 1 and not "".join(looks).isascii()  # with an accent, and however often
        if not (one_letter and vocabulary.keeps_marks):
            yield start, end
