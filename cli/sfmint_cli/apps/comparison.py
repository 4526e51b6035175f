"""What an org has of a connection's app, against what a login needs and what the connection's secret says."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sfmint_cli.apps.in_org import InOrg, certificate_of
from sfmint_cli.instants import written
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts
from sfmint_cli.storing_command import storing
from sfmint_setup.app_files import timeout_min
from sfmint_setup.component import APP_POLICIES, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES
from sfmint_setup.rights import SEE_APPS, SEE_KEYS
from sfmint_values.record_id import is_same

if TYPE_CHECKING:
    from sfmint.salesforce.connection import Connection

_MINUTE_S = 60
_POLICIES = "Setup, External Client App Manager, the app, Policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it should be.

    Attributes:
        what: a word that a program may tell it by.
        org: what the org has.
        wanted: what the secret says, or a login needs.
        remedy: one sentence.
    """

    what: str
    org: str
    wanted: str
    remedy: str

    def to_facts(self) -> Facts:
        """Return it for a person or a program."""
        return {"org": self.org, "wanted": self.wanted, "remedy": self.remedy}


_NEEDED = (
    (
        OAUTH_POLICIES,
        "permittedUsersPolicyType",
        "AdminApprovedPreAuthorized",
        f"{_POLICIES}: Permitted Users, Admin approved users are pre-authorized.",
    ),
    (APP_POLICIES, "isEnabled", "true", f"{_POLICIES}: enable the app."),
    (APP_POLICIES, "isOauthPluginEnabled", "true", f"{_POLICIES}: enable its OAuth plugin."),
)


def unseen(found: InOrg) -> tuple[str, str] | None:
    """Return what was not compared, a sentence of it and one of remedy; None: all was."""
    if not found.unseen:
        return None
    cause = (
        f"The session does not see {', '.join(found.unseen)} of the app {found.app.name}, or the org has none: they were"
        " not compared."
    )
    remedy = (
        f'Give the session of an administrator with the rights "{SEE_APPS}" and "{SEE_KEYS}", such as the sf CLI\'s own'
        " (SOAP refuses tokens that are JWTs); what the org lacks `sfmint app create` makes."
    )
    return cause, remedy


def faults(found: InOrg) -> Iterator[Difference]:
    """Give what keeps a login from working, whatever the secret says."""
    if found.app.certificate is None and (GLOBAL_OAUTH in found.app.components or found.app.kind == "connected"):
        yield Difference(
            what="certificate",
            org="none",
            wanted="the certificate of the key",
            remedy="Upload it: Setup, the app, Settings, OAuth Settings, Enable JWT Bearer Flow.",
        )
    ends = certificate_of(found.app.certificate)
    if ends is not None and ends.not_valid_after_utc <= datetime.fromtimestamp(found.now, UTC):
        yield Difference(
            what="certificate_ended",
            org=written(ends.not_valid_after_utc),
            wanted="one that is valid today",
            remedy=f"Make a new pair: {sfmint('keys', 'new', 'NAME', '--out', 'DIR')}.",
        )
    for kind, element, wanted, remedy in _NEEDED:
        if kind in found.app.components and (has := found.text(kind, element)) != wanted:
            yield Difference(what=element, org=has or "nothing", wanted=wanted, remedy=remedy)
    has_scopes = OAUTH in found.app.components or found.app.kind == "connected"
    scopes = set(found.scopes)
    if has_scopes and (scopes.isdisjoint({"Api", "Full"}) or scopes.isdisjoint({"RefreshToken", "OfflineAccess"})):
        yield Difference(
            what="scopes",
            org=", ".join(found.scopes) or "none",
            wanted="Api, RefreshToken",
            remedy="Add both in the app's OAuth settings: without RefreshToken no user can be approved beforehand.",
        )


def against(found: InOrg, connection: "Connection", key_id: str | None) -> Iterator[Difference]:
    """Give where the org and a connection's secret differ.

    Args:
        found: what the org has.
        connection: as the secret says.
        key_id: of its key.
    """
    yield from _against_app(found, connection, key_id)
    yield from _against_user(found, connection)


def _against_app(found: InOrg, connection: "Connection", key_id: str | None) -> Iterator[Difference]:
    if found.app.consumer_key not in {None, connection.consumer_key}:
        yield Difference(
            what="consumer_key",
            org=str(found.app.consumer_key),
            wanted=connection.consumer_key,
            remedy="After a refresh of a sandbox an app gets another one. Store the org's:"
            f" {storing(connection.name, _as_in(found, connection))}.",
        )
    if found.key_id not in {None, key_id}:
        yield Difference(
            what="key_id",
            org=str(found.key_id),
            wanted=key_id or "none",
            remedy="Upload the certificate of the secret's key to the app, or store the key of the app's certificate."
            f" Do neither while a rotation is pending: {sfmint('rotate', 'status', connection.name)}.",
        )
    wanted_s = timeout_min(connection.lifetime_s) * _MINUTE_S
    if found.timeout_s is not None and found.timeout_s != wanted_s:
        yield Difference(
            what="token_lifetime",
            org=f"{found.timeout_s} s",
            wanted=f"{connection.lifetime_s} s",
            remedy=f"Set the session timeout to {wanted_s // _MINUTE_S} minutes ({_POLICIES}), or store"
            f" --token-lifetime {found.timeout_s}: the smaller one counts, and a larger token_lifetime serves dead tokens.",
        )
    if connection.org_id and not is_same(connection.org_id, found.org.org_id):
        yield Difference(
            what="org_id",
            org=found.org.org_id,
            wanted=connection.org_id,
            remedy=f"After a refresh of a sandbox its id is another. Store that: {storing(connection.name, _as_in(found, connection))}."
            if found.org.instance_url == connection.token_host
            else "The session is of another org than the secret's: give that of the org that you mean.",
        )


def _as_in(found: InOrg, connection: "Connection") -> "Connection":
    """Return a connection with all that its org says otherwise, for what is stored has to log in as a whole."""
    is_its_org = found.org.instance_url == connection.token_host
    return replace(
        connection,
        consumer_key=found.app.consumer_key or connection.consumer_key,
        org_id=found.org.org_id if is_its_org and connection.org_id else connection.org_id,
    )


def _against_user(found: InOrg, connection: "Connection") -> Iterator[Difference]:
    if found.user is None or found.user.username != connection.username:
        yield Difference(
            what="username",
            org="no such user" if found.user is None else found.user.username,
            wanted=connection.username,
            remedy="Store the exact Username of Setup, Users:"
            f" {storing(connection.name, replace(_as_in(found, connection), username='USER'))}.",
        )
        return
    if not found.user.is_active:
        yield Difference(
            what="user", org="inactive", wanted="active", remedy="Activate the user: Setup, Users, Edit, Active."
        )
    if found.user.is_frozen:
        yield Difference(what="user", org="frozen", wanted="not frozen", remedy="Unfreeze the user: Setup, Users.")
    opening = {each.name for each in found.permission_sets if found.opens(each)}
    if not opening & set(found.user.permission_sets) and not found.text(OAUTH_POLICIES, "commaSeparatedProfile"):
        yield Difference(
            what="approval",
            org=f"{found.user.username} holds none of {', '.join(sorted(opening)) or 'no permission set that opens the app'}",
            wanted="a permission set that opens the app",
            remedy="Setup, Permission Sets, the app's, Manage Assignments, Add Assignment; the app's policies must name it.",
        )
