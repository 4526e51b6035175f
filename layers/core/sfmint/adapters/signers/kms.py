"""Signing with a key that never leaves KMS; what comes back is verified before it is used.

Source: AWS KMS API Reference, Sign (RSASSA_PKCS1_V1_5_SHA_256 is RS256 of RFC 7518 section 3.3), "Errors".
"""

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, AwsError, Happened, happened, unavailable, unreadable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.adapters.signers.certificate import CertifiedKey, certified_key
from sfmint.errors import InvalidCredentials, SfmintError
from sfmint.salesforce.assertion import claims, signed
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.aws_codes import code_of
from sfmint_values.kms_key_arn import region_of
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import KmsSigning, Sign

ALGORITHM, MESSAGE = "RSASSA_PKCS1_V1_5_SHA_256", "RAW"  # the template grants these and no others
KIND = "RSA_2048"  # of a key, where one has to be made
LONGEST_MESSAGE = 4096  # bytes that KMS signs
_NO_SUCH_KEY = frozenset({"NotFoundException"})
_WRONG_KIND = frozenset({"InvalidKeyUsageException", "UnsupportedOperationException"})


def kms_signer(connection: Connection, client: "KmsSigning", region: str, repeats: Repeats) -> "KmsSigner":
    """Return a signer with the KMS key that a connection names; KMS is not asked yet.

    Args:
        connection: whose key signs.
        client: of KMS.
        region: in which it asks.
        repeats: asks KMS again.

    Raises:
        CredentialFault: the key is in another region, or the certificate cannot be used.
    """
    arn = connection.signing_key or ""
    if region_of(arn) != region:
        raise CredentialFault(Fault.OF_ANOTHER_REGION, Field.SIGNER, region=region_of(arn), own=region)
    return KmsSigner(arn, certified_key(connection.certificate or ""), client, repeats)


class KmsSigner:
    """A key of KMS.

    Args:
        arn: of the key.
        key: its public half, as the certificate has it that Salesforce knows.
        client: of KMS.
        repeats: asks KMS again; to sign twice harms nobody.
    """

    def __init__(self, arn: str, key: CertifiedKey, client: "KmsSigning", repeats: Repeats) -> None:
        self._arn = arn
        self._key = key
        self._client = client
        self._repeats = repeats

    @property
    def key_id(self) -> str:
        """First 16 hex digits of SHA-256 of the public key (DER SPKI)."""
        return self._key.key_id

    @property
    def valid_from(self) -> datetime:
        """Start of the certificate."""
        return self._key.valid_from

    @property
    def valid_until(self) -> datetime:
        """End of the certificate."""
        return self._key.valid_until

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        """Return a new assertion.

        Raises:
            InvalidCredentials: KMS refuses (`denied`), or the key is none of those that can be used, or not the certificate's.
            CacheUnavailable: KMS does not answer.
        """
        try:
            return signed(claims(connection, now=now, jti=jti), self._signature)
        except CredentialFault as fault:
            raise fault.to_error(connection.name) from None

    def _signature(self, octets: bytes) -> bytes:
        """Return the key's RS256 signature; one of another key would cost a login to find that out."""
        if len(octets) > LONGEST_MESSAGE:
            raise CredentialFault(Fault.TOO_LONG_TO_SIGN, Field.SIGNER, most=LONGEST_MESSAGE)
        request: Sign = {"KeyId": self._arn, "Message": octets, "MessageType": MESSAGE, "SigningAlgorithm": ALGORITHM}
        try:
            signature = self._repeats.ask(lambda: self._client.sign(**request)).get("Signature")
        except (BotoCoreError, ClientError) as error:
            raise _unsigned(self._arn, error) from None
        if not isinstance(signature, bytes):
            raise unreadable("KMS")
        if not self._key.has_signed(octets, signature):
            raise CredentialFault(Fault.OF_ANOTHER_SIGNER, Field.CERTIFICATE)
        return signature


def _unsigned(arn: str, error: AwsError) -> CredentialFault | SfmintError:
    """Return what is to be said of a signature that did not come; a denial lasts until somebody changes a policy or the key."""
    if (code := code_of(error)) in _NO_SUCH_KEY:
        return CredentialFault(Fault.NO_SUCH_KMS_KEY, Field.SIGNER)
    if code in _WRONG_KIND:
        return CredentialFault(Fault.NO_RSA_SIGNER, Field.SIGNER, kind=KIND)
    found = unavailable(
        Asked(
            service="KMS",
            action="to sign",
            permission="kms:Sign",
            thing=f"the signing key {arn}",
            key_parameter="SigningKeyArns",
        ),
        error,
    )
    if happened(error) in {Happened.DENIED, Happened.REFUSED}:
        return InvalidCredentials(found.cause, remedy=found.remedy, denied=found.denied)
    return found
