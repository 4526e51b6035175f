"""What a search for keys, assertions and tokens looks for, in whatever spelling and archive a text has them."""

import base64
import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

PIECE = 24  # characters: of every text twice as long, one piece is found whole

# Three dotted parts, the first two of which are JSON objects: an assertion, or a token that is a JWT.
_JWT = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}")
_LINE_OF_KEY = re.compile(r"^[A-Za-z0-9+/=]{20,}$", re.MULTILINE)
_LETTERS, _MORE_LETTERS = rb"[A-Za-z0-9+/=_.!~-]", rb"[ -~]"  # of every true secret, and of whatever else is looked for


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets to look for, as pieces that survive quoting and cutting.

    Attributes:
        pieces: each piece of text, and what it is a piece of.
    """

    pieces: dict[bytes, str] = field(repr=False)
    _by_start: dict[bytes, list[bytes]] = field(init=False, repr=False)
    _short: list[bytes] = field(init=False, repr=False)
    _words: re.Pattern[bytes] = field(init=False, repr=False)  # nothing else can hold a piece

    def __post_init__(self) -> None:
        shortest = min(map(len, self.pieces), default=PIECE)
        is_plain = re.fullmatch(rb"%s*" % _LETTERS, b"".join(self.pieces)) is not None
        letters = _LETTERS if is_plain else _MORE_LETTERS
        object.__setattr__(self, "_words", re.compile(rb"%s{%d,}" % (letters, shortest)))
        by_start: dict[bytes, list[bytes]] = {}
        for piece in self.pieces:
            by_start.setdefault(piece[:PIECE], []).append(piece)
        object.__setattr__(self, "_by_start", by_start)
        object.__setattr__(self, "_short", [start for start in by_start if len(start) < PIECE])

    @classmethod
    def split(cls, *, tokens: Iterable[str] = (), private_keys: Iterable[str] = ()) -> Self:
        """Take tokens, and private keys in PEM, for secrets."""
        pieces: dict[bytes, str] = {}
        for token in tokens:
            for piece in filter(None, _cut(_drawn(token).encode())):
                pieces |= dict.fromkeys(_spellings(piece), "an access token")
        for key in private_keys:
            public = _public_text(key)
            for line in _LINE_OF_KEY.findall(key):
                for piece in _cut(line.encode()):
                    if piece not in public:
                        pieces |= dict.fromkeys(_spellings(piece), "a private key")
        return cls(pieces)

    def found_in(self, text: bytes) -> set[str]:
        """Return the kinds of secret in a text, or in what an archive holds."""
        return {what for part in unpacked(text) for what in self.found_in_part(part)}

    def found_in_part(self, text: bytes) -> set[str]:
        """Return the kinds of secret in a text as it is."""
        words = {word for reading in _readings(text) for word in self._words.findall(reading)}
        found = {self.pieces[piece] for word in words for piece in self._pieces_in(word)}
        return found | {"an assertion"} if any(map(_JWT.search, words)) else found

    def _pieces_in(self, word: bytes) -> Iterator[bytes]:
        for start in self._by_start.keys() & {word[at : at + PIECE] for at in range(len(word) - PIECE + 1)}:
            yield from (piece for piece in self._by_start[start] if piece in word)
        yield from (short for short in self._short if short in word)


def _drawn(token: str) -> str:
    """Return the part of a token that no other token has: what follows the org's id, or the signature of a JWT."""
    return token.rpartition("!" if "!" in token else ".")[2]


def _cut(text: bytes) -> Iterator[bytes]:
    """Give pieces of equal length; the last one overlaps the one before."""
    if len(text) <= PIECE:
        yield text
        return
    yield from (text[at : at + PIECE] for at in range(0, len(text) - PIECE + 1, PIECE))
    yield text[-PIECE:]


def _public_text(key: str) -> bytes:
    """Return what of a key's text its certificate has too, wherever in a longer text it begins, and what every key begins with."""
    beginning = "".join(_LINE_OF_KEY.findall(key))[: 2 * PIECE].encode()
    try:
        loaded = load_pem_private_key(key.encode(), password=None)
    except (TypeError, ValueError):
        return beginning  # no key, or one with a passphrase
    if not isinstance(loaded, RSAPrivateKey):
        return beginning
    modulus = loaded.public_key().public_numbers().n.to_bytes(loaded.key_size // 8)
    return b"\n".join([beginning, *(base64.b64encode(bytes(before) + modulus) for before in range(3))])


def _spellings(piece: bytes) -> Iterator[bytes]:
    """Give a piece as it is, in hexadecimal, and in base64 wherever in a longer text it begins."""
    yield piece
    if len(piece) < PIECE:
        return  # so little would be found everywhere
    yield piece.hex().encode()
    yield piece.hex().upper().encode()
    for before in range(3):
        whole = base64.b64encode(bytes(before) + piece)
        yield whole[(4 if before else 0) : len(whole) - 4]  # what lies beside the piece has no part in these


def _readings(text: bytes) -> Iterator[bytes]:
    """Give a text as it is, in one byte a character, without percent signs, and without escapes."""
    yield text
    if b"\0" in text:
        yield text.replace(b"\0", b"")
    if b"%" in text:
        yield unquote_to_bytes(text)
    if b"\\" in text:
        yield text.replace(b"\\n", b"\n").replace(b"\\", b"")


def unpacked(text: bytes) -> Iterator[bytes]:
    """Give a text, and the members of the archive that it is."""
    yield text
    if text.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(text)) as archive:
            for name in archive.namelist():
                yield from unpacked(archive.read(name))
    if text.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError):
            yield from unpacked(gzip.decompress(text))
