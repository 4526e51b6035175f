"""A key of KMS and the file of its certificate, looked at before anything is done with them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field, Vocabulary
from sfmint_cli.aws_account import Account
from sfmint_cli.certified_key import CertifiedKey
from sfmint_cli.key_file import certificate_text, lapse_of
from sfmint_cli.key_in_kms import KeyInKms
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.vocabulary import failure_in, of_certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsCredentials:
    """What `KeyFile` is for a key in a file.

    Attributes:
        arn: the key's.
        other: ARN of the key with which a rotation takes turns; None: none was named.
        certificate: PEM, as it stands in the file.
        signing_key: the key that signs.
        path: of the certificate.
    """

    arn: str
    other: str | None
    certificate: str
    signing_key: CertifiedKey
    path: Path

    @classmethod
    def read(cls, arn: str, path: Path, account: Account, other: str | None = None) -> Self:
        """Read the certificate, and have KMS say that the key signs and is the certificate's.

        Args:
            arn: of the key.
            path: of its certificate.
            account: in whose region the keys are.
            other: ARN of another key, which has to sign too.

        Raises:
            Failed: it is not so, or cannot be known.
        """
        key = KeyInKms.of(account, arn, "--kms")
        turns = None if other is None else KeyInKms.of(account, other, "--other-kms")
        text = certificate_text(path)
        try:
            certified = CertifiedKey.read(text, key.signature)
        except CredentialFault as fault:
            raise failure_in(fault, of_certificate(path)) from None
        if key.public_half().key_id != certified.key_id:
            raise _of_another_key(path, arn)
        if turns is not None:
            turns.public_half()
        return cls(arn=arn, other=other, certificate=text, signing_key=certified, path=path)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the command line calls the fields of the connection."""
        return of_certificate(self.path)

    def lapse(self, now: float) -> str | None:
        """Return a sentence that says so, if the certificate is not valid at `now`, epoch seconds."""
        return lapse_of(str(self.path), self.signing_key, now)

    def to_fields(self) -> dict[str, object]:
        """Return the fields of a connection's secret; none of them is secret."""
        other = {} if self.other is None else {Field.OTHER_SIGNER.value: {"kms": self.other}}
        return {Field.SIGNER: {"kms": self.arn}, Field.CERTIFICATE: self.certificate, **other}


def _of_another_key(path: Path, arn: str) -> Failed:
    return Failed(
        f"{path} is the certificate of another key than the one that --kms names.",
        remedy="Give the one that was made of it, or make one:"
        f" {sfmint('keys', 'new', 'NAME', '--kms', arn, '--out', 'DIR')}",
        name="WrongCertificate",
    )
