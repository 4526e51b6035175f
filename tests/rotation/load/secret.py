"""One secret with its versions and labels, as Secrets Manager keeps it: broker, keeper and rotation read the same one."""

import json
from collections.abc import Mapping

from key_rotation.ports import StageMovedError
from key_rotation.versions import CURRENT, NEXT, PENDING, Versions
from rotation.load.outages import Outages
from rotation.load.stack import NAME
from sfmint.salesforce.connection import Connection, Lack, Stage, no_credentials, parse_connection
from sfmint.salesforce.grace import is_in_grace
from sfmint_values.secret import Secret

_PREVIOUS = "AWSPREVIOUS"


class VersionedSecret:
    """The secret of `orders`.

    Args:
        fields: of its first version.
        outages: when AWS does not answer.
    """

    def __init__(self, fields: Mapping[str, object], outages: Outages) -> None:
        self._texts = {"version-0000000000000000000000000": json.dumps(fields)}
        self._labels = {"version-0000000000000000000000000": {CURRENT}}
        self._outages = outages

    # as the rotation asks

    def describe(self, connection: str) -> Versions:
        """Return which version has which labels."""
        self._outages.strike()
        return Versions({version: frozenset(labels) for version, labels in self._labels.items() if labels})

    def text(self, connection: str, version: str) -> Secret | None:
        """Return what a version holds."""
        self._outages.strike()
        text = self._texts.get(version)
        return None if text is None else Secret(text)

    def put(self, connection: str, version: str, text: Secret) -> None:
        """Write a version that is not there yet."""
        self._outages.strike()
        if version not in self._texts:
            self._texts[version] = text.reveal()
            self._labels.setdefault(version, set()).add(NEXT)

    def move(self, connection: str, label: str, *, to: str | None, off: str | None) -> None:
        """Move a label."""
        self._outages.strike()
        at = self._at(label)
        if at == to or (to is None and at != off):
            return
        if at != off:
            raise StageMovedError
        if at is not None:
            self._labels[at].discard(label)
        if to is not None:
            self._labels[to].add(label)
        if label == CURRENT and at is not None:
            self._moved(at)

    # as broker and keeper ask

    def load(self, connection: str) -> Connection:
        """Return the current version."""
        return self.staged(connection, "AWSCURRENT")

    def pending(self, connection: Connection) -> Connection | None:
        """Return the pending version."""
        self._outages.strike()
        return self._parsed(PENDING)

    def previous(self, connection: Connection, now: float) -> Connection | None:
        """Return the previous version, while its label lets it log in."""
        self._outages.strike()
        version = self._at(_PREVIOUS)
        return self._parsed(_PREVIOUS) if version and is_in_grace(list(self._labels[version]), now) else None

    def staged(self, connection: str, stage: Stage) -> Connection:
        """Return the version that has a label."""
        self._outages.strike()
        return self._parsed(stage) or _lacking(stage)

    def _at(self, label: str) -> str | None:
        return next((version for version, labels in self._labels.items() if label in labels), None)

    def _moved(self, before: str) -> None:
        for labels in self._labels.values():
            labels.discard(_PREVIOUS)
        self._labels[before].add(_PREVIOUS)

    def _parsed(self, label: str) -> Connection | None:
        version = self._at(label)
        return None if version is None else parse_connection(NAME, self._texts[version], frozenset())


def _lacking(stage: Stage) -> Connection:
    raise no_credentials(NAME, "load", Lack.of(stage))
