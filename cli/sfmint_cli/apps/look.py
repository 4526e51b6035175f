"""What an org has of a connection's app, whether that may be built upon, and what is still to be changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_setup.app_files import TIMEOUT, AppPlan, components_of, without_timeout
from sfmint_setup.component import (
    APP,
    APP_POLICIES,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    PERMISSION_SET,
    Component,
)
from sfmint_setup.port import SalesforceSetup
from sfmint_setup.records import App, Identity, PermissionSet, User
from sfmint_values.record_id import is_same

_PERMITTED = "permitted users"
_MAY_END = "that may end sessions of users who are not approved, also the one of this command: then give a new one"
# What a login depends on, in the words of a person; other elements may differ from ours.
_MATTERS = {
    (GLOBAL_OAUTH, "certificate"): "certificate",
    (OAUTH, "commaSeparatedOauthScopes"): "OAuth scopes",
    (OAUTH_POLICIES, "commaSeparatedPermissionSet"): "permission sets that may log in",
    (OAUTH_POLICIES, "permittedUsersPolicyType"): _PERMITTED,
    (OAUTH_POLICIES, TIMEOUT): "session time-out in minutes",
    (APP_POLICIES, "isEnabled"): "app enabled",
    (APP_POLICIES, "isOauthPluginEnabled"): "OAuth plugin enabled",
}
_WORDS = {
    APP: "the External Client App",
    GLOBAL_OAUTH: "its certificate and global OAuth settings",
    OAUTH: "its scopes",
    OAUTH_POLICIES: "its OAuth policies: users whom an administrator has approved",
    APP_POLICIES: "its policies: enabled, with OAuth",
    PERMISSION_SET: "the permission set",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `sfmint app create` is to bring about.

    Attributes:
        connection: its name.
        app: the app's name in the org.
        username: of the integration user.
        label: of the app in Setup.
        token_lifetime_s: the session time-out that the app gets, and the token lifetime of the secret.
        org_id: of the org that may be changed; None: whichever the session is of.
    """

    connection: str
    app: str
    username: str
    label: str
    token_lifetime_s: int
    org_id: str | None = None

    def plan(self, org: Identity, certificate: str) -> AppPlan:
        """Return what the app has to say, with a certificate in PEM."""
        return AppPlan(
            name=self.app,
            label=self.label,
            contact_email=org.username,
            certificate=certificate,
            token_lifetime_s=self.token_lifetime_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the org has.

    Attributes:
        org: it, and whose session it is.
        user: who is to log in.
        app: None: it is still to be made.
        permission_set: None: it is still to be made.
    """

    org: Identity
    user: User
    app: App | None
    permission_set: PermissionSet | None

    @property
    def is_assigned(self) -> bool:
        """Whether the user has the permission set."""
        return self.permission_set is not None and self.permission_set.name in self.user.permission_sets


def require_org(org: Identity, org_id: str | None, *, is_asked: bool) -> None:
    """Check that a session is of the org that the person means.

    Args:
        org: of the session.
        org_id: as it was given.
        is_asked: whether the person will be asked before anything is changed.

    Raises:
        Failed: it is of another one, or of production, and nobody has named or will be shown it.
    """
    if org_id is None and org.is_production and not is_asked:
        raise Failed(
            f"The org {org.org_id} ({org.name}) is production, which --yes alone does not agree to: nothing was changed.",
            remedy=f"Name it, if it is the one that you mean: --org-id {org.org_id}.",
            name="ProductionNotNamed",
        )
    if org_id is not None and not is_same(org.org_id, org_id):
        raise Failed(
            f"The session is of the org {org.org_id} ({org.name}), and --org-id names {org_id}: nothing was changed.",
            remedy="Give the session of the org that you mean, or its id.",
            name="OtherOrg",
        )


def look(setup: SalesforceSetup, org: Identity, wanted: Wanted) -> Found:
    """Return what an org has.

    Raises:
        Failed: it cannot be built upon, whoever has made it.
        SetupError: the org does not tell.
    """
    user = _user(setup, org, wanted.username)
    app, there = setup.app(wanted.app), setup.permission_set(wanted.plan(org, "").permission_set)
    if app is not None and app.kind == "connected":
        raise Failed(
            f"The org has a Connected App {wanted.app}, so no External Client App can have that name.",
            remedy="Give the connection another NAME, or write the files that change the old app:"
            f" {sfmint('app', 'metadata', wanted.connection, '--connected-app', '--out', 'DIR')}",
            name="ConnectedAppThere",
        )
    if there is not None and (others := [tied for tied in there.tied_apps if app is None or not is_same(tied, app.id)]):
        raise Failed(
            f"The permission set {there.name} opens {len(others)} other {'app' if len(others) == 1 else 'apps'}, so its"
            " users would be let into this one too.",
            remedy="Give the connection another NAME: the permission set is named after it.",
            name="PermissionSetInUse",
        )
    return Found(org=org, user=user, app=app, permission_set=there)


def _user(setup: SalesforceSetup, org: Identity, username: str) -> User:
    """Return a user who may log in."""
    user = setup.user(username)
    if user is None:
        raise Failed(
            f"The org {org.org_id} ({org.name}) has no user {username!r}{_near(setup, username)}.",
            remedy="Give the exact Username of Setup, Users, with --username: in a sandbox it often ends with the sandbox's name.",
            name="UserNotFound",
        )
    if not user.is_active:
        raise Failed(
            f"The user {user.username} is inactive, so it cannot log in.",
            remedy="Activate it in Setup, Users, or give another one with --username.",
            name="UserInactive",
        )
    if user.is_frozen:
        raise Failed(
            f"The user {user.username} is frozen, so it cannot log in.",
            remedy="Unfreeze it in Setup, Users, or give another one with --username.",
            name="UserFrozen",
        )
    return user


def changed(found: Found, plan: AppPlan, *, no_timeout: bool) -> tuple[Component, ...]:
    """Return the components that have to be deployed: all of the app's if one differs, and none if none does.

    Args:
        found: what the org has.
        plan: what is wanted.
        no_timeout: the org refuses a session time-out.
    """
    components = components_of(plan, found.app)
    wanted = without_timeout(components) if no_timeout else components
    there = {} if found.app is None else found.app.components
    differs = any(each.type not in there or _differences(each, there[each.type]) for each in _of_app(wanted))
    return tuple(each for each in wanted if (found.permission_set is None if each.type == PERMISSION_SET else differs))


def in_words(found: Found, components: Iterable[Component]) -> list[str]:
    """Return what is there and kept, and what is to be changed, one line each."""
    there = {} if found.app is None else found.app.components
    lines = []
    for each in components:
        if each.type == PERMISSION_SET or each.type not in there:
            lines.append(f"new: {_WORDS[each.type]} ({each.full_name})")
        else:
            differences = _differences(each, there[each.type])
            lines += [f"changed: {words} of {each.full_name}" for words in differences]
            lines += [_MAY_END] if _PERMITTED in differences else []
    if found.app is not None:
        lines.append(f"kept: the app {found.app.name}, which is there, and all that is not named here")
    if found.permission_set is not None:
        lines.append(f"kept: the permission set {found.permission_set.name}, which is there")
        if others := [name for name in found.permission_set.usernames if name != found.user.username]:
            lines.append(f"beside {found.user.username} it lets these log in: {', '.join(others)}")
    if not found.is_assigned:
        lines.append(f"new: {found.user.username} gets the permission set")
    return lines


def _of_app(components: Iterable[Component]) -> Iterable[Component]:
    return (each for each in components if each.type != PERMISSION_SET)


def _differences(wanted: Component, there: Component) -> list[str]:
    return [
        words
        for (kind, element), words in _MATTERS.items()
        if kind == wanted.type
        and element in wanted.elements
        and _plain(wanted.text(element)) != _plain(there.text(element))
    ]


def _plain(text: str) -> str:
    """Return a text without what the org may write otherwise: white space, which separates nothing in these elements."""
    return "".join(text.split())


def _near(setup: SalesforceSetup, username: str) -> str:
    near = setup.near_users(username)
    return f"; it has {', '.join(near)}" if near else ""
