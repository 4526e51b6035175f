"""An administrator of the embedded org: a session that is no connection's, with rights in Setup."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import rights
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


def _bare(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {name: _bare(value) for name, value in record.items() if name != "attributes"}
