"""An org as an administrator's session sees and changes it: `sfmint_setup.port.SalesforceSetup`, over HTTPS."""

from collections.abc import Mapping
from functools import cached_property

from sfmint_setup import soql
from sfmint_setup.consumer_key import KeyByRest, Notes
from sfmint_setup.deploying import Deployments
from sfmint_setup.errors import OrgRefused, RightMissing, UnusableAnswer
from sfmint_setup.port import Observe
from sfmint_setup.queries import make, rows, text
from sfmint_setup.read_app import consumer_key_of, read_app
from sfmint_setup.records import App, Deployment, Identity, PermissionSet, User
from sfmint_setup.rights import TO_ASSIGN, TO_SEE_SETUP, TO_TIE
from sfmint_setup.wire import Wire
from sfmint_values.record_id import is_org_id, is_same
from sfmint_values.system import Clock

MOST_USERS = 200  # that are told of a permission set
_BEGINNING, _NEAR = 5, 5  # letters that a near user name begins with; names that are told
_USERINFO = "/services/oauth2/userinfo"


class Org:
    """The real org behind the port.

    Args:
        wire: to it.
        clock: time.
        notes: where it is noted that a switch of the org is on.
    """

    def __init__(self, *, wire: Wire, clock: Clock, notes: Notes) -> None:
        self._wire = wire
        self._clock = clock
        self._notes = notes

    def identity(self) -> Identity:
        """Return the org and whose session it is."""
        return self._identity

    @cached_property
    def _identity(self) -> Identity:
        found = self._wire.get(_USERINFO, TO_SEE_SETUP)
        user = found if isinstance(found, Mapping) else {}
        orgs = rows(self._wire, soql.select("Id, Name, IsSandbox", "Organization"), TO_SEE_SETUP)
        org_id = text(orgs[0], "Id") if orgs else ""
        # It also stands in the names of files.
        if not is_org_id(org_id) or not is_same(org_id, text(user, "organization_id")):
            raise UnusableAnswer(
                "The org's answers do not agree on which org it is.",
                remedy="Check that the instance URL is the org's own, then run this again.",
            )
        return Identity(
            org_id=org_id,
            name=text(orgs[0], "Name"),
            is_production=orgs[0].get("IsSandbox") is not True,
            instance_url=self._wire.origin,
            username=text(user, "preferred_username"),
            user_id=text(user, "user_id"),
        )

    def app(self, name: str) -> App | None:
        """Return what the org has of an app of that name, of either kind."""
        return read_app(self._wire, name, self._identity.org_id)

    def user(self, username: str) -> User | None:
        """Return a user by the exact name."""
        query = soql.select("Id, Username, IsActive, Profile.Name", "User", "Username = {}", username)
        found = rows(self._wire, query, TO_SEE_SETUP)
        if not found:
            return None
        id_ = text(found[0], "Id")
        fields = "PermissionSet.Name, PermissionSet.IsOwnedByProfile"
        assigned = rows(
            self._wire, soql.select(fields, "PermissionSetAssignment", "AssigneeId = {}", id_), TO_SEE_SETUP
        )
        return User(
            id=id_,
            username=text(found[0], "Username"),
            is_active=found[0].get("IsActive") is True,
            is_frozen=self._is_frozen(id_),
            profile=text(found[0], "Profile", "Name"),
            permission_sets=tuple(
                text(each, "PermissionSet", "Name")
                for each in assigned
                if isinstance(of := each.get("PermissionSet"), Mapping) and of.get("IsOwnedByProfile") is not True
            ),
        )

    def _is_frozen(self, user_id: str) -> bool:
        query = soql.select("IsFrozen", "UserLogin", "UserId = {}", user_id)
        try:
            return any(each.get("IsFrozen") is True for each in rows(self._wire, query, TO_SEE_SETUP))
        except (OrgRefused, RightMissing):
            return False

    def near_users(self, username: str) -> tuple[str, ...]:
        """Return the names of active users that begin like one that is not there."""
        query = soql.select(
            "Username",
            "User",
            "IsActive = true AND Username LIKE {}",
            f"{username.partition('@')[0][:_BEGINNING]}%",
            rest=f"ORDER BY Username LIMIT {_NEAR}",
        )
        return tuple(text(each, "Username") for each in rows(self._wire, query, TO_SEE_SETUP))

    def permission_set(self, name: str) -> PermissionSet | None:
        """Return a permission set by its API name."""
        found = rows(
            self._wire,
            soql.select("Id, Name, Label", "PermissionSet", "Name = {} AND NamespacePrefix = null", name),
            TO_SEE_SETUP,
        )
        if not found:
            return None
        id_ = text(found[0], "Id")
        where = "ParentId = {} AND SetupEntityType = 'ExternalClientApplication'"
        tied = rows(self._wire, soql.select("SetupEntityId", "SetupEntityAccess", where, id_), TO_SEE_SETUP)
        where = "PermissionSetId = {} AND Assignee.IsActive = true"
        query = soql.select("Assignee.Username", "PermissionSetAssignment", where, id_, rest=f"LIMIT {MOST_USERS}")
        return PermissionSet(
            id=id_,
            name=text(found[0], "Name"),
            label=text(found[0], "Label"),
            tied_apps=tuple(text(each, "SetupEntityId") for each in tied),
            usernames=tuple(text(each, "Assignee", "Username") for each in rows(self._wire, query, TO_SEE_SETUP)),
        )

    def deploy(self, files: Mapping[str, bytes], *, check_only: bool, observe: Observe) -> Deployment:
        """Deploy all of the files or none, and wait until that has ended."""
        return self._deployments.run(files, check_only=check_only, observe=observe)

    def assign(self, user_id: str, permission_set_id: str) -> bool:
        """Give a user a permission set; False: that user had it."""
        fields = {"AssigneeId": user_id, "PermissionSetId": permission_set_id}
        return make(self._wire, "PermissionSetAssignment", fields, TO_ASSIGN)

    def tie(self, permission_set_id: str, app_id: str) -> bool:
        """Let those who have a permission set use an app; False: they could."""
        fields = {"ParentId": permission_set_id, "SetupEntityId": app_id}
        return make(self._wire, "SetupEntityAccess", fields, TO_TIE)

    def consumer_key(self, app: App) -> str | None:
        """Return the app's consumer key as the Metadata API shows it."""
        return consumer_key_of(self._wire, app)

    def consumer_key_by_rest(self, app: App, *, observe: Observe) -> str | None:
        """Return it by REST, for which a switch of the org may be turned on and put back."""
        return self._key_by_rest.read(app.id, observe)

    def put_back_switch(self, *, observe: Observe) -> bool:
        """Put back the switch that an interrupted run has left on."""
        return self._key_by_rest.put_back(observe)

    @cached_property
    def _deployments(self) -> Deployments:
        return Deployments(wire=self._wire, clock=self._clock, user_id=self._identity.user_id)

    @cached_property
    def _key_by_rest(self) -> KeyByRest:
        org_id = self._identity.org_id
        return KeyByRest(wire=self._wire, deployments=self._deployments, notes=self._notes, org_id=org_id)
