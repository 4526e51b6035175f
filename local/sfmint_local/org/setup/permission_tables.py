"""The objects of permission sets for queries, among them the hidden set that each profile owns.

Source: Object Reference, PermissionSet, PermissionSetLicense, PermissionSetAssignment and SetupEntityAccess.
"""

from collections.abc import Callable, Iterable

from sfmint_local.org.identifiers import salesforce_id, user_id
from sfmint_local.org.setup.components import APP, PERMISSION_SET, Component
from sfmint_local.org.setup.licences import SET_LICENCES, set_licence
from sfmint_local.org.setup.state import Setup
from sfmint_local.org.setup.user_tables import profile_id
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Relation, Row, Table
from sfmint_local.org.values import PROFILES


def permission_tables(store: Store) -> Iterable[Table]:
    """Return the objects."""
    setup = store.setup
    yield Table(
        name="PermissionSet",
        fields={
            "Id": "id",
            "Name": "string",
            "Label": "string",
            "Description": "string",
            "Type": "string",
            "IsOwnedByProfile": "boolean",
            "IsCustom": "boolean",
            "HasActivationRequired": "boolean",
            "ProfileId": "id",
            "LicenseId": "id",
            "NamespacePrefix": "string",
        },
        rows=lambda: [*map(_of_profile, PROFILES), *(_own(setup, part) for part in _sets(setup))],
        relations={
            "Profile": Relation(key="ProfileId", to="Profile"),
            "License": Relation(key="LicenseId", to="PermissionSetLicense"),
        },
    )
    yield Table(
        name="PermissionSetLicense",
        fields={"Id": "id", "DeveloperName": "string", "MasterLabel": "string"},
        rows=lambda: [
            {"Id": _licence_id(name), "DeveloperName": name, "MasterLabel": label}
            for name, label in SET_LICENCES.items()
        ],
    )
    yield Table(
        name="PermissionSetAssignment",
        fields={
            "Id": "id",
            "AssigneeId": "id",
            "PermissionSetId": "id",
            "PermissionSetGroupId": "id",
            "IsActive": "boolean",
            "ExpirationDate": "time",
        },
        rows=_assignments(store),
        relations={
            "Assignee": Relation(key="AssigneeId", to="User"),
            "PermissionSet": Relation(key="PermissionSetId", to="PermissionSet"),
        },
    )
    yield Table(
        name="SetupEntityAccess",
        fields={"Id": "id", "ParentId": "id", "SetupEntityId": "id", "SetupEntityType": "string"},
        rows=lambda: _ties(setup),
        relations={"Parent": Relation(key="ParentId", to="PermissionSet")},
    )


def _sets(setup: Setup) -> list[Component]:
    return setup.components(PERMISSION_SET.name)


def _own(setup: Setup, part: Component) -> Row:
    bound = set_licence(part)
    return _set_row(setup.id_of(part), part.full_name, part.text("label") or part.full_name) | {
        "Description": part.text("description") or None,
        "HasActivationRequired": part.is_true("hasActivationRequired"),
        "LicenseId": _licence_id(bound) if bound else None,
    }


def _of_profile(profile: str) -> Row:
    name = f"X{profile_id(profile)[:15]}"
    return _set_row(_profile_set_id(profile), name, name) | {
        "Type": "Profile",
        "IsOwnedByProfile": True,
        "ProfileId": profile_id(profile),
    }


def _set_row(row_id: str, name: str, label: str) -> Row:
    return {
        "Id": row_id,
        "Name": name,
        "Label": label,
        "Description": None,
        "Type": "Regular",
        "IsOwnedByProfile": False,
        "IsCustom": True,
        "HasActivationRequired": False,
        "ProfileId": None,
        "LicenseId": None,
        "NamespacePrefix": None,
    }


def _profile_set_id(profile: str) -> str:
    return salesforce_id("0PS", 9_000_000_000 + list(PROFILES).index(profile))


def _licence_id(name: str) -> str:
    return salesforce_id("0PL", list(SET_LICENCES).index(name) + 1)


def _assignments(store: Store) -> Callable[[], list[Row]]:
    def rows() -> list[Row]:
        sets = {part.full_name: store.setup.id_of(part) for part in _sets(store.setup)}
        made = [
            _assignment(row_id, user_id(username), sets[permission_set])
            for (username, permission_set), row_id in store.setup.assignments().items()
            if permission_set in sets
        ]
        by_profile = [
            _assignment(_profile_assignment(user.username), user_id(user.username), _profile_set_id(user.profile))
            for user in store.users()
        ]
        return by_profile + made

    return rows


def _profile_assignment(username: str) -> str:
    return user_id(username).replace("005", "0Pa", 1)


def _assignment(row_id: str, assignee: str, permission_set: str) -> Row:
    return {
        "Id": row_id,
        "AssigneeId": assignee,
        "PermissionSetId": permission_set,
        "PermissionSetGroupId": None,
        "IsActive": True,
        "ExpirationDate": None,
    }


def _ties(setup: Setup) -> list[Row]:
    rows = []
    for (permission_set, app), row_id in setup.ties().items():
        parent, entity = setup.find(PERMISSION_SET.name, permission_set), setup.find(APP.name, app)
        if parent and entity:
            rows.append(
                {
                    "Id": row_id,
                    "ParentId": setup.id_of(parent),
                    "SetupEntityId": setup.id_of(entity),
                    "SetupEntityType": APP.name,
                }
            )
    return rows
