"""What signs assertions: the private key in a connection's secret, or a key of KMS that the secret names."""

from typing import TYPE_CHECKING

from sfmint.ports import Signer, Signers
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.credential_fault import CredentialFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfmint.adapters.aws.calls import KmsSigning
    from sfmint.adapters.aws.repeats import Repeats


def open_signers(kms: "Callable[[], KmsSigning]", region: str, repeats: "Repeats") -> Signers:
    """Return what signs for each connection; a kind of signer is loaded with the first connection that has it.

    Args:
        kms: returns the client of KMS.
        region: in which that client asks.
        repeats: asks KMS again.
    """
    return SecretSigners(kms, region, repeats)


class SecretSigners:
    """Makes a signer of each connection's key, once for as long as its secret says the same; arguments as `open_signers`."""

    def __init__(self, kms: "Callable[[], KmsSigning]", region: str, repeats: "Repeats") -> None:
        self._kms = kms
        self._region = region
        self._repeats = repeats
        self._made: dict[str, tuple[Connection, Signer]] = {}

    def signer(self, connection: Connection) -> Signer:
        """Return the connection's signer.

        Raises:
            InvalidCredentials: its key cannot be used.
        """
        made_of, signer = self._made.get(connection.name, (None, None))
        if signer is None or made_of != connection:
            try:
                signer = self._new(connection)
            except CredentialFault as fault:
                raise fault.to_error(connection.name) from None
            self._made[connection.name] = connection, signer
        return signer

    def _new(self, connection: Connection) -> Signer:
        if connection.signing_key is None:
            from sfmint.adapters.signers.pem import pem_signer

            return pem_signer(connection)
        from sfmint.adapters.signers.kms import kms_signer

        return kms_signer(connection, self._kms(), self._region, self._repeats)
