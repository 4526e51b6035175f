"""Keys and certificates of a rotation: new RSA keys, and those that are in KMS already.

Source: AWS KMS API Reference, GetPublicKey, Sign (`MessageType` RAW, at most 4,096 octets).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from key_rotation.adapters.asking import asking
from key_rotation.ports import KeyPair
from sfmint.adapters.aws.errors import Asked
from sfmint.adapters.signers.kms import ALGORITHM, MESSAGE
from sfmint.adapters.signers.pem_text import blocks_of
from sfmint.adapters.signers.signing_key import SigningKey, key_id_of, load_signing_key
from sfmint.errors import CacheUnavailable, InvalidCredentials
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field
from sfmint_setup import key_pair
from sfmint_setup.errors import SetupError
from sfmint_values.secret import Secret, key_id_of_spki
from sfmint_values.system import Clock

DAYS = 365
_USUAL_BITS, _LONG_BITS = 2048, 4096


class RotationKeys:
    """Makes keys and certificates.

    Args:
        kms: returns a client of KMS, botocore's, for the region of a key's ARN.
        clock: dates the certificates.
    """

    def __init__(self, kms: Callable[[str], Any], clock: Clock) -> None:
        self._kms = kms
        self._clock = clock

    def new_pair(self, connection: Connection) -> KeyPair:
        """Return a new pair, no weaker than the present one."""
        bits = _USUAL_BITS
        if connection.private_key is not None and _loaded(connection, None).private.key_size > _USUAL_BITS:
            bits = _LONG_BITS
        made = key_pair.KeyPair.new(connection.name, bits=bits, days=DAYS, now=self._clock.now())
        return KeyPair(private_key=Secret(made.private_key), certificate=made.certificate)

    def key_id(self, connection: Connection) -> str:
        """Return the id of a connection's key."""
        if connection.signing_key is None:
            return _loaded(connection, connection.certificate).key_id
        key_id = self.certified_key_id(connection.certificate or "")
        if key_id is None:
            raise InvalidCredentials(
                f"The certificate of connection {connection.name} cannot be read.",
                remedy="Make one with the key's signature: sfmint keys new NAME --kms ARN; and store it with sfmint"
                " connection add.",
            )
        return key_id

    def certificate(self, connection: Connection) -> str:
        """Return a certificate of a connection's present key, alone and in plain PEM, as an app takes it."""
        if (stored := self._stored(connection)) is not None:
            return stored
        if connection.signing_key is not None:
            return self.certificate_by_kms(connection.name, connection.signing_key)
        key = _loaded(connection, None)
        public_key = key.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self._certified(public_key, key.signature, connection.name)

    def certificate_by_kms(self, name: str, arn: str) -> str:
        """Return a new certificate of a key in KMS, which signs it."""
        public_key = self._public_key(arn)
        try:
            return self._certified(public_key, lambda octets: self._signature(arn, octets), name)
        except UnsupportedAlgorithm:
            cause = f"The KMS key {arn} cannot sign for Salesforce: it is of a kind that is not known here."
        except ValueError as error:
            cause = f"The KMS key {arn} cannot sign for Salesforce: {error}."
        except SetupError as error:
            cause = f"The KMS key {arn} cannot be used: {error.cause}"
        raise InvalidCredentials(cause, remedy="Name a key of type RSA_2048, RSA_3072 or RSA_4096 for SIGN_VERIFY.")

    def certified_key_id(self, certificate: str) -> str | None:
        """Return the id of the key that a certificate is of; None: it cannot be read."""
        try:
            return key_id_of(certificate)
        except CredentialFault:
            return None

    def is_named(self, certificate: str, name: str) -> bool:
        """Return whether a certificate's subject is what is written into one that is made here."""
        with suppress(CredentialFault, ValueError):
            octets = blocks_of(Field.CERTIFICATE, certificate)[0].octets
            return x509.load_der_x509_certificate(octets).subject == key_pair.subject_of(name)
        return False

    def is_had(self, connection: Connection) -> bool:
        """Return whether a key is the one of its certificate; KMS is asked, where a certificate stands for a key."""
        arn = connection.signing_key
        if arn is None:
            return True
        return key_id_of_spki(self._public_key(arn)) == self.key_id(connection)

    def _public_key(self, arn: str) -> bytes:
        """Return the public key of a key in KMS (DER, SubjectPublicKeyInfo)."""
        with _asking("to read the public key", "kms:GetPublicKey", arn):
            return bytes(self._kms(arn).get_public_key(KeyId=arn)["PublicKey"])

    def _stored(self, connection: Connection) -> str | None:
        """Return the certificate that is stored with a key, out of whatever stands around it; None: none that still holds."""
        in_kms = connection.signing_key is not None
        key_id = self.key_id(connection) if in_kms else _loaded(connection, None).key_id
        with suppress(CredentialFault, ValueError):
            for block in blocks_of(Field.CERTIFICATE, connection.certificate or ""):
                pem = block.to_pem()
                if self.certified_key_id(pem) == key_id and self._still_holds(pem):
                    return pem
        return None

    def _still_holds(self, certificate: str) -> bool:
        ends = x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
        return ends.timestamp() > self._clock.now()

    def _certified(self, public_key: bytes, signature: Callable[[bytes], bytes], name: str) -> str:
        made = key_pair.certificate_by_signature(public_key, signature, name, days=DAYS, now=self._clock.now())
        return made.pem

    def _signature(self, arn: str, octets: bytes) -> bytes:
        with _asking("to sign a certificate", "kms:Sign", arn):
            answer = self._kms(arn).sign(KeyId=arn, Message=octets, MessageType=MESSAGE, SigningAlgorithm=ALGORITHM)
            return bytes(answer["Signature"])


def _loaded(connection: Connection, certificate: str | None) -> SigningKey:
    try:
        return load_signing_key(connection.pem(), connection.passphrase, certificate)
    except CredentialFault as fault:
        raise fault.to_error(connection.name) from None


@contextmanager
def _asking(action: str, permission: str, arn: str) -> Iterator[None]:
    """Ask KMS; what it denies makes the key unusable, until somebody changes a policy or the key."""
    try:
        with asking(Asked(service="KMS", action=action, permission=permission, thing=f"the key {arn}")):
            yield
    except CacheUnavailable as error:
        if not error.denied:
            raise
        denied = error
    else:
        return
    raise InvalidCredentials(
        denied.cause, remedy=f"{denied.remedy} The stack's parameter SigningKeyArns lists the keys.", denied=True
    )
