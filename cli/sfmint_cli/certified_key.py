"""A key of KMS that signs assertions: its certificate says which one it is, so KMS is asked for signatures only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, InvalidVersion, load_der_x509_certificate

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import blocks_of, key_id_of, unpanicked
from sfmint_cli.result import Failed
from sfmint_values.foreign import Foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedKey:
    """A key as its certificate shows it; as `Signing` wants it.

    Attributes:
        key_id: the first 16 hex digits of SHA-256 of the public key (DER SPKI).
        public: the public key.
        valid_from: the certificate's start.
        valid_until: the certificate's end.
        sign: has KMS sign octets.
    """

    key_id: str
    public: RSAPublicKey
    valid_from: datetime
    valid_until: datetime
    sign: Callable[[bytes], bytes]

    @classmethod
    def read(cls, certificate: Foreign, sign: Callable[[bytes], bytes]) -> Self:
        """Return the key of a certificate; of a chain, of its first one.

        Raises:
            CredentialFault: there is no certificate of an RSA key that can be read.
        """
        for found in _certificates(certificate):
            public = found.public_key()
            if isinstance(public, RSAPublicKey):
                return cls(
                    key_id=key_id_of(certificate),
                    public=public,
                    valid_from=found.not_valid_before_utc,
                    valid_until=found.not_valid_after_utc,
                    sign=sign,
                )
            raise CredentialFault(Fault.NOT_RSA, Field.CERTIFICATE)
        raise CredentialFault(Fault.DAMAGED, Field.CERTIFICATE)

    @property
    def spki(self) -> bytes:
        """The public key (DER, SubjectPublicKeyInfo)."""
        return self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def signature(self, octets: bytes) -> bytes:
        """Return the RS256 signature of octets.

        Raises:
            Failed: KMS does not sign, or has signed with another key than the certificate's.
        """
        signed = self.sign(octets)
        try:
            self.public.verify(signed, octets, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Failed(
                f"The key of KMS is another one than the certificate's, whose key id is {self.key_id}.",
                remedy="Name the certificate that was made of this key, and upload the same one to Salesforce.",
                name="WrongCertificate",
            ) from None
        return signed


def _certificates(text: Foreign) -> Iterator[Certificate]:
    for block in blocks_of(Field.CERTIFICATE, text):
        try:
            yield unpanicked(partial(load_der_x509_certificate, block.octets))
        except (ValueError, InvalidVersion, UnsupportedAlgorithm):
            continue
