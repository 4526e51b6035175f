"""Tells whether a long answer holds a secret that was sent: exactly, and fast enough for megabytes.

`sent_secrets` says where a short text spells a secret, however it is mangled. Here the question is only whether, and the
text is what a program makes of a secret: plain, escaped, in base64, in bytes written as numbers, or in one of these upon
another. Of both, secret and text, only letters and digits count, without case; so signs between them hide nothing.

Runs of eight are compared as numbers: those of the text at every fourth place, with all of the secret's spellings. A piece of
eleven letters has one of them.
"""

import re
import sys
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from sfmint_values.foreign import ForeignBytes
from sfmint_values.secret import Secret
from sfmint_values.sent_secrets import MOST_LAYERS, ORG_ID, Book
from sfmint_values.spans import is_letter

_RUN, _STEP = 8, 4
_IN_TEXT, _IN_BYTES = 12, 24  # letters of a spelling, and digits, that are too many for chance
_SHORT = 16  # letters; of a shorter secret all of them must be there
_LEAST = 11
_MOST_PLACES = 64  # of a run in a secret that repeats itself: it bounds the work
_KEPT_SECRETS = 8
_LETTERS = bytes(byte for byte in range(128) if chr(byte).isalnum())
_OTHERS = bytes(byte for byte in range(256) if byte not in _LETTERS)
_LOWER = bytes(range(256)).lower()
_JWT_DOTS = 2  # a JWT is header, claims and signature
_ESCAPES = re.compile(  # begins with one of three signs, so that a text without them is passed over quickly
    rb"[%\\&](?:(?P<percent>[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+)"
    rb"|(?:U000000|[uU]00|[xX]|[ux]\{0{0,6}+)(?P<byte>[0-9A-Fa-f]{2})\}?"
    rb"|(?:amp;){0,3}+#(?:0{0,9}+(?P<decimal>[0-9]{1,7})|[xX]0{0,9}+(?P<hex>[0-9A-Fa-f]{1,6}));?)"
)


def holds(content: ForeignBytes, secret: Secret) -> bool:
    """Return whether a text holds a secret, or sixteen characters of it in a row.

    Of a token that begins with the id of its org, and of a JWT, only what follows is secret.

    Args:
        content: of any length and charset.
        secret: with at least eleven letters and digits; a shorter one cannot be told from words.
    """
    spellings = _spellings(secret)
    return any(_found(letters, spellings) for letters in _layers(content))


class _Spelling(NamedTuple):
    """A secret in one of its spellings.

    Attributes:
        text: letters and digits in lower case.
        enough: how many in a row are too many for chance.
    """

    text: bytes
    enough: int


type _Spellings = dict[int, list[tuple[_Spelling, int]]]


@lru_cache(maxsize=_KEPT_SECRETS)
def _spellings(secret: Secret) -> _Spellings:
    """Return all spellings of a secret by their runs of eight, and where each run stands."""
    part = _secret_part(secret.reveal())
    is_short = _count(part) < _SHORT
    book = Book.write(secret.reveal() if is_short else part)
    least = len(book.plain) if is_short else _IN_TEXT
    runs: _Spellings = {}
    if least < _LEAST:
        return runs
    with_marks = "".join(f"0x{byte:02x}" for byte in part.encode(errors="surrogatepass"))
    texts = ((text, least) for text in (book.plain, *book.in_text))
    sparse = (*book.in_bytes, with_marks, *_upon_another(part.encode(errors="surrogatepass")))
    for text, enough in (*texts, *((text, _IN_BYTES) for text in sparse)):
        spelling = _Spelling(text.encode(), enough)
        for at in range(len(text) - _RUN + 1):
            places = runs.setdefault(_number(spelling.text[at : at + _RUN]), [])
            if len(places) < _MOST_PLACES:
                places.append((spelling, at))
    return runs


def _upon_another(secret: bytes) -> Iterator[str]:
    """Yield a secret in UTF-16, hexadecimal, percent signs or base64, and that in hexadecimal or base64 once more."""
    numbers = (secret.hex(), secret.hex().upper(), "".join(f"%{byte:02X}" for byte in secret))
    wide = secret.decode(errors="surrogatepass").encode("utf-16-le", errors="surrogatepass")
    yield _in_letters(wide.hex())
    yield from map(_in_letters, _in_base64(wide))
    for first in _in_base64(secret):
        yield first.encode().hex()
        yield from map(_in_letters, _in_base64(first.encode()))
    for first in numbers:
        yield from map(_in_letters, _in_base64(first.encode()))


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield base64 at each of the three alignments, without what is written of the bytes around."""
    for before in range(3):
        whole = (before + len(data)) * 8 // 6  # digits; one more would have bits of what follows
        yield b64encode(bytes(before) + data).decode()[before and before + 1 : whole]


def _in_letters(text: str) -> str:
    return "".join(filter(is_letter, text)).lower()


def _secret_part(token: str) -> str:
    if token[ORG_ID : ORG_ID + 1] == "!":
        return token[ORG_ID + 1 :]
    return token.rpartition(".")[2] if token.count(".") == _JWT_DOTS else token


def _count(text: str) -> int:
    return sum(map(is_letter, text))


def _number(run: bytes) -> int:
    return int.from_bytes(run, sys.byteorder)


def _found(letters: ForeignBytes, spellings: _Spellings) -> bool:
    for start in range(0, _RUN, _STEP):
        whole = letters[start : start + (len(letters) - start) // _RUN * _RUN]
        runs = memoryview(whole).cast("Q")
        if spellings.keys().isdisjoint(runs):
            continue
        for number, run in enumerate(runs):
            at = start + number * _RUN
            if any(_surrounds(spelling, own, letters, at) for spelling, own in spellings.get(run, ())):
                return True
    return False


def _surrounds(spelling: _Spelling, own: int, letters: ForeignBytes, at: int) -> bool:
    """Return whether enough of a spelling stands around a run that the text shares with it.

    Args:
        spelling: of the secret.
        own: where the run stands in it.
        letters: of the text.
        at: where the run stands in them.
    """
    text, enough = spelling
    first, last = max(0, own + _RUN - enough, own - at), min(own, len(text) - enough)
    return any(letters.startswith(text[way : way + enough], at + way - own) for way in range(first, last + 1))


def _layers(content: ForeignBytes) -> Iterator[bytes]:
    """Yield the letters of a text as it is, then without its escapes, then without those that this has brought to light."""
    yield content.translate(_LOWER, _OTHERS)
    for _ in range(MOST_LAYERS):
        resolved = _ESCAPES.sub(_meant, content)
        if resolved == content:
            return
        content = resolved
        yield content.translate(_LOWER, _OTHERS)


def _meant(escape: re.Match[bytes]) -> bytes:
    """Return the bytes that an escape stands for, or none beyond ASCII, where no secret has its letters."""
    if digits := escape["percent"]:
        return bytes.fromhex(digits.replace(b"%", b"").decode())
    code = int(escape["decimal"]) if escape["decimal"] else int(escape["byte"] or escape["hex"], 16)
    return bytes((code,)) if code < 0x80 else b""  # noqa: PLR2004 - ASCII
