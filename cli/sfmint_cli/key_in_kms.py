"""A key that signs in KMS and never leaves it: what it is, its public half, and signatures; faults in our words.

Source: KMS API Reference, DescribeKey, GetPublicKey and Sign.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sfmint_cli.aws_account import Account, asking
from sfmint_cli.pasteable import aws
from sfmint_cli.result import Failed
from sfmint_values.aws_codes import code_of
from sfmint_values.kms_key_arn import region_of
from sfmint_values.secret import key_id_of_spki

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

USAGE = "SIGN_VERIFY"
ALGORITHM: Final = "RSASSA_PKCS1_V1_5_SHA_256"  # RS256, which is all that Salesforce takes
NEW_KEY = ("kms", "create-key", "--key-spec", "RSA_2048", "--key-usage", USAGE)
_OF_ANOTHER_KIND = frozenset({"UnsupportedOperationException", "InvalidKeyUsageException"})
_OUT_OF_USE = frozenset({"DisabledException", "KMSInvalidStateException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHalf:
    """What everybody may know of a key.

    Attributes:
        spec: its kind and size, such as RSA_2048.
        key: DER, SubjectPublicKeyInfo.
    """

    spec: str
    key: bytes

    @property
    def key_id(self) -> str:
        """First 16 hex digits of SHA-256 of the key."""
        return key_id_of_spki(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInKms:
    """An RSA key of KMS; every method may raise `Failed`.

    Attributes:
        client: of KMS, in the key's region.
        arn: the key's.
        called: what names it, such as `--kms`.
    """

    client: "KMSClient"
    arn: str
    called: str

    @classmethod
    def of(cls, account: Account, arn: str, called: str) -> Self:
        """Return a key of the region that commands work in.

        Args:
            account: whose credentials ask.
            arn: of a key, not of an alias.
            called: what names it.

        Raises:
            Failed: it is in another region.
        """
        if (region := region_of(arn)) != account.region:
            raise Failed(
                f"The key of {called} is in {region}, and this command works in {account.region}.",
                remedy=f"Name a key of {account.region}, or give --region {region} if that is where the stack is.",
                name="KeyOfAnotherRegion",
            )
        return cls(client=account.client("kms"), arn=arn, called=called)

    def public_half(self) -> PublicHalf:
        """Return its public half; the key can sign as Salesforce wants it."""
        with self._asked("read the public key of"):
            found = self.client.get_public_key(KeyId=self.arn)
            spec, usage, key = found["KeySpec"], found["KeyUsage"], found["PublicKey"]
            load_der_public_key(key)
        if usage != USAGE or ALGORITHM not in found.get("SigningAlgorithms", []):
            raise self._of_another_kind(f"is {spec}, {usage}")
        return PublicHalf(spec=spec, key=key)

    def state(self) -> str:
        """Return its state, such as Enabled."""
        with self._asked("describe"):
            return str(self.client.describe_key(KeyId=self.arn)["KeyMetadata"]["KeyState"])

    def signature(self, octets: bytes) -> bytes:
        """Return the RS256 signature of at most 4096 octets."""
        with self._asked("sign with"):
            answer = self.client.sign(KeyId=self.arn, Message=octets, MessageType="RAW", SigningAlgorithm=ALGORITHM)
            return answer["Signature"]

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        with asking(f"{what} the KMS key {self.arn}"):
            try:
                yield
            except ClientError as error:
                code = code_of(error)
                if code == "NotFoundException":
                    raise self._missing() from None
                if code in _OUT_OF_USE:
                    raise self._out_of_use() from None
                if code in _OF_ANOTHER_KIND:
                    raise self._of_another_kind("does not sign") from None
                raise

    def _missing(self) -> Failed:
        return Failed(
            f"There is no KMS key {self.arn}, which {self.called} names.",
            remedy=f"See those that there are: {aws('kms', 'list-keys')}",
            name="KeyNotFound",
        )

    def _out_of_use(self) -> Failed:
        return Failed(
            f"The KMS key {self.arn}, which {self.called} names, cannot be used for now: it is disabled, or to be deleted.",
            remedy=f"See its state, and take it into use again: {aws('kms', 'describe-key', '--key-id', self.arn)}",
            name="KeyOutOfUse",
        )

    def _of_another_kind(self, what: str) -> Failed:
        return Failed(
            f"The KMS key {self.arn}, which {self.called} names, {what}; wanted is an RSA key with the usage {USAGE}.",
            remedy=f"Make one, for a key of KMS stays what it is: {aws(*NEW_KEY)}",
            name="KeyOfAnotherKind",
        )
