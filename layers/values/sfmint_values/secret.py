"""The only holder of text that must never be seen, and what may be shown of it: a fingerprint."""

import hashlib
from typing import NoReturn, Self

from sfmint_values.foreign import Foreign

_HEX_DIGITS = frozenset("0123456789abcdef")
_DIGITS = 16  # of a fingerprint, and of a key id


class Secret:
    """A key, assertion, passphrase or access token.

    Neither `repr` nor `str` nor formatting shows it, it cannot be pickled, and a copy is itself, so that
    `dataclasses.asdict` stays redacted. The text comes out by `reveal` alone; a test lists the modules that may call it.

    Args:
        text: what must not be seen.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(...)"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        msg = "a Secret does not leave the process"
        raise TypeError(msg)


def fingerprint_of(token: str) -> str:
    """Return the first 16 hex digits of SHA-256 of an access token, by which logs and callers speak of it."""
    return hashlib.sha256(token.encode()).hexdigest()[:_DIGITS]


def key_id_of_spki(spki: bytes) -> str:
    """Return the first 16 hex digits of SHA-256 of a public key (DER, SubjectPublicKeyInfo), which name the key."""
    return hashlib.sha256(spki).hexdigest()[:_DIGITS]


def is_fingerprint(text: Foreign) -> bool:
    """Return whether a text has the form of a fingerprint, which is that of a key id too: 16 hex digits."""
    return len(text) == _DIGITS and _HEX_DIGITS.issuperset(text)
