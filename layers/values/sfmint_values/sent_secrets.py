"""Finds a secret that was sent in what came back, however it is spelled.

A server may repeat it plainly, in hexadecimal, decimal or octal bytes, in base64, with escapes, and cut into parts with
anything between them. The secret is written in each of these ways, letters and digits only, and pieces of ten of them
are looked for. Each step looks at a letter of the text once, so it takes as long as the text is.
"""

import re
import sys
from base64 import b64encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from sfmint_values.foreign import Foreign
from sfmint_values.odd_pieces import dumps, pieces_of, sparse_dumps
from sfmint_values.plain_text import composed
from sfmint_values.secret import Secret
from sfmint_values.spans import Span, is_letter, merged

ENOUGH = 10  # letters in a row, of which chance gives no two texts the same
_STEP = ENOUGH // 2
_LEAST = 4  # a secret with fewer letters cannot be told from a word
_MOST_BETWEEN = 12  # pieces of something else between two parts
_OWN = 5  # letters that a row must have beside those that are free
ORG_ID = 15  # an opaque token begins with the id of its org, which is no secret: 00D...!...
MOST_LAYERS = 3  # of escapes upon escapes
_LONGEST_HALF = 2048  # characters: of a longer secret its first and its last so many are looked for
# Of a piece, and at a time: they bound the work, however often a secret repeats itself.
_MOST_BEGUN, _MOST_CHAINS = 16, 64
_ESCAPES = re.compile(
    r"(?P<bytes>(?:(?:%|\\x|\\X)[0-9A-Fa-f]{2})++)|\\[uU](?P<utf16>[0-9A-Fa-f]{4})|0[xX](?P<byte>[0-9A-Fa-f]{2})"
    r"|&#(?P<decimal>[0-9]{1,7});|&#[xX](?P<hex>[0-9A-Fa-f]{1,6});"
)
# Decimal and octal bytes, as tables of the first, second and third character of each.
_NUMERALS = tuple(
    tuple(bytes(ord(format(byte, form)[at]) for byte in range(256)) for at in range(3)) for form in ("3d", "03d", "03o")
)
_NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_NO_HEX = str.maketrans("", "", "%\\xX")


def places(text: Foreign, sent: Collection[Secret]) -> Iterator[Span]:
    """Yield where a text spells one of the secrets.

    Args:
        text: one line in its usual letters.
        sent: the secrets.
    """
    books = [book for secret in sent for book in _books(secret)]
    layers = list(_layers(text)) if books else []
    for book in books:
        for layer in layers:
            yield from merged(_in_a_row(layer, book))
            yield from merged(_in_parts(layer, book))


def repeats(text: Foreign, sent: Collection[Secret], *, known: Collection[str]) -> bool:
    """Return whether a text spells one of the secrets, or dumps anything: a quick look, which most often is enough.

    Args:
        text: one line of a few hundred characters in ASCII.
        sent: the secrets.
        known: words in lower case that may stand in any such text.
    """
    letters, suspects, short = "", [], 0
    for piece in pieces_of(text):
        at, letters = len(letters), letters + piece.text.lower()
        if letters[at:] not in known:
            suspects.append((max(0, at - ENOUGH + 1), len(letters) + _STEP))
            short += len(piece.text) if len(piece.text) < ENOUGH else 0
    # Each row of `ENOUGH` letters holds one of these, which are few.
    rows = {
        letters[at : at + _STEP + 1] for first, last in merged(suspects) for at in range(first, last) if not at % _STEP
    }
    pages = [book.own_page for secret in sent for book in _books(secret)]
    in_a_row = any(row in page for page in pages for row in rows if len(row) > _STEP)
    # Short pieces may be parts of a secret, and an escape may be any letter.
    is_doubtful = in_a_row or short >= ENOUGH or any(_escapes(text))
    return is_doubtful and (any(places(text, sent)) or any(dumps(text)) or any(sparse_dumps(text)))


@lru_cache(maxsize=8)
def _books(secret: Secret) -> tuple["Book", ...]:
    """Return a secret in all spellings: a process is told of the same one again and again."""
    text = secret.reveal()
    if len(text) <= 2 * _LONGEST_HALF:
        return (Book.write(text),)
    return Book.write(text[:_LONGEST_HALF]), Book.write(text[-_LONGEST_HALF:])


@dataclass(frozen=True, repr=False)
class Book:
    """A secret in all spellings, in lower case.

    Attributes:
        plain: its letters and digits.
        free: how many of them, from the first, are no secret.
        in_text: in base64, at each of the three alignments.
        in_bytes: in hexadecimal, decimal and octal bytes, the latter two with three digits a byte too.
    """

    plain: str
    free: int
    in_text: tuple[str, ...]
    in_bytes: tuple[str, ...]

    @classmethod
    def write(cls, secret: str) -> "Book":
        """Return the spellings of a secret."""
        data = secret.encode(errors="surrogatepass")
        # Each byte before it shifts the alignment; what is written of those bytes themselves is cut off.
        encoded = (_letters(b64encode(bytes(before) + data).decode())[before and before + 1 :] for before in range(3))
        return cls(
            plain=_letters(secret),
            free=ORG_ID if secret[ORG_ID : ORG_ID + 1] == "!" else 0,
            in_text=tuple(encoded),
            in_bytes=(data.hex(), *(_in_numerals(data, tables) for tables in _NUMERALS)),
        )

    @cached_property
    def rows(self) -> dict[int, frozenset[str]]:
        """By length: what the letters of a text must not hold in a row."""
        found: dict[int, set[str]] = {}
        for spelling, free in ((self.plain, self.free), *((each, 0) for each in (*self.in_text, *self.in_bytes))):
            length = min(ENOUGH, len(spelling))
            if length >= _LEAST:
                # A row may begin with what is free, but not consist of it.
                first = max(0, free + _OWN - length) if free else 0
                rows = (spelling[at : at + length] for at in range(first, len(spelling) - length + 1))
                found.setdefault(length, set()).update(rows)
        return {length: frozenset(rows) for length, rows in found.items()}

    @property
    def own_page(self) -> str:
        """All spellings, one below the other, without what is free and cannot be in a row."""
        return self.pages[1][max(0, self.free + _OWN - ENOUGH) :]

    @cached_property
    def pages(self) -> tuple[str, str]:
        """All spellings, one below the other: of letters, and of letters and bytes."""
        text = "\n".join((self.plain, *self.in_text))
        return text, "\n".join((text, *self.in_bytes))


