"""An administrator who deploys to the embedded org: files of an app, a zip, and the requests of the Metadata API."""

import io
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from local.org_administrator import Administrator
from local.org_visitor import Visitor
from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    PERMISSION_SET,
    TYPES,
    Component,
)
from sfmint_local.org.values import App, User

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
OPTIONS = {"checkOnly": False, "rollbackOnError": True, "singlePackage": True}
LONGEST_S = 30.0


def xml(part: Component, *, namespace: str = NAMESPACE) -> str:
    """Write a component; a dotted name is an element within another."""
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{part.type} xmlns="{namespace}">']
    for name, value in sorted(part.elements.items()):
        *groups, leaf = name.split(".")
        for text in (value,) if isinstance(value, str) else value:
            inner = f"<{leaf}>{escape(text)}</{leaf}>"
            for group in reversed(groups):
                inner = f"<{group}>{inner}</{group}>"
            lines.append(inner)
    return "\n".join([*lines, f"</{part.type}>"])


def place(part: Component) -> str:
    """Return where the component's file lies in a package."""
    kind = TYPES[part.type]
    return f"{kind.folder}/{part.full_name}.{kind.suffix}"


def manifest(*parts: Component, version: str = "67.0") -> str:
    """Write the package.xml that lists components."""
    types = "".join(
        f"<types><members>{part.full_name}</members><name>{'Settings' if TYPES[part.type].folder == 'settings' else part.type}</name></types>"
        for part in parts
    )
    return f'<?xml version="1.0"?><Package xmlns="{NAMESPACE}">{types}<version>{version}</version></Package>'


def package(*parts: Component, version: str = "67.0") -> dict[str, str]:
    """Return the files of a package."""
    return {"package.xml": manifest(*parts, version=version)} | {place(part): xml(part) for part in parts}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Pack files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


@dataclass(frozen=True, kw_only=True)
class AppFiles:
    """The components of one app, as a person would write them down."""

    name: str
    certificate: str

    @classmethod
    def drawn(cls, certificate: str) -> "AppFiles":
        return cls(name=f"app_{uuid4().hex[:12]}", certificate=certificate)

    def eca(self, **changes: str | None) -> Component:
        return _part(APP.name, self.name, {"contactEmail": "ops@example.com", "label": self.name}, changes)

    def global_oauth(self, **changes: str | None) -> Component:
        elements = {
            "callbackUrl": "https://localhost/unused",
            "certificate": self.certificate,
            "externalClientApplication": self.name,
            "label": "global",
        }
        return _part(GLOBAL_OAUTH.name, f"{self.name}_global", elements, changes)

    def oauth(self, **changes: str | None) -> Component:
        elements = {"commaSeparatedOauthScopes": "Api, RefreshToken", "externalClientApplication": self.name}
        return _part(OAUTH.name, f"{self.name}_oauth", elements, changes)

    def oauth_policies(self, **changes: str | None) -> Component:
        elements = {
            "commaSeparatedPermissionSet": self.permission_set().full_name,
            "externalClientApplication": self.name,
            "ipRelaxationPolicyType": "Enforce",
            "permittedUsersPolicyType": "AdminApprovedPreAuthorized",
            "refreshTokenPolicyType": "Zero",
            "sessionTimeoutInMinutes": "15",
        }
        return _part(OAUTH_POLICIES.name, f"{self.name}_oauthPlcy", elements, changes)

    def app_policies(self, **changes: str | None) -> Component:
        elements = {"externalClientApplication": self.name, "isEnabled": "true", "isOauthPluginEnabled": "true"}
        return _part(APP_POLICIES.name, f"{self.name}_plcy", elements, changes)

    def permission_set(self, **changes: str | None) -> Component:
        return _part(PERMISSION_SET.name, f"{self.name}_access", {"label": f"{self.name}_access"}, changes)

    def all(self) -> list[Component]:
        return [
            self.permission_set(),
            self.eca(),
            self.global_oauth(),
            self.oauth(),
            self.oauth_policies(),
            self.app_policies(),
        ]


def _part(kind: str, name: str, elements: dict[str, str], changes: Mapping[str, str | None]) -> Component:
    changed = {element: text for element, text in (elements | dict(changes)).items() if text is not None}
    return Component(type=kind, full_name=name, elements=changed)


class Deployer(Administrator):
    """An administrator who deploys."""

    @classmethod
    def like(cls, other: Administrator) -> "Deployer":
        return cls(control=other.control, http=other.http, username=other.username, token=other.token)

    def send(
        self, files: Mapping[str, str | bytes] | bytes, *, version: str = "v67.0", **options: Any
    ) -> requests.Response:
        """Post a deployment and return the answer to it."""
        archive = files if isinstance(files, bytes) else zipped(files)
        parts = {
            "json": (None, json.dumps({"deployOptions": OPTIONS | options}), "application/json"),
            "file": ("deploy.zip", archive, "application/zip"),
        }
        return self.call(f"/services/data/{version}/metadata/deployRequest", "POST", files=parts)

    def look(self, request_id: str, *, version: str = "v67.0") -> dict[str, Any]:
        """Return deployResult, with details."""
        path = f"/services/data/{version}/metadata/deployRequest/{request_id}?includeDetails=true"
        result: dict[str, Any] = self.call(path).json()["deployResult"]
        return result

    def deploy(self, *parts: Component, version: str = "67.0", **options: Any) -> dict[str, Any]:
        """Deploy components and return how that ended."""
        return self.deploy_files(package(*parts, version=version), **options)

    def deploy_files(self, files: Mapping[str, str | bytes] | bytes, **options: Any) -> dict[str, Any]:
        """Deploy files and return how that ended."""
        answer = self.send(files, **options)
        assert answer.status_code == 201, answer.text
        last = time.monotonic() + LONGEST_S
        while not (result := self.look(answer.json()["id"]))["done"]:
            assert time.monotonic() < last, result
            time.sleep(0.02)
        return result

    def assign(self, username: str, permission_set: str) -> requests.Response:
        """Assign a permission set to a user, by the API."""
        (user,) = self.rows(f"SELECT Id FROM User WHERE Username = '{username}'")  # noqa: S608 - names of our own
        (held,) = self.rows(f"SELECT Id FROM PermissionSet WHERE Name = '{permission_set}'")  # noqa: S608
        body = {"AssigneeId": user["Id"], "PermissionSetId": held["Id"]}
        return self.call("/services/data/v67.0/sobjects/PermissionSetAssignment", "POST", json=body)

    def component(self, kind: str, app: str) -> Component:
        """Return an app's one component of a type, as the org keeps it."""
        (found,) = [part for part in self.control.components(app) if part.type == kind]
        return found


def problems(result: Mapping[str, Any]) -> dict[str, str]:
    """Return the problems of a deployment by full name."""
    return {failure["fullName"]: failure["problem"] for failure in result["details"]["componentFailures"]}


def visitor_of(deployer: Deployer, files: AppFiles, key: RSAPrivateKey, *, assigned: bool = True) -> Visitor:
    """Return a new user of a deployed app."""
    consumer_key = deployer.component(GLOBAL_OAUTH.name, files.name).text("consumerKey")
    user = deployer.control.put_user(User(username=f"{uuid4().hex}@example.com"))
    if assigned:
        assert deployer.assign(user.username, files.permission_set().full_name).status_code == 201
    return Visitor(control=deployer.control, http=deployer.http, key=key, app=App(consumer_key=consumer_key), user=user)
