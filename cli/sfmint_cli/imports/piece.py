"""One value that was found for a field of a connection, and where."""

from collections.abc import Mapping
from dataclasses import dataclass

from sfmint.salesforce.vocabulary import Field
from sfmint_values.secret import Secret


def subject(source: str) -> str:
    """Return what was read as a sentence begins with it; the name of a file stays as it is."""
    return f"The {source.removeprefix('the ')}" if source.startswith("the ") else source


type Pieces = Mapping[Field, Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A value and its origin.

    Attributes:
        text: the value, which may be a key.
        origin: where it was found, in words that may be shown.
    """

    text: Secret
    origin: str

    @classmethod
    def of(cls, text: str, origin: str) -> "Piece":
        """Return a piece of a text."""
        return cls(text=Secret(text), origin=origin)

    def said(self) -> str:
        """Return the value in clear."""
        return self.text.reveal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source holds.

    Attributes:
        pieces: by field.
        source: what was read, in words.
        notes: what a person should know before it is stored, one sentence each.
    """

    pieces: Pieces
    source: str
    notes: tuple[str, ...] = ()
