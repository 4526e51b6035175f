"""An administrator of the embedded org: a session that is no connection's, with rights in Setup."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import components, rights
from sfmint_local.org.setup.components import Component
from sfmint_local.org.values import User

BASE = "/services/data/v67.0"


@dataclass(frozen=True, kw_only=True)
class Administrator:
    control: OrgControl
    http: requests.Session
    username: str
    token: str

    def call(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.http.request(method, f"{self.control.url}{path}", headers=headers, timeout=10, **options)

    def query(self, text: str, *, tooling: bool = False) -> Any:
        address = f"{BASE}/tooling/query" if tooling else f"{BASE}/query"
        return self.call(address, params={"q": text}).json()

    def rows(self, text: str, *, tooling: bool = False) -> list[dict[str, Any]]:
        """Return the records without their attributes."""
        answer = self.query(text, tooling=tooling)
        assert "records" in answer, answer
        return [_bare(record) for record in answer["records"]]


def hire(control: OrgControl, http: requests.Session, *held: str, jwt_based: bool = False) -> Administrator:
    """Make a user with these rights, or with all, and open a session."""
    user = control.put_user(User(username=f"admin-{uuid4().hex}@example.com", profile="System Administrator"))
    control.grant(user.username, held or rights.ADMINISTRATOR)
    token = control.open_session(user.username, jwt_based=jwt_based)
    return Administrator(control=control, http=http, username=user.username, token=token)


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


def _bare(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {name: _bare(value) for name, value in record.items() if name != "attributes"}
