"""The texts of two versions: the current credentials, and those that follow from them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from key_rotation.ports import AppAsked, Keys
from sfmint.salesforce.connection import Connection, parse_connection
from sfmint.salesforce.rotation_fields import RotationFields, parse_rotation
from sfmint.salesforce.secret_fields import known_fields
from sfmint.salesforce.vocabulary import Field
from sfmint_setup.app_files import app_name
from sfmint_values.secret import Secret

_OF_THE_KEY = (Field.PRIVATE_KEY, Field.PRIVATE_KEY_PASSPHRASE, Field.SIGNER, Field.OTHER_SIGNER, Field.CERTIFICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a version of the secret says.

    Attributes:
        fields: those that say something, as they stand there.
        connection: what decides a login.
        turns: what is said to a rotation.
        key_id: of the key.
    """

    fields: Mapping[str, Any]
    connection: Connection
    turns: RotationFields
    key_id: str

    def __repr__(self) -> str:
        return f"Credentials({self.connection.name!r}, key_id={self.key_id!r})"

    @property
    def login(self) -> str:
        """Hash of which key logs in by which app, without a secret: the first 16 hex digits of SHA-256.

        For whom, and where, is carried over from what is edited: the new key is tried anew then.
        """
        parts = (self.connection.consumer_key, self.key_id)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def app(self) -> str:
        """The API name of the app."""
        return self.turns.app or app_name(self.connection.name)

    @property
    def is_attended(self) -> bool:
        """A person has to upload certificates: no admin connection may change the app."""
        return self.turns.admin_connection is None

    @property
    def next_consumer_key(self) -> str:
        """The consumer key of what follows: the other app's, where two take turns."""
        return self.turns.other_consumer_key or self.connection.consumer_key

    def noted(self) -> dict[str, Any]:
        """Return what a note keeps of the version that a rotation is made from, so that it is told without the secret."""
        return {"login": self.login, "is_attended": self.is_attended}

    def asked(self, admin: str) -> AppAsked:
        """Return the app as an admin connection is asked for it."""
        return AppAsked(admin=admin, app=self.app, consumer_key=self.connection.consumer_key)

    def key_fields(self) -> dict[str, Any]:
        """Return the fields that are the key's."""
        return {name: self.fields[name] for name in _OF_THE_KEY if name in self.fields}

    def shares_app(self, other: "Credentials") -> bool:
        """Return whether both log in by the same app, which holds one certificate."""
        return self.connection.consumer_key == other.connection.consumer_key


def read(name: str, text: Secret, listed: frozenset[str], keys: Keys) -> Credentials:
    """Return the credentials of a version.

    Args:
        name: the connection's.
        text: of the version.
        listed: hosts beside Salesforce's own that may be asked.
        keys: tells the key's id.

    Raises:
        CredentialFault: the text cannot be used.
        InvalidCredentials: the key cannot.
    """
    said = text.reveal()
    connection = parse_connection(name, said, listed)
    turns = parse_rotation(name, said)
    return Credentials(fields=known_fields(said), connection=connection, turns=turns, key_id=keys.key_id(connection))


def next_key(current: Credentials, keys: Keys) -> dict[str, Any]:
    """Return the fields of a new key, or of the other key in KMS, which takes turns.

    Raises:
        InvalidCredentials: a key in KMS cannot be used.
    """
    arn = current.turns.other_signing_key
    if current.connection.signing_key is None or arn is None:
        pair = keys.new_pair(current.connection)
        return {Field.PRIVATE_KEY: pair.private_key.reveal(), Field.CERTIFICATE: pair.certificate}
    certificate = keys.certificate_by_kms(current.connection.name, arn)
    fields = current.fields
    turned: dict[str, Any] = {Field.SIGNER: fields[Field.OTHER_SIGNER], Field.OTHER_SIGNER: fields[Field.SIGNER]}
    return {**turned, Field.CERTIFICATE: certificate}


def successor(current: Credentials, key: Mapping[str, Any]) -> Secret:
    """Return the text that is to follow the current one: another key, the other one of two apps, and all else carried over."""
    fields = {name: value for name, value in current.fields.items() if name not in _OF_THE_KEY} | dict(key)
    if current.turns.other_app is not None:
        fields |= {
            Field.APP: current.turns.other_app,
            Field.OTHER_APP: current.app,
            Field.CONSUMER_KEY: current.turns.other_consumer_key,
            Field.OTHER_CONSUMER_KEY: current.connection.consumer_key,
        }
    return Secret(json.dumps(fields, sort_keys=True))


def follows(pending: Credentials, current: Credentials) -> bool:
    """Return whether the pending text is what follows from the current one with its key."""
    wanted: dict[str, Any] = json.loads(successor(current, pending.key_fields()).reveal())
    return wanted == dict(pending.fields)
