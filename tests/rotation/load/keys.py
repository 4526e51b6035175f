"""Keys that are texts, and certificates that name their key."""

from key_rotation.ports import KeyPair
from sfmint.salesforce.connection import Connection
from sfmint_testing.fakes import FakeSigners, a_connection
from sfmint_values.secret import Secret

_OF = "certificate of "


class TextKeys:
    """Makes a new key each time."""

    def __init__(self) -> None:
        self._made = 0

    def new_pair(self, connection: Connection) -> KeyPair:
        """Return a new pair."""
        self._made += 1
        key = Secret(f"new key {self._made}")
        return KeyPair(private_key=key, certificate=certificate_of(key_id_of(a_connection(private_key=key))))

    def key_id(self, connection: Connection) -> str:
        """Return the id of a connection's key."""
        return key_id_of(connection)

    def certificate(self, connection: Connection) -> str:
        """Return a certificate of a connection's key."""
        return certificate_of(key_id_of(connection))

    def certificate_by_kms(self, name: str, arn: str) -> str:
        """No key here is in KMS."""
        raise NotImplementedError

    def certified_key_id(self, certificate: str) -> str | None:
        """Return the id of the key that a certificate is of."""
        return certified(certificate)

    def is_named(self, certificate: str, name: str) -> bool:
        """All certificates here are of one connection."""
        return True

    def is_had(self, connection: Connection) -> bool:
        """No key here is in KMS."""
        return True


def key_id_of(connection: Connection) -> str:
    """Return the id of a connection's key, as the signers of the stack see it."""
    return FakeSigners().signer(connection).key_id


def certificate_of(key_id: str) -> str:
    """Return a certificate of a key."""
    return f"{_OF}{key_id}"


def certified(certificate: str) -> str:
    """Return the key id that a certificate names."""
    return certificate.removeprefix(_OF)
