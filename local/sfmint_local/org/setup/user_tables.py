"""The objects of users for queries: users, their profiles and licences, and the org itself. Everybody sees them.

Source: Object Reference, User, Profile, UserLicense, UserLogin and Organization.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from sfmint_local.org.identifiers import ORG_ID, salesforce_id, user_id
from sfmint_local.org.setup.licences import USER_LICENCES
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Relation, Row, Table
from sfmint_local.org.values import PROFILES, User

INSTANCE_NAME = "LOC1"
ORG_NAME = "Embedded org"


def profile_id(profile: str) -> str:
    """Return the id of a profile."""
    return salesforce_id("00e", list(PROFILES).index(profile) + 1)


def salesforce_time(epoch_s: float) -> str:
    """Write a time as the APIs do."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def user_tables(store: Store) -> Iterable[Table]:
    """Return the objects."""
    yield Table(
        name="User",
        fields={
            "Id": "id",
            "Username": "string",
            "Name": "string",
            "LastName": "string",
            "Alias": "string",
            "Email": "string",
            "IsActive": "boolean",
            "UserType": "string",
            "ProfileId": "id",
        },
        rows=lambda: [_user(user) for user in store.users()],
        relations={"Profile": Relation(key="ProfileId", to="Profile")},
    )
    yield Table(
        name="Profile",
        fields={"Id": "id", "Name": "string", "UserLicenseId": "id", "UserType": "string"},
        rows=_profiles,
        relations={"UserLicense": Relation(key="UserLicenseId", to="UserLicense")},
    )
    yield Table(name="UserLicense", fields={"Id": "id", "Name": "string"}, rows=_licences)
    yield Table(
        name="UserLogin",
        fields={"Id": "id", "UserId": "id", "IsFrozen": "boolean", "IsPasswordLocked": "boolean"},
        rows=lambda: [_user_login(user) for user in store.users()],
    )
    yield Table(
        name="Organization",
        fields={
            "Id": "id",
            "Name": "string",
            "IsSandbox": "boolean",
            "OrganizationType": "string",
            "InstanceName": "string",
            "NamespacePrefix": "string",
            "TrialExpirationDate": "time",
        },
        rows=_organization(store),
    )


def _user(user: User) -> Row:
    name = user.username.partition("@")[0]
    return {
        "Id": user_id(user.username),
        "Username": user.username,
        "Name": name,
        "LastName": name,
        "Alias": user.alias or name[:8],
        "Email": user.username,
        "IsActive": user.status != "inactive",
        "UserType": "Standard",
        "ProfileId": profile_id(user.profile),
    }


def _user_login(user: User) -> Row:
    return {
        "Id": user_id(user.username).replace("005", "0Yw", 1),
        "UserId": user_id(user.username),
        "IsFrozen": user.status == "locked",
        "IsPasswordLocked": False,
    }


def _profiles() -> list[Row]:
    return [
        {"Id": profile_id(name), "Name": name, "UserLicenseId": _licence_id(licence), "UserType": "Standard"}
        for name, licence in PROFILES.items()
    ]


def _licences() -> list[Row]:
    return [{"Id": _licence_id(name), "Name": name} for name in USER_LICENCES]


def _licence_id(licence: str) -> str:
    return salesforce_id("100", USER_LICENCES.index(licence) + 1)


def _organization(store: Store) -> Callable[[], list[Row]]:
    def rows() -> list[Row]:
        settings = store.settings
        ends = store.now() + timedelta(days=settings.trial_days).total_seconds()
        return [
            {
                "Id": ORG_ID,
                "Name": ORG_NAME,
                "IsSandbox": bool(settings.is_sandbox),
                "OrganizationType": settings.organization_type,
                "InstanceName": INSTANCE_NAME,
                "NamespacePrefix": None,
                "TrialExpirationDate": salesforce_time(ends) if settings.trial_days else None,
            }
        ]

    return rows
