"""Which key signs, as the options of a command say: one in a file, or one that never leaves KMS."""

from dataclasses import dataclass
from pathlib import Path

import click

from sfmint_cli.kms_key import KmsKey
from sfmint_cli.options import Decorator, KeyPaths, file_option, gathered, passphrase_option


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenKey:
    """The key that signs.

    Attributes:
        key: file of a private key; None: a key of KMS signs.
        kms: ARN of that.
        other_kms: ARN of the key of KMS with which a rotation takes turns.
        certificate: file of its certificate.
        passphrase_file: holds the passphrase of an encrypted key.

    Raises:
        click.UsageError: not exactly one key is named, or what does not go with it.
    """

    key: Path | None = None
    kms: str | None = None
    other_kms: str | None = None
    certificate: Path | None = None
    passphrase_file: Path | None = None

    def __post_init__(self) -> None:
        if (self.key is None) == (self.kms is None):
            raise click.UsageError("Give --key FILE, or --kms ARN for a key that stays in KMS, and not both.")
        if self.kms is None and self.other_kms is not None:
            raise click.UsageError("--other-kms wants --kms: a rotation takes turns between two keys of KMS.")
        if self.kms is not None and self.passphrase_file is not None:
            raise click.UsageError("A key of KMS has no passphrase; leave out --passphrase-file.")
        if self.kms is not None and self.certificate is None:
            raise click.UsageError(
                "--kms wants --certificate FILE: `sfmint keys new NAME --kms ARN --out DIR` makes it."
            )
        if self.kms is not None and self.kms == self.other_kms:
            raise click.UsageError("--other-kms names the key of --kms; name another one, or leave it out.")

    @property
    def paths(self) -> KeyPaths | None:
        """The files of a key; None: it is in KMS."""
        if self.key is None:
            return None
        return KeyPaths(key=self.key, passphrase_file=self.passphrase_file, certificate=self.certificate)


_IN_KMS = "ARN of your KMS key that signs (RSA_2048, SIGN_VERIFY), in place of --key"
_KEY = file_option("--key", "Private key, PEM.")
_CERTIFICATE = "Its certificate, as Salesforce has it, PEM"


def kms_option(text: str = f"{_IN_KMS}.") -> Decorator:
    """Return the option --kms."""
    return click.option("--kms", type=KmsKey(), metavar="ARN", help=text)


key_options = gathered(
    "given",
    GivenKey,
    _KEY,
    kms_option(),
    file_option("--certificate", f"{_CERTIFICATE}; --kms needs it."),
    passphrase_option,
)
stored_key_options = gathered(
    "given",
    GivenKey,
    _KEY,
    kms_option(f"{_IN_KMS}; the stack's SigningKeyArns lists it. Not the key that encrypts the secret: --kms-key."),
    click.option(
        "--other-kms", type=KmsKey(), metavar="ARN", help="A second such key, with which a rotation takes turns."
    ),
    file_option("--certificate", f"{_CERTIFICATE}.", required=True),
    passphrase_option,
    of_credentials=True,
)
