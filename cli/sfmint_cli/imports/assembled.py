"""A connection's secret, put together from what was found and what the command line says, and checked as the broker checks it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sfmint.salesforce.connection import DEFAULT_LIFETIME_S, Connection, parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field, Vocabulary
from sfmint_cli.broker_code import SigningKey, is_encrypted, load_signing_key
from sfmint_cli.imports.key_text import is_key
from sfmint_cli.imports.names import names_for
from sfmint_cli.imports.piece import Found, Piece, Pieces, subject
from sfmint_cli.key_file import passphrase_of
from sfmint_cli.options import LONGEST_TEXT
from sfmint_cli.result import Failed
from sfmint_cli.tainted_keys import barred_as
from sfmint_cli.vocabulary import failure_in, of_origins

GIVEN = "the command line"
_NEEDED = {
    Field.PRIVATE_KEY: ("private key", "--key"),
    Field.CONSUMER_KEY: ("consumer key", "--consumer-key"),
    Field.USERNAME: ("user name", "--username"),
    Field.TOKEN_HOST: ("token host", "--token-host"),
}
_SHOWN = (
    *(Field.CONSUMER_KEY, Field.USERNAME, Field.TOKEN_HOST, Field.AUDIENCE, Field.ORG_ID, Field.TOKEN_LIFETIME),
    Field.HOSTS,
)
_SHORT = (Field.CONSUMER_KEY, Field.USERNAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What is to be stored.

    Attributes:
        pieces: its fields, each with its origin.
        key: that signs, checked with the certificate, if there is one.
    """

    pieces: Pieces
    key: SigningKey

    @property
    def text(self) -> str:
        """The JSON text of the secret, which holds the key in clear."""
        return json.dumps({field.value: piece.said() for field, piece in self.pieces.items()})

    def checked(self, name: str, text: str, listed: frozenset[str]) -> Connection:
        """Return the connection that the broker reads from a text of these pieces.

        Args:
            name: the connection's.
            text: of the secret.
            listed: hosts beside Salesforce's own that may be asked.

        Raises:
            Failed: the broker would refuse it, or its key is tainted.
        """
        barred_as(text, "{}")
        try:
            return parse_connection(name, text, listed)
        except CredentialFault as fault:
            raise failure_in(fault, _words(self.pieces)) from None

    def told(self) -> dict[str, str]:
        """Return what was found and where, by field; of a key and a certificate only where."""
        said = {
            field.value: f"{self.pieces[field].said()}  ({self.pieces[field].origin})"
            for field in _SHOWN
            if field in self.pieces
        }
        key = {Field.PRIVATE_KEY.value: f"key {self.key.key_id}  ({self.pieces[Field.PRIVATE_KEY].origin})"}
        certificate = self.pieces.get(Field.CERTIFICATE)
        until = {} if certificate is None else {Field.CERTIFICATE.value: f"fits the key  ({certificate.origin})"}
        return {**said, **key, **until}


def assembled(found: Found, given: Mapping[Field, str], passphrase_file: Path | None) -> Assembled:
    """Return what is to be stored.

    Args:
        found: what the source says.
        given: what the command line says, which counts more.
        passphrase_file: holds the key's passphrase, if it is encrypted and the source does not say it.

    Raises:
        Failed: something is missing, or the key cannot be used.
    """
    pieces = {**found.pieces, **{field: Piece.of(text, GIVEN) for field, text in given.items()}}
    pieces.setdefault(Field.TOKEN_LIFETIME, Piece.of(str(DEFAULT_LIFETIME_S), "the default"))
    if Field.TOKEN_HOST not in pieces and Field.AUDIENCE in pieces:
        pieces[Field.TOKEN_HOST] = pieces[Field.AUDIENCE]
    for field, (words, option) in _NEEDED.items():
        if field not in pieces:
            raise Failed(
                f"{subject(found.source)} says no {words}.",
                remedy=f"Give it with {option}. Names that are read: {names_for(field)} and their like.",
                name="Incomplete",
            )
    _require_plain(pieces)
    return _with_key(pieces, passphrase_file)


def _require_plain(pieces: Pieces) -> None:
    """Check that what will be shown is no key, put into the wrong place.

    Raises:
        Failed: it is one, or longer than Salesforce has it.
    """
    for field in _SHOWN:
        if (piece := pieces.get(field)) and (
            is_key(piece.said()) or (field in _SHORT and len(piece.said()) > LONGEST_TEXT)
        ):
            raise Failed(
                f"{piece.origin} is no {field.value.replace('_', ' ')}: it holds a key, or more than {LONGEST_TEXT} characters.",
                remedy="Look whether two values were taken for each other there.",
                name="WrongValue",
            )


def _with_key(pieces: dict[Field, Piece], passphrase_file: Path | None) -> Assembled:
    key, certificate = pieces[Field.PRIVATE_KEY], pieces.get(Field.CERTIFICATE)
    try:
        encrypted = is_encrypted(key.text)
        if encrypted and (passphrase_file is not None or Field.PRIVATE_KEY_PASSPHRASE not in pieces):
            passphrase = passphrase_of(key.origin, passphrase_file, encrypted=True)
            if passphrase is not None:
                pieces[Field.PRIVATE_KEY_PASSPHRASE] = Piece(
                    text=passphrase, origin=str(passphrase_file or "the terminal")
                )
        if not encrypted:
            pieces.pop(Field.PRIVATE_KEY_PASSPHRASE, None)
        passphrase_piece = pieces.get(Field.PRIVATE_KEY_PASSPHRASE)
        signing = load_signing_key(
            key.text,
            None if passphrase_piece is None else passphrase_piece.text,
            None if certificate is None else certificate.said(),
        )
    except CredentialFault as fault:
        raise failure_in(fault, _words(pieces)) from None
    return Assembled(pieces=pieces, key=signing)


def _words(pieces: Pieces) -> Vocabulary:
    return of_origins({field: piece.origin for field, piece in pieces.items() if piece.origin != GIVEN})
