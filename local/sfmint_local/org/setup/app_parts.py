"""The components of an external client app, as the org keeps them once it was deployed."""

from collections.abc import Mapping
from uuid import uuid4

from sfmint_local.org.setup import components
from sfmint_local.org.setup.components import Component


def app_parts(app: str, *, permission_set: str | None = None, **settings: str) -> Mapping[str, Component]:
    """Return an app's components as the org keeps them, by type."""
    of_app = {"externalClientApplication": app}
    policies = {"permittedUsersPolicyType": "AdminApprovedPreAuthorized", "sessionTimeoutInMinutes": "15"}
    parts = [
        (components.APP, app, {"label": f"{app} label", "contactEmail": "ops@example.com", "description": "made"}),
        (components.OAUTH, f"{app}_oauth", of_app | {"commaSeparatedOauthScopes": "Api, RefreshToken"}),
        (
            components.GLOBAL_OAUTH,
            f"{app}_global",
            of_app | {"consumerKey": f"3MVG9{uuid4().hex}", "consumerSecret": uuid4().hex} | settings,
        ),
        (components.OAUTH_POLICIES, f"{app}_oauthPlcy", of_app | policies),
        (components.PERMISSION_SET, permission_set or f"{app}_access", {"label": f"{app} access"}),
    ]
    return {kind.name: Component(type=kind.name, full_name=name, elements=elements) for kind, name, elements in parts}
