"""Keys, Secrets Manager and Parameter Store, as a rotation sees them."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from key_rotation.note import Note, note_of
from key_rotation.ports import KeyPair, StageMovedError
from key_rotation.versions import CURRENT, NEXT, PREVIOUS, Versions
from sfmint.errors import InvalidCredentials
from sfmint.salesforce.connection import Connection, Lack, no_credentials
from sfmint_values.secret import Secret

NAME = "orders"
KEY_MARK = "PRIVATE-"  # begins each private key, and nothing else


@cache
def key_id_of(key: str) -> str:
    """Return the id of a key, by its text or ARN."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def key_of(connection: Connection) -> str:
    """Return what stands for a connection's key."""
    return connection.signing_key or connection.pem().reveal()


class FakeKeys:
    """Keys that are texts, and certificates that name the key's id."""

    def __init__(self) -> None:
        self.made = 0
        self.unusable: set[str] = set()  # ids of keys
        self.named: set[str] = set()  # certificates that name the connection
        self.claimed: set[str] = set()  # ids of keys of which there is the certificate alone

    def new_pair(self, connection: Connection) -> KeyPair:
        self.made += 1
        key = f"{KEY_MARK}{self.made}"
        return KeyPair(private_key=Secret(key), certificate=certificate_of(key))

    def key_id(self, connection: Connection) -> str:
        key_id = key_id_of(key_of(connection))
        if key_id in self.unusable:
            raise InvalidCredentials("The key cannot be used.", remedy="Store another one.")
        return key_id

    def certificate(self, connection: Connection) -> str:
        return certificate_of(key_of(connection))

    def certificate_by_kms(self, name: str, arn: str) -> str:
        return certificate_of(arn)

    def certified_key_id(self, certificate: str) -> str | None:
        return certified_id(certificate) or None

    def is_named(self, certificate: str, name: str) -> bool:
        return certificate in self.named

    def is_had(self, connection: Connection) -> bool:
        return key_id_of(key_of(connection)) not in self.claimed


def certificate_of(key: str) -> str:
    """Return the certificate of a key."""
    return certificate_of_id(key_id_of(key))


def certificate_of_id(key_id: str) -> str:
    """Return the certificate of the key with an id."""
    return f"certificate of {key_id}"


def certified_id(certificate: str) -> str:
    """Return the id of the key that a certificate is of; empty: it is none."""
    return certificate.rpartition(" ")[2]


class FakeSecrets:
    """Secrets Manager: versions, labels, and what AWS moves by itself."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.labels: dict[str, str] = {}  # the version that has each label
        self.is_deleted = False

    def describe(self, connection: str) -> Versions:
        if self.is_deleted:
            raise no_credentials(connection, "test", Lack.DELETED)
        labels: dict[str, frozenset[str]] = {}
        for label, version in self.labels.items():
            labels[version] = labels.get(version, frozenset()) | {label}
        return Versions(labels)

    def text(self, connection: str, version: str) -> Secret | None:
        return Secret(self.texts[version]) if version in self.texts else None

    def put(self, connection: str, version: str, text: Secret) -> None:
        if version not in self.texts:
            self.texts[version] = text.reveal()
            self.labels[NEXT] = version

    def move(self, connection: str, label: str, *, to: str | None, off: str | None) -> None:
        at = self.labels.get(label)
        if (to is not None and at == to) or (to is None and at != off):
            return
        if at != off:
            raise StageMovedError
        if to is None:
            self.labels.pop(label, None)
            return
        self.labels[label] = to
        if label == CURRENT and off is not None:
            self.labels[PREVIOUS] = off

    def store(self, version: str, fields: Mapping[str, Any]) -> None:
        """Do what an operator does who stores a new current version."""
        self.texts[version] = json.dumps(fields)
        self.move(NAME, CURRENT, to=version, off=self.labels.get(CURRENT))

    def fields(self, label: str) -> dict[str, Any]:
        """Return what the version with a label says."""
        found: dict[str, Any] = json.loads(self.texts[self.labels[label]])
        return found


class FakeNotes:
    """Parameter Store: a register, and what is published."""

    def __init__(self) -> None:
        self.text, self.revision = "", 0
        self._note: Note | None = None
        self.certificate: str | None = None

    def find(self, connection: str) -> Note | None:
        return self._note

    def put(self, connection: str, note: Note) -> bool:
        if note.revision != self.revision:
            return False
        self.text, self.revision = note.to_text(), self.revision + 1
        self._note = note_of(self.text, self.revision)
        return True

    def published(self, connection: str) -> str | None:
        return self.certificate

    def publish(self, connection: str, certificate: str) -> None:
        self.certificate = certificate

    def withdraw(self, connection: str) -> None:
        self.certificate = None
