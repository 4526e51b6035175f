"""An org with apps, whose certificates arrive at once, late or by turns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from key_rotation.ports import AppAsked, SetupRefusedError, SetupUnansweredError
from sfmint.salesforce.connection import Connection
from sfmint_testing.rotation.account import certificate_of, key_of

PROPAGATION_S = 600.0
ORG_ID = "00D5g0000000001EAA"


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
        changes: the certificates that it has had, each with the time since when.
    """

    consumer_key: str
    certificate: str | None
    changes: list[tuple[float, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changes.append((0.0, self.certificate))


class FakeOrg:
    """Salesforce: apps, and which key logs in at this moment."""

    def __init__(self, now: Callable[[], float], manner: Manner) -> None:
        self._now = now
        self.manner = manner
        self.apps: dict[str, FakeApp] = {}
        self.admins = {"admin"}
        self.admins_org = ORG_ID
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

    def replace(self, asked: AppAsked, certificate: str, *, meanwhile: Callable[[], None]) -> None:
        app = self._app(asked)
        self.deployments.append(certificate)
        self.upload(app, certificate)

    def upload(self, app: FakeApp, certificate: str) -> None:
        """Give an app another certificate, as an administrator does by hand."""
        if certificate != app.certificate:
            app.certificate = certificate
            app.changes.append((self._now(), certificate))

    def _app(self, asked: AppAsked) -> FakeApp:
        self.check(asked)
        if self.is_down:
            raise SetupUnansweredError
        if self.refuses_admin:
            raise SetupRefusedError("The user may not change apps.", remedy="Give it the right.")
        if asked.org_id not in (None, self.admins_org):
            raise SetupRefusedError("The admin connection is of another org.", remedy="Name one of the same org.")
        app = self.apps.get(asked.app)
        if app is None or app.consumer_key != asked.consumer_key:
            raise SetupRefusedError(f"There is no app {asked.app} with that consumer key.", remedy="Make it.")
        return app

    # The token endpoint

    def possible(self, consumer_key: str) -> frozenset[str | None]:
        """Return the certificates by which a login may succeed at this moment, on one server or another."""
        known = [self._known(app) for app in self.apps.values() if app.consumer_key == consumer_key]
        return frozenset(certificate for each in known for certificate in each)

    def log_in(self, connection: Connection) -> bool:
        """Return whether Salesforce takes the key, of one server of its own choice."""
        self.logins += 1
        app = next((app for app in self.apps.values() if app.consumer_key == connection.consumer_key), None)
        if app is None:
            return False
        known = self._known(app)
        is_late = self.manner is Manner.LATE or self.logins % 2
        return known[0 if is_late else -1] == certificate_of(key_of(connection))

    def _known(self, app: FakeApp) -> list[str | None]:
        """Return what the servers know, from the one that hears of a change last to the one that hears of it first."""
        if self.manner is Manner.AT_ONCE:
            return [app.certificate]
        arrived = max(n for n, (since, _) in enumerate(app.changes) if since + PROPAGATION_S <= self._now())
        return [certificate for _, certificate in app.changes[arrived:]]
