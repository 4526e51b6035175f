"""Keys, certificates and passphrases as the sources name them: their text, or the file that they lie in."""

import os
from pathlib import Path

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field
from sfmint_cli import render
from sfmint_cli.broker_code import is_encrypted, pem_of_octets
from sfmint_cli.file_content import expanded
from sfmint_cli.imports.piece import Piece
from sfmint_cli.key_file import octets_in, passphrase_in
from sfmint_cli.options import LONGEST_PATH
from sfmint_cli.result import Failed
from sfmint_cli.vocabulary import failure_in, of_origins
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret

_OTHERS = 0o077


def key_piece(text: str, origin: str, *, is_path: bool = False) -> Piece:
    """Return the private key that a value holds, or whose file it names.

    Raises:
        Failed: it names no file that can be read.
    """
    if not is_path and (is_key(text) or not _may_be_path(text)):
        return Piece.of(text, origin)
    path = _named(text, origin, "--key")
    if not is_path and not path.exists():
        return Piece.of(text, origin)  # what it is instead is said when it is read
    return _in_file(path, Field.PRIVATE_KEY, origin)


def certificate_piece(text: str, origin: str) -> Piece:
    """Return the certificate in the file that a value names.

    Raises:
        Failed: it names no file that can be read.
    """
    return _in_file(_named(text, origin, "--certificate"), Field.CERTIFICATE, origin)


def passphrase_piece(text: str, origin: str) -> Piece:
    """Return the passphrase in the file that a value names.

    Raises:
        Failed: it names no file that can be read.
    """
    path = _named(text, origin, "--passphrase-file")
    return Piece(text=passphrase_in(path, _called(origin)), origin=f"{path} (named by {origin})")


def is_key(text: Foreign) -> bool:
    """Return whether a text holds a private key, in whatever wrapping."""
    try:
        is_encrypted(Secret(text))
    except CredentialFault:
        return False
    return True


def warn_if_open(path: Path) -> None:
    """Warn of a file with a key that others on this machine may read."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if os.name == "posix" and mode & _OTHERS:
        render.warn(
            f"Others on this machine may read {path}, which holds a key: chmod 600 it, or remove it afterwards."
        )


def _in_file(path: Path, field: Field, origin: str) -> Piece:
    words = of_origins({field: str(path)})
    octets = octets_in(path, _called(origin))
    try:
        text = pem_of_octets(field, octets)
    except CredentialFault as fault:
        raise failure_in(fault, words) from None
    if field is Field.PRIVATE_KEY:
        warn_if_open(path)
    return Piece.of(text, f"{path} (named by {origin})")


def _called(origin: str) -> str:
    """Return what a file is called until it was read: its name may be a key or a passphrase, put into the wrong place."""
    return f"The file that {origin} names"


def _named(text: Foreign, origin: str, option: str) -> Path:
    if not _may_be_path(text) or is_key(text):
        raise Failed(
            f"{origin} should name a file, and holds something else.",
            remedy=f"Give the file with {option}.",
            name="WrongFile",
        )
    return expanded(Path(text.strip()))


def _may_be_path(text: Foreign) -> bool:
    text = text.strip()
    return bool(text) and len(text) <= LONGEST_PATH and text.isprintable() and "-----" not in text
