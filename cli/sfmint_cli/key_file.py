"""Keys, certificates and passphrases in files, checked as the broker checks them in a secret."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

import click

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field, Vocabulary
from sfmint_cli import render
from sfmint_cli.broker_code import SigningKey, is_encrypted, key_id_of, load_signing_key, pem_of_octets
from sfmint_cli.file_content import content, expanded
from sfmint_cli.instants import written
from sfmint_cli.options import KeyPaths
from sfmint_cli.result import Failed
from sfmint_cli.signing import Signing
from sfmint_cli.vocabulary import failure_of, of_files
from sfmint_values.secret import Secret
from sfmint_values.text_bytes import text_of

LARGEST_CERTIFICATE = 4096  # bytes; Salesforce takes less than that
SOON = timedelta(days=30)  # before its end a certificate is to be replaced
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
PATIENCE_S = 10.0  # with a pipe that nobody writes to
LARGEST_FILE = 64 * 1024  # bytes; a key of 4096 bits has three thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A private key's file, and its certificate's.

    Attributes:
        pem: the key as it stands in the file, as text; PEM is made of DER.
        passphrase: of an encrypted key.
        certificate: PEM, if a file was given.
        signing_key: what the two files hold, checked.
        paths: the files.
    """

    pem: Secret
    passphrase: Secret | None
    certificate: str | None
    signing_key: SigningKey
    paths: KeyPaths

    @classmethod
    def read(cls, paths: KeyPaths) -> Self:
        """Read the files; for the passphrase of an encrypted key ask a terminal, where no file holds it.

        Raises:
            Failed: a file cannot be read, or does not hold what it should.
        """
        try:
            pem = Secret(_read(paths.key, Field.PRIVATE_KEY))
            certificate = None
            if paths.certificate is not None:
                certificate = _read(paths.certificate, Field.CERTIFICATE)
            passphrase = passphrase_of(paths.key, paths.passphrase_file, encrypted=is_encrypted(pem))
            signing_key = load_signing_key(pem, passphrase, certificate)
        except CredentialFault as fault:
            raise _failure(fault, paths) from None
        return cls(pem=pem, passphrase=passphrase, certificate=certificate, signing_key=signing_key, paths=paths)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the command line calls the fields of the connection."""
        return of_files(self.paths)

    def lapse(self, now: float) -> str | None:
        """Return a sentence that says so, if the certificate is not valid at `now`, epoch seconds."""
        return lapse_of(str(self.paths.certificate), self.signing_key, now)

    def to_fields(self) -> dict[str, object]:
        """Return the fields of a connection's secret that these files fill, in clear."""
        said = {
            Field.PRIVATE_KEY: self.pem.reveal(),
            Field.PRIVATE_KEY_PASSPHRASE: self.passphrase.reveal() if self.passphrase else None,
            Field.CERTIFICATE: self.certificate,
        }
        return {name: value for name, value in said.items() if value is not None}


def lapse_of(certificate: str, key: Signing, now: float) -> str | None:
    """Return a sentence that says so, if a certificate is not valid at `now`, epoch seconds.

    Args:
        certificate: what it is called.
        key: whose it is.
        now: epoch seconds.
    """
    start, end = key.valid_from, key.valid_until
    if start is not None and start.timestamp() > now:
        return f"{certificate} is valid only from {written(start)} on."
    if end is not None and end.timestamp() <= now:
        return f"{certificate} has ended, on {written(end)}."
    return None


def certified_key_id(path: Path) -> str:
    """Return the id of the key of a certificate's file; of a chain, of its first one.

    Raises:
        Failed: the file cannot be read, or holds no certificate of an RSA key.
    """
    try:
        return key_id_of(_read(path, Field.CERTIFICATE))
    except CredentialFault as fault:
        raise failure_of(fault, KeyPaths(key=path, certificate=path)) from None


def certificate_text(path: Path) -> str:
    """Return what a certificate's file holds, as text; PEM is made of DER.

    Raises:
        Failed: the file cannot be read.
    """
    try:
        return _read(path, Field.CERTIFICATE)
    except CredentialFault as fault:
        raise failure_of(fault, KeyPaths(key=path, certificate=path)) from None


