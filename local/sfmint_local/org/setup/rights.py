"""Rights of users that administration needs, by the names that metadata and the API give them.

Source: Object Reference, PermissionSet (`Permissions...` fields and their labels in Setup).
"""

from collections.abc import Iterable

VIEW_SETUP = "ViewSetup"
MODIFY_METADATA = "ModifyMetadata"
MODIFY_ALL_DATA = "ModifyAllData"
APP_DEVELOPER = "ExternalClientAppDeveloper"
APP_ADMIN = "ExternalClientAppAdmin"
APP_VIEWER = "ExternalClientAppViewer"
VIEW_CLIENT_SECRET = "ViewClientSecret"  # noqa: S105 - a right
ASSIGN_PERMISSION_SETS = "AssignPermissionSets"
MANAGE_PERMISSION_SETS = "ManageProfilesPermissionsets"
MANAGE_USERS = "ManageUsers"

LABELS = {
    VIEW_SETUP: "View Setup and Configuration",
    MODIFY_METADATA: "Modify Metadata Through Metadata API Functions",
    MODIFY_ALL_DATA: "Modify All Data",
    APP_DEVELOPER: "Create, edit, and delete External Client Apps",
    APP_ADMIN: "View all External Client Apps, view their settings, and edit their policies",
    APP_VIEWER: "View all External Client Apps",
    VIEW_CLIENT_SECRET: "View External Client App Consumer Secrets in Metadata",
    ASSIGN_PERMISSION_SETS: "Assign Permission Sets",
    MANAGE_PERMISSION_SETS: "Manage Profiles and Permission Sets",
    MANAGE_USERS: "Manage Users",
}
ADMINISTRATOR = frozenset(LABELS)  # what the profile System Administrator has

# Each right brings those that it needs, as ticking it in Setup does.
_BRINGS = {
    APP_DEVELOPER: {APP_ADMIN, APP_VIEWER, VIEW_SETUP},
    APP_ADMIN: {APP_VIEWER, VIEW_SETUP},
    APP_VIEWER: {VIEW_SETUP},
    MODIFY_METADATA: {VIEW_SETUP},
    ASSIGN_PERMISSION_SETS: {VIEW_SETUP},
    MANAGE_PERMISSION_SETS: {VIEW_SETUP},
    MANAGE_USERS: {ASSIGN_PERMISSION_SETS, VIEW_SETUP},
}


def complete(rights: Iterable[str]) -> frozenset[str]:
    """Return rights with those that they bring.

    Raises:
        ValueError: there is no such right.
    """
    wanted = set(rights)
    if unknown := sorted(wanted - ADMINISTRATOR):
        raise ValueError(f"There is no right {unknown[0]!r}. Known are {', '.join(sorted(ADMINISTRATOR))}.")
    return frozenset(wanted.union(*(_BRINGS.get(right, set()) for right in wanted)))
