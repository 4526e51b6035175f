"""The same as the files of an app say, as clicks of Setup: for orgs in which metadata is not let in.

Source: Salesforce Help, "Create an External Client App", "Configure the External Client App OAuth Settings", "Manage External
Client App Policies"; of a Connected App, "Edit, Reconfigure, or Delete a Connected App".
"""

from pathlib import Path

from sfmint_setup.app_files import CALLBACK, AppPlan, label_of

_SCOPES = "Manage user data via APIs (api) and Perform requests at any time (refresh_token, offline_access)"
_PERMITTED = "Admin approved users are pre-authorized"


def of_external(plan: AppPlan, certificate: Path, username: str | None) -> list[str]:
    """Return the clicks that make an External Client App.

    Args:
        plan: of the app.
        certificate: the file to upload.
        username: who is to log in; None: not known yet.
    """
    return [
        f"Setup, Permission Sets, New: Label {label_of(plan, 'access')}, API Name {plan.permission_set}, License None. Save.",
        (
            f"Setup, External Client App Manager, New External Client App: External Client App Name {plan.label}, API Name"
            f" {plan.name}, Contact Email {plan.contact_email}, Distribution State Local."
        ),
        f"There, API (Enable OAuth Settings): Enable OAuth. Callback URL {CALLBACK}. OAuth Scopes {_SCOPES}.",
        f"There, Flow Enablement: Enable JWT Bearer Flow, and upload {certificate}. Create.",
        (
            f"On the app, Policies, Edit, OAuth Policies: Permitted Users {_PERMITTED}; below, select the permission set"
            f" {plan.permission_set}. Refresh Token Policy: Immediately expire refresh token. IP Relaxation: Enforce IP"
            f" restrictions. Session timeout: {plan.timeout_min} minutes. Save."
        ),
        _assign(plan, username),
        "On the app, Settings, OAuth Settings, Consumer Key and Secret: copy the consumer key; the secret is not needed.",
        "Wait: a new app arrives everywhere within 2 to 10 minutes, by the documents up to 30.",
    ]


def of_connected(plan: AppPlan, certificate: Path, username: str | None) -> list[str]:
    """Return the clicks that change a Connected App; see `of_external`."""
    return [
        f"Setup, Permission Sets, New: Label and API Name {plan.permission_set}, License None. Save.",
        (
            f"Setup, App Manager, {plan.name}, Edit: Use digital signatures, and upload {certificate}. Selected OAuth Scopes:"
            f" {_SCOPES}. Save."
        ),
        (
            f"There, Manage, Edit Policies: Permitted Users {_PERMITTED}. IP Relaxation: Enforce IP restrictions. Session"
            f" Policies, Timeout Value: {plan.timeout_min} minutes. Save."
        ),
        f"There, Manage, Manage Permission Sets: select {plan.permission_set}. Save.",
        _assign(plan, username),
        "Setup, App Manager, View, Manage Consumer Details: copy the consumer key; the secret is not needed.",
        "Wait: a changed app arrives everywhere within 2 to 10 minutes.",
    ]


def _assign(plan: AppPlan, username: str | None) -> str:
    who = username or "the integration user"
    return f"Setup, Permission Sets, {plan.permission_set}, Manage Assignments, Add Assignment: {who}. Assign."
