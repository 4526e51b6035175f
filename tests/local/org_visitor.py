"""A Salesforce customer of the embedded org: one app, one user, one key, and a plain HTTP client."""

import time
from dataclasses import dataclass
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.values import App, User

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    control: OrgControl
    http: requests.Session
    key: RSAPrivateKey
    app: App
    user: User

    def claims(self, **changes: Any) -> dict[str, Any]:
        claims = {
            "iss": self.app.consumer_key,
            "sub": self.user.username,
            "aud": self.control.url,
            "exp": int(time.time()) + 180,
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def assertion(self, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.key, algorithm="RS256")

    def exchange(self, assertion: str | None = None, **options: Any) -> requests.Response:
        form = {"grant_type": JWT_BEARER, "assertion": assertion or self.assertion()}
        return self.http.post(f"{self.control.url}/services/oauth2/token", data=form, timeout=10, **options)

    def log_in(self) -> str:
        answer = self.exchange()
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def call(self, path: str, token: str, method: str = "GET", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        return self.http.request(method, f"{self.control.url}{path}", headers=headers, timeout=10, **options)

    def probe(self, token: str) -> int:
        return self.call("/services/data/v67.0/limits", token).status_code
