"""An org with apps, whose certificates arrive at once, late or by turns."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from key_rotation.ports import AppAsked, SetupRefusedError, SetupUnansweredError
from sfmint.salesforce.connection import Connection
from sfmint_testing.rotation.account import certificate_of, key_of

PROPAGATION_S = 600.0


class Manner(Enum):
    """How a change of an app arrives in the org, for ten minutes."""

    AT_ONCE = "at once"
    LATE = "late"  # the old key logs in until then
    BY_TURNS = "by turns"  # each login finds another server: the old key's, the new one's


@dataclass
class FakeApp:
    """An app of the org.

    Attributes:
        consumer_key: of the app.
        certificate: that it has; None: none.
        before: the one that it had before.
        changed_at: when.
    """

    consumer_key: str
    certificate: str | None
    before: str | None = None
    changed_at: float = 0.0


class FakeOrg:
    """Salesforce: apps, and which key logs in at this moment."""

    def __init__(self, now: Callable[[], float], manner: Manner) -> None:
        self._now = now
        self.manner = manner
        self.apps: dict[str, FakeApp] = {}
        self.admins = {"admin"}
        self.is_down = False
        self.refuses_admin = False
        self.logins = 0
        self.deployments: list[str] = []

    # Apps

    def check(self, asked: AppAsked) -> None:
        if asked.admin not in self.admins:
            raise SetupRefusedError(f"There is no admin connection {asked.admin}.", remedy="Name one.")

    def certificate(self, asked: AppAsked) -> str | None:
        return self._app(asked).certificate

    def replace(self, asked: AppAsked, certificate: str) -> None:
        app = self._app(asked)
        self.deployments.append(certificate)
        self.upload(app, certificate)

    def upload(self, app: FakeApp, certificate: str) -> None:
        """Give an app another certificate, as an administrator does by hand."""
        if certificate != app.certificate:
            app.before, app.certificate, app.changed_at = app.certificate, certificate, self._now()

    def _app(self, asked: AppAsked) -> FakeApp:
        self.check(asked)
        if self.is_down:
            raise SetupUnansweredError
        if self.refuses_admin:
            raise SetupRefusedError("The user may not change apps.", remedy="Give it the right.")
        app = self.apps.get(asked.app)
        if app is None or app.consumer_key != asked.consumer_key:
            raise SetupRefusedError(f"There is no app {asked.app} with that consumer key.", remedy="Make it.")
        return app

    # The token endpoint

    def possible(self, consumer_key: str) -> frozenset[str | None]:
        """Return the certificates by which a login may succeed at this moment, on one server or another."""
        found: set[str | None] = set()
        for app in self.apps.values():
            if app.consumer_key == consumer_key:
                found |= {app.certificate, app.before} if self._is_on_its_way(app) else {app.certificate}
        return frozenset(found)

    def log_in(self, connection: Connection) -> bool:
        """Return whether Salesforce takes the key, of one server of its own choice."""
        self.logins += 1
        app = next((app for app in self.apps.values() if app.consumer_key == connection.consumer_key), None)
        if app is None:
            return False
        known = app.certificate
        if self._is_on_its_way(app) and (self.manner is Manner.LATE or self.logins % 2):
            known = app.before
        return known == certificate_of(key_of(connection))

    def _is_on_its_way(self, app: FakeApp) -> bool:
        return self.manner is not Manner.AT_ONCE and self._now() < app.changed_at + PROPAGATION_S
