"""Signing with the PEM key of the connection's secret."""

from datetime import datetime
from typing import TYPE_CHECKING

from sfmint.salesforce.assertion import claims, signed
from sfmint.salesforce.connection import Connection
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint.adapters.signers.signing_key import SigningKey


class PemSigner:
    """A key that was read from a secret.

    Args:
        key: the checked key.
    """

    def __init__(self, key: "SigningKey") -> None:
        self._key = key

    @property
    def key_id(self) -> str:
        """First 16 hex digits of SHA-256 of the public key (DER SPKI)."""
        return self._key.key_id

    @property
    def valid_from(self) -> datetime | None:
        """Start of the certificate, if one is known."""
        return self._key.valid_from

    @property
    def valid_until(self) -> datetime | None:
        """End of the certificate, if one is known."""
        return self._key.valid_until

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        """Return a new assertion."""
        return signed(claims(connection, now=now, jti=jti), self._key.signature)


def pem_signer(connection: Connection) -> PemSigner:
    """Return a signer with the private key of a connection.

    Raises:
        CredentialFault: the key cannot be used.
    """
    from sfmint.adapters.signers.signing_key import load_signing_key

    return PemSigner(load_signing_key(connection.pem(), connection.passphrase, connection.certificate))
