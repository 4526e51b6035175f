"""A key of KMS that signs assertions: its certificate says which one it is, so KMS is asked for signatures only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sfmint_cli import broker_code
from sfmint_cli.result import Failed
from sfmint_values.foreign import Foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedKey:
    """A key as its certificate shows it, and what signs with it, as `Signing` wants it.

    Attributes:
        public: its public half.
        sign: has KMS sign octets.
    """

    public: broker_code.CertifiedKey
    sign: Callable[[bytes], bytes]

    @classmethod
    def read(cls, certificate: Foreign, sign: Callable[[bytes], bytes]) -> Self:
        """Return the key of a certificate; of a chain, of its first one.

        Raises:
            CredentialFault: there is no certificate of an RSA key that can be read.
        """
        return cls(public=broker_code.certified_key(certificate), sign=sign)

    @property
    def key_id(self) -> str:
        """First 16 hex digits of SHA-256 of the public key (DER SPKI)."""
        return self.public.key_id

    @property
    def valid_from(self) -> datetime:
        """Start of the certificate."""
        return self.public.valid_from

    @property
    def valid_until(self) -> datetime:
        """End of the certificate."""
        return self.public.valid_until

    def signature(self, octets: bytes) -> bytes:
        """Return the RS256 signature of octets.

        Raises:
            Failed: KMS does not sign, or has signed with another key than the certificate's.
        """
        signed = self.sign(octets)
        if not self.public.has_signed(octets, signed):
            raise Failed(
                f"The key of KMS is another one than the certificate's, whose key id is {self.key_id}.",
                remedy="Name the certificate that was made of this key, and upload the same one to Salesforce.",
                name="WrongCertificate",
            )
        return signed
