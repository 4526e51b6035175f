"""Keys, certificates and passphrases in files, checked as the broker checks them in a secret."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import click

from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field
from sfmint_cli import render
from sfmint_cli.broker_code import SigningKey, load_signing_key
from sfmint_cli.options import KeyPaths
from sfmint_cli.result import Failed
from sfmint_cli.vocabulary import failure_of
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret

LARGEST_FILE = 64 * 1024  # bytes; a key of 4096 bits has three thousand
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_ENCRYPTED = re.compile(r"-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4,ENCRYPTED")
_OPENSSH_PUBLIC = ("ssh-", "ecdsa-", "---- BEGIN SSH2 PUBLIC KEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A private key's file, and its certificate's.

    Attributes:
        pem: the key as it stands in the file.
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
        pem = Secret(_read(paths.key, "PRIVATE KEY"))
        certificate = None
        if paths.certificate is not None:
            certificate = _read(paths.certificate, "CERTIFICATE")
        passphrase = _passphrase(paths, pem)
        try:
            signing_key = load_signing_key(pem, passphrase, certificate)
        except CredentialFault as fault:
            raise failure_of(fault, paths) from None
        return cls(pem=pem, passphrase=passphrase, certificate=certificate, signing_key=signing_key, paths=paths)

    def lapse(self, now: float) -> str | None:
        """Return a sentence that says so, if the certificate is not valid at `now`, epoch seconds."""
        path = self.paths.certificate
        start, end = self.signing_key.valid_from, self.signing_key.valid_until
        if start is not None and start.timestamp() > now:
            return f"{path} is valid only from {iso8601(start.timestamp())} on."
        if end is not None and end.timestamp() <= now:
            return f"{path} has ended, on {iso8601(end.timestamp())}."
        return None

    def to_fields(self) -> dict[str, object]:
        """Return the fields of a connection's secret that these files fill, in clear."""
        said = {
            Field.PRIVATE_KEY: self.pem.reveal(),
            Field.PRIVATE_KEY_PASSPHRASE: self.passphrase.reveal() if self.passphrase else None,
            Field.CERTIFICATE: self.certificate,
        }
        return {name: value for name, value in said.items() if value is not None}


def read_text(path: Path) -> str:
    """Return a small text file's content.

    Raises:
        Failed: it is missing, unreadable, too large or no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        text = data.decode()
    except FileNotFoundError:
        raise Failed(f"There is no file {path}.", remedy="Check the path.") from None
    except UnicodeDecodeError:
        raise Failed(
            f"{path} is not a text file.", remedy="Give PEM; openssl converts other forms (pkcs12, x509 -inform der)."
        ) from None
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}.", remedy="Give a file that you may read.") from None
    if len(data) > LARGEST_FILE:
        raise Failed(f"{path} is larger than {LARGEST_FILE // 1024} KB.", remedy="Give a file with one key only.")
    return text


def _kinds(text: Foreign) -> list[str]:
    return _BLOCK.findall(text)


def _is_encrypted(pem: Foreign) -> bool:
    return _ENCRYPTED.search(pem) is not None


def _read(path: Path, wanted: str) -> str:
    text = read_text(path)
    kinds = _kinds(text) or (["PUBLIC KEY"] if text.startswith(_OPENSSH_PUBLIC) else [])
    if kinds and not any(kind.endswith(wanted) for kind in kinds):
        found, needed = kinds[0].lower(), wanted.lower()
        raise Failed(
            f"{path} holds a {found}, not a {needed}.",
            remedy=f"Give the {needed} here, not the {found}.",
            name="WrongFile",
        )
    return text


def _passphrase(paths: KeyPaths, pem: Secret) -> Secret | None:
    encrypted = _is_encrypted(pem.reveal())
    if paths.passphrase_file is not None:
        passphrase = read_text(paths.passphrase_file).rstrip("\r\n")
        if encrypted:
            return Secret(passphrase)
        render.warn(f"{paths.key} is not encrypted: the passphrase is not needed, and not used.")
    if not encrypted:
        return None
    if not sys.stdin.isatty():
        raise Failed(
            f"{paths.key} is encrypted, and there is no terminal to ask for its passphrase.",
            remedy="Put the passphrase into a file that only you can read, and give it with --passphrase-file.",
            name="PassphraseNeeded",
        )
    return Secret(_ask(paths.key))


def _ask(key: Path) -> str:
    question = f"Passphrase of {key}"
    while not (typed := click.prompt(question, hide_input=True, err=True, default="", show_default=False)):
        render.say("An encrypted key has a passphrase, and nothing was typed: type it, or leave with Ctrl-C.")
    return str(typed)
