"""The secret of the connection as broker and keeper read it, while a rotation changes it."""

from dataclasses import dataclass

from key_rotation.versions import CURRENT, PENDING, PREVIOUS
from rotation.load.outages import Outages
from sfmint.salesforce.connection import Connection, Lack, Stage, no_credentials, parse_connection
from sfmint.salesforce.grace import is_in_grace
from sfmint_testing.rotation.account import NAME, FakeSecrets


@dataclass(slots=True)
class ReadCredentials:
    """The core's port over the versions that the rotation sees.

    Attributes:
        secrets: the versions and their labels.
        outages: when AWS does not answer.
    """

    secrets: FakeSecrets
    outages: Outages

    def load(self, connection: str) -> Connection:
        """Return the current version."""
        return self.staged(connection, CURRENT)

    def pending(self, connection: Connection) -> Connection | None:
        """Return the pending version."""
        return self._at(PENDING)

    def previous(self, connection: Connection, now: float) -> Connection | None:
        """Return the previous version, while its label lets it log in."""
        found, labels = self._at(PREVIOUS), self.secrets.labels
        return found if is_in_grace([each for each in labels if labels[each] == labels.get(PREVIOUS)], now) else None

    def staged(self, connection: str, stage: Stage) -> Connection:
        """Return the version that has a label."""
        if (found := self._at(stage)) is None:
            raise no_credentials(connection, "load", Lack.of(stage))
        return found

    def _at(self, label: str) -> Connection | None:
        self.outages.strike()
        text = self.secrets.texts.get(self.secrets.labels.get(label, ""))
        return None if text is None else parse_connection(NAME, text, frozenset())