def certificate_in(path: Path) -> str:
    """Return the one certificate of a file as PEM, as Salesforce takes it.

    Raises:
        Failed: the file cannot be read, or holds none, or one of another key, or more than 4 KB.
    """
    certified_key_id(path)
    pem = _read(path, Field.CERTIFICATE).strip() + "\n"
    if len(pem) >= LARGEST_CERTIFICATE or pem.count(_CERTIFICATE) != 1:
        raise Failed(
            f"{path} is larger than the 4 KB that Salesforce takes, or holds more than one certificate.",
            remedy="Give one with a short subject and without a chain.",
            name="CertificateTooLarge",
        )
    return pem


def octets_in(path: Path, called: str | None = None) -> bytes:
    """Return a small file's content.

    Args:
        path: of it.
        called: what it is called in an error, as a sentence begins; None: its path.

    Raises:
        Failed: it is missing, unreadable or too large.
    """
    try:
        data = content(expanded(path), LARGEST_FILE + 1, PATIENCE_S)
    except FileNotFoundError:
        cause = f"There is no file {path}." if called is None else f"{called} is not there."
        raise Failed(cause, remedy="Check the path.") from None
    except OSError as error:
        raise Failed(
            f"{called or path} cannot be read: {error.strerror}.", remedy="Give a file that you may read."
        ) from None
    if len(data) > LARGEST_FILE:
        raise Failed(
            f"{called or path} is larger than {LARGEST_FILE // 1024} KB.", remedy="Give a file with one key only."
        )
    return data


def _read(path: Path, field: Field) -> str:
    return pem_of_octets(field, octets_in(path))


def _failure(fault: CredentialFault, paths: KeyPaths) -> Failed:
    """Return what the broker would say of a secret; files can also have been mixed up."""
    if fault.fault is not Fault.ANOTHER_KIND or fault.field is None:
        return failure_of(fault, paths)
    path = paths.certificate if fault.field is Field.CERTIFICATE else paths.key
    found, needed = (str(fault.details[name]).lower() for name in ("found", "wanted"))
    return Failed(
        f"{path} holds {found}, not {needed}.",
        remedy=f"Give the {needed.partition(' ')[2]} here, not the {found.partition(' ')[2]}.",
        name="WrongFile",
    )


def passphrase_of(subject: object, path: Path | None, *, encrypted: bool) -> Secret | None:
    """Return the passphrase of a key: from a file, or from a terminal; None where it has none.

    Args:
        subject: what holds the key, as it is called.
        path: of the passphrase's file, if there is one.
        encrypted: whether the key is.

    Raises:
        Failed: there is neither a file nor a terminal.
    """
    if path is not None:
        passphrase = passphrase_in(path)
        if encrypted:
            return passphrase
        render.warn(f"{subject} is not encrypted: the passphrase is not needed, and not used.")
    if not encrypted:
        return None
    if not sys.stdin.isatty():
        raise Failed(
            f"{subject} is encrypted, and there is no terminal to ask for its passphrase.",
            remedy="Put the passphrase into a file that only you can read, and give it with --passphrase-file.",
            name="PassphraseNeeded",
        )
    return Secret(_ask(subject))


def passphrase_in(path: Path, called: str | None = None) -> Secret:
    """Return the passphrase in a file, which an editor or a shell may have written with a mark and a line end.

    Args:
        path: of it.
        called: as in `octets_in`.

    Raises:
        Failed: the file cannot be read, or holds no text.
    """
    try:
        return Secret(text_of(octets_in(path, called)).rstrip("\r\n"))
    except ValueError:
        raise Failed(
            f"{called or path} is not a text file.", remedy="Save the passphrase as plain text, in UTF-8."
        ) from None


def _ask(subject: object) -> str:
    question = f"Passphrase of {subject}"
    while not (typed := click.prompt(question, hide_input=True, err=True, default="", show_default=False)):
        render.say("An encrypted key has a passphrase, and nothing was typed: type it, or leave with Ctrl-C.")
    return str(typed)
