"""Signing with the PEM key of the connection's secret."""

from datetime import datetime
from typing import TYPE_CHECKING

from sfmint.salesforce.assertion import claims, signed
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.credential_fault import CredentialFault
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


class PemSigners:
    """Makes a signer of each connection's key, once for as long as its secret says the same."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Connection, PemSigner]] = {}

    def signer(self, connection: Connection) -> PemSigner:
        """Return the connection's signer.

        Raises:
            InvalidCredentials: its key cannot be used.
        """
        made_of, signer = self._made.get(connection.name, (None, None))
        if signer is None or made_of != connection:
            from sfmint.adapters.signers.signing_key import load_signing_key

            try:
                key = load_signing_key(connection.pem(), connection.passphrase, connection.certificate)
            except CredentialFault as fault:
                raise fault.to_error(connection.name) from None
            signer = PemSigner(key)
            self._made[connection.name] = connection, signer
        return signer