@dataclass(frozen=True, slots=True)
class _Layer:
    """A text, perhaps with its escapes resolved.

    Attributes:
        text: its characters.
        spans: where each stands in the text as it came.
    """

    text: str
    spans: list[Span]


def _layers(text: Foreign) -> Iterator[_Layer]:
    """Yield the text as it is, then without its escapes, then without those that this has brought to light."""
    layer = _Layer(text, [(at, at + 1) for at in range(len(text))])
    yield layer
    for _ in range(MOST_LAYERS):
        resolved = _resolved(layer)
        if resolved.text == layer.text:
            return
        layer = resolved
        yield layer


def _resolved(layer: _Layer) -> _Layer:
    chars: list[str] = []
    spans: list[Span] = []
    at = 0
    for escape in _escapes(layer.text):
        chars += layer.text[at : escape.start()]
        spans += layer.spans[at : escape.start()]
        at = escape.end()
        meant = composed(_meant(escape))
        chars += meant
        spans += [(layer.spans[escape.start()][0], layer.spans[at - 1][1])] * len(meant)
    return _Layer("".join((*chars, layer.text[at:])), spans + layer.spans[at:])


def _escapes(text: Foreign) -> Iterator[re.Match[str]]:
    return _ESCAPES.finditer(text)


def _meant(escape: re.Match[str]) -> str:
    """Return the characters that an escape stands for."""
    if digits := escape["bytes"]:
        return bytes.fromhex(digits.translate(_NO_HEX)).decode(errors="replace")
    if decimal := escape["decimal"]:
        code = int(decimal)
    else:
        code = int(escape["utf16"] or escape["byte"] or escape["hex"], 16)
    return chr(code) if code <= sys.maxunicode else ""


def _in_a_row(layer: _Layer, book: Book) -> Iterator[Span]:
    """Yield where letters of a spelling follow each other, whatever else but letters and digits is between them."""
    where = [at for at, char in enumerate(layer.text) if is_letter(char)]
    letters = _letters(layer.text)
    for length, rows in book.rows.items():
        for at in range(len(letters) - length + 1):
            if letters[at : at + length] in rows:
                yield layer.spans[where[at]][0], layer.spans[where[at + length - 1]][1]


def _in_parts(layer: _Layer, book: Book) -> Iterator[Span]:
    """Yield where pieces of a text are parts of a spelling that follow each other, with other pieces between them."""
    if len(book.plain) < ENOUGH:
        return
    chains: dict[int, _Chain] = {}  # by where in the spellings each has come to
    begin: dict[str, tuple[int, ...]] = {}  # by part: where in the spellings it stands first
    pieces = pieces_of(layer.text)
    for number, piece in enumerate(pieces):
        part, page = piece.text.lower(), book.pages[len(piece.text) > 1]
        live = {at: chain for at, chain in chains.items() if number - chain.last <= _MOST_BETWEEN + 1}
        if part not in begin:
            begin[part] = tuple(islice(_occurrences(part, page), _MOST_BEGUN))
        begun = {at: _Chain(0, number, number) for at in begin[part]}
        going = {at: chain for at, chain in live.items() if page.startswith(part, at)}
        longer = {
            at + len(part): _Chain(chain.length + len(part), chain.first, number)
            for at, chain in (begun | going).items()
        }
        found = [chain.first for end, chain in longer.items() if chain.length >= ENOUGH and end >= book.free + _OWN]
        if found:
            yield layer.spans[pieces[min(found)].start][0], layer.spans[piece.end - 1][1]
        kept = live | {end: _longest(chain, live.get(end)) for end, chain in longer.items()}
        chains = dict(sorted(kept.items(), key=lambda each: each[1].length)[-_MOST_CHAINS:])


class _Chain(NamedTuple):
    """Parts of a spelling that follow each other.

    Attributes:
        length: in letters.
        first: number of its first piece.
        last: number of its last piece.
    """

    length: int
    first: int
    last: int


def _longest(chain: _Chain, before: _Chain | None) -> _Chain:
    """Return the longer one of two that end at the same place: between its parts a letter may be written again."""
    return before._replace(last=chain.last) if before is not None and before.length > chain.length else chain


def _occurrences(part: Foreign, page: str) -> Iterator[int]:
    """Yield where a part stands in the spellings; those that are not letters but bytes have no single letters."""
    at = page.find(part)
    while at >= 0:
        yield at
        at = page.find(part, at + 1)


def _in_numerals(data: bytes, tables: tuple[bytes, ...]) -> str:
    """Return each byte as a number, without blanks before it: a column of characters at a time, which takes no loop."""
    written = bytearray(len(tables) * len(data))
    for at, table in enumerate(tables):
        written[at :: len(tables)] = data.translate(table)
    return written.replace(b" ", b"").decode()


def _letters(text: Foreign) -> str:
    """Return the letters and digits of a text in lower case."""
    return text.encode("ascii", "ignore").translate(None, _NO_LETTERS).lower().decode()
