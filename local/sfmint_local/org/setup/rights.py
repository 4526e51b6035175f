"""Rights of users that administration needs, by the names that metadata and the API give them.

Source: Object Reference, PermissionSet (`Permissions...` fields and their labels in Setup).
"""

MODIFY_METADATA = "ModifyMetadata"
MODIFY_ALL_DATA = "ModifyAllData"
APP_DEVELOPER = "ExternalClientAppDeveloper"
APP_ADMIN = "ExternalClientAppAdmin"
APP_VIEWER = "ExternalClientAppViewer"
VIEW_CLIENT_SECRET = "ViewClientSecret"  # noqa: S105 - a right
ASSIGN_PERMISSION_SETS = "AssignPermissionSets"
MANAGE_USERS = "ManageUsers"

LABELS = {
    MODIFY_METADATA: "Modify Metadata Through Metadata API Functions",
    MODIFY_ALL_DATA: "Modify All Data",
    APP_DEVELOPER: "Create, edit, and delete External Client Apps",
    APP_ADMIN: "View all External Client Apps, view their settings, and edit their policies",
    APP_VIEWER: "View all External Client Apps",
    VIEW_CLIENT_SECRET: "View External Client App Consumer Secrets in Metadata",
    ASSIGN_PERMISSION_SETS: "Assign Permission Sets",
    MANAGE_USERS: "Manage Users",
}
ADMINISTRATOR = frozenset(LABELS)  # what the profile System Administrator has
