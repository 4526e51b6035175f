"""The certificate of an app in an org, read and replaced; an External Client App's, or that of a Connected App of old."""

from collections.abc import Callable, Collection, Mapping

from key_rotation.adapters.admin_org import AdminOrg, AdminOrgs
from key_rotation.ports import AppAsked, SetupRefusedError, SetupUnansweredError
from sfmint_setup.app_files import with_certificate
from sfmint_setup.component import CONNECTED_APP, GLOBAL_OAUTH
from sfmint_setup.connected_app import with_other_certificate
from sfmint_setup.errors import SessionExpired
from sfmint_setup.package import files_of
from sfmint_setup.records import App
from sfmint_setup.rights import DEPLOY, SEE_APPS, SEE_KEYS
from sfmint_values.connection_name import ADMIN, is_admin
from sfmint_values.record_id import is_same


class SetupApps:
    """Apps in Setup, through an admin connection.

    Args:
        orgs: opens the orgs.
        connections: the names of the stack's connections.
    """

    def __init__(self, orgs: AdminOrgs, connections: Collection[str]) -> None:
        self._orgs = orgs
        self._connections = connections

    def check(self, asked: AppAsked) -> None:
        """Refuse an admin connection that the stack does not have."""
        if not is_admin(asked.admin) or asked.admin not in self._connections:
            raise SetupRefusedError(
                f"The stack has no admin connection {asked.admin}.",
                remedy=f"List it in the parameter AdminConnections, where all names begin with {ADMIN}, and deploy; or name"
                " another one: sfmint rotate start NAME --admin-connection ADMIN.",
            )

    def certificate(self, asked: AppAsked) -> str | None:
        """Return the certificate that the app has; None: it has none."""
        self.check(asked)
        return self._orgs.work(asked.admin, lambda org: _found(org, asked).certificate)

    def replace(self, asked: AppAsked, certificate: str, *, meanwhile: Callable[[], None]) -> None:
        """Give the app another certificate, and keep all else as the org has it now."""
        self.check(asked)
        change = _Change(asked, certificate, meanwhile)
        try:
            self._orgs.work(asked.admin, change.carry_out)
        except SetupRefusedError as error:
            if not change.is_under_way:
                raise
            said = error.cause
        else:
            return
        raise SetupUnansweredError(f"A deployment was sent, and how it ended is not known. {said}")


class _Change:
    """One certificate for one app.

    Attributes:
        is_under_way: a deployment was sent, and nobody has seen how it ends.
    """

    def __init__(self, asked: AppAsked, certificate: str, meanwhile: Callable[[], None]) -> None:
        self._asked = asked
        self._certificate = certificate
        self._meanwhile = meanwhile
        self.is_under_way = False

    def carry_out(self, org: AdminOrg) -> None:
        """Deploy the one component that holds the certificate."""
        files = _files(_found(org, self._asked), self._certificate)
        try:
            org.deploy(files, self._meanwhile)
        except SessionExpired:  # it may have been before anything was sent; nobody can tell
            self.is_under_way = True
            raise
        self.is_under_way = False


def _found(org: AdminOrg, asked: AppAsked) -> App:
    if asked.org_id is not None and not is_same(asked.org_id, org.token.org_id):
        raise SetupRefusedError(
            f"The admin connection {asked.admin} is of another org than the connection whose key is rotated.",
            remedy="Name an admin connection of the same org: sfmint rotate start NAME --admin-connection ADMIN.",
        )
    app = org.app(asked.app)
    if app is None:
        raise SetupRefusedError(
            f"The org has no app {asked.app}, or the admin connection {asked.admin} may not see it.",
            remedy=f'Name the app: sfmint rotate start NAME --app APP; the right "{SEE_APPS}" lets see it.',
        )
    if app.consumer_key is None or _kind(app) not in app.components:
        raise SetupRefusedError(
            f"The admin connection {asked.admin} may not read the settings of the app {asked.app}.",
            remedy=f'Give its user the rights "{DEPLOY}" and "{SEE_KEYS}" in Setup.',
        )
    if app.consumer_key.strip() != asked.consumer_key:
        raise SetupRefusedError(
            f"The app {asked.app} has another consumer key than the connection's secret: it is another app.",
            remedy="Name the connection's own app: sfmint rotate start NAME --app APP.",
        )
    return app


def _kind(app: App) -> str:
    """Return the type of the component that holds an app's certificate."""
    return GLOBAL_OAUTH if app.kind == "external" else CONNECTED_APP


def _files(app: App, certificate: str) -> Mapping[str, bytes]:
    component = app.components[_kind(app)]
    renewed = with_certificate if app.kind == "external" else with_other_certificate
    return files_of([renewed(component, certificate)])
