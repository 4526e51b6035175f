"""Secrets that somebody has taken apart: bytes or letters one by one, or pieces that are no words close together."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sfmint_values.foreign import Foreign
from sfmint_values.spans import REDACTED, Span
from sfmint_values.vocabulary import Vocabulary

_PIECES = re.compile("[A-Za-z0-9]+")
_SHORT = re.compile("[A-Za-z0-9]{1,2}|[0-9]{3}|(?:0?[xX]|[uU]00)[0-9A-Fa-f]{2}")  # a letter, or a byte in some notation
_NAME = re.compile("[A-Za-z]{3,}[0-9]+")  # as in Amount2__c
_DUMP = 12  # short pieces in a row
_SPARSE_DUMP, _CODES = 16, 8  # pieces that may be codes of letters, and how many of them are no short words
_LONGEST_CODE = 14  # letters and digits; a record id has more
_BETWEEN = 2  # pieces that may stand between two of a secret
_ODD = 3  # pieces that are no words
_FILLER = 3  # a word that comes so often may be filler: it puts no distance between its neighbours


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters and digits in a row.

    Attributes:
        start: where it begins in the text.
        text: itself.
    """

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + len(self.text)


def pieces_of(text: Foreign) -> list[Piece]:
    """Return the pieces of a text, in order."""
    return [Piece(found.start(), found[0]) for found in _PIECES.finditer(text)]


def dumps(text: Foreign) -> Iterator[Span]:
    """Yield where bytes or letters stand one by one, and the piece after them: their rest."""
    row: list[Piece] = []
    for piece in pieces_of(text):
        row.append(piece)
        if not is_short(piece.text):
            if len(row) >= _DUMP:
                yield row[0].start, piece.end
            row.clear()
    if len(row) >= _DUMP:
        yield row[0].start, row[-1].end


def sparse_dumps(text: Foreign) -> Iterator[Span]:
    """Yield where bytes or letters stand one by one or a few at a time, perhaps with other words between them."""
    for chain in _chains(pieces_of(text), _may_be_code):
        if len(chain) >= _SPARSE_DUMP and sum(map(_is_code, chain)) >= _CODES:
            yield chain[0].start, chain[-1].end


def splits(text: Foreign, vocabulary: Vocabulary) -> Iterator[Span]:
    """Yield where pieces that are no words stand close together."""
    for chain in _chains(pieces_of(text), lambda piece: not vocabulary.is_word(piece)):
        if len(chain) >= _ODD:
            yield chain[0].start, chain[-1].end


def is_short(piece: Foreign) -> bool:
    """Return whether a piece may be one letter or byte of a secret, or two."""
    return _SHORT.fullmatch(piece) is not None


def _may_be_code(piece: Foreign) -> bool:
    """Return whether a piece may stand for a few letters of a secret."""
    has_digits = len(piece) <= _LONGEST_CODE and not piece.isalpha()
    return is_short(piece) or (has_digits and _NAME.fullmatch(piece) is None)


def _is_code(piece: Piece) -> bool:
    """Return whether a piece is none of the short words that every language has."""
    return not (piece.text.isalpha() and piece.text.islower())


def _chains(pieces: list[Piece], is_part: Callable[[str], bool]) -> Iterator[list[Piece]]:
    """Yield the longest rows of parts between any two of which there are at most `_BETWEEN` other pieces."""
    counts = Counter(piece.text for piece in pieces if piece.text not in REDACTED)
    chain: list[Piece] = []
    between = 0
    for piece in pieces:
        if is_part(piece.text):
            chain.append(piece)
            between = 0
        elif counts[piece.text] < _FILLER:
            between += 1
            if chain and between > _BETWEEN:
                yield chain
                chain = []
    if chain:
        yield chain
