"""``/services/data/VERSION/apps/oauth``: which apps there are, and the consumer key of one.

Source: Connect REST API Developer Guide, OAuth Usage, OAuth Credentials by App ID (60.0); Metadata API Developer Guide,
ExternalClientAppSettings (``enableClientSecretInRestApiAccess``).
"""

from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.gate import Admitted, Gate
from sfmint_local.org.refusal import RestError, no_such_resource
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.app_tables import consumer_id
from sfmint_local.org.setup.components import APP, GLOBAL_OAUTH, SETTINGS, Component
from sfmint_local.org.setup.reading import SEES_APPS, readable
from sfmint_local.org.store import Store
from sfmint_local.org.wire import OrgRequest

_SINCE = 60
_SWITCH = "enableClientSecretInRestApiAccess"
_PARTS = {"key": ("key",), "secret": ("secret",), "keyandsecret": ("key", "secret")}
_ELEMENTS = {"key": "consumerKey", "secret": "consumerSecret"}
_REVEALING = {rights.APP_DEVELOPER, rights.VIEW_CLIENT_SECRET}


class Connect:
    """The part of the Connect REST API that is about apps.

    Args:
        store: what the org knows.
        gate: lets requests in.
    """

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        base = "/services/data/<version>/apps/oauth"
        return [
            Rule(f"{base}/usage", endpoint=self.usage, methods=["GET"]),
            Rule(f"{base}/credentials/<app>", endpoint=self.credentials, methods=["GET"]),
            Rule(f"{base}/credentials/<app>/<consumer>", endpoint=self.consumer, methods=["GET"]),
        ]

    def usage(self, request: OrgRequest, version: str) -> Response:
        """List apps; where the org is so, only those that have been used."""
        admitted = self._admit(request, version)
        if not self._held(admitted) & SEES_APPS:
            raise _forbidden()
        used = self._store.used_consumer_keys()
        apps = [
            {"developerName": app.full_name, "identifier": self._store.setup.id_of(app), "label": app.text("label")}
            for app in self._store.setup.components(APP.name)
            if self._store.settings.lists_unused_apps or self._key(app) in used
        ]
        more = f"/services/data/{version}/apps/oauth/usage?page=1"
        return self._gate.answer(
            {"apps": apps if request.args.get("page", "0") == "0" else [], "nextPageUrl": more}, admitted
        )

    def credentials(self, request: OrgRequest, version: str, app: str) -> Response:
        """List an app's consumers, without key and secret."""
        admitted = self._admit_to_secrets(request, version)
        found = self._app(app)
        return self._gate.answer({"consumers": [self._told(found, version)]}, admitted)

    def consumer(self, request: OrgRequest, version: str, app: str, consumer: str) -> Response:
        """Tell the key of a consumer, its secret, or both."""
        admitted = self._admit_to_secrets(request, version)
        found = self._app(app)
        if consumer[:15] != consumer_id(self._store.setup, found)[:15]:
            raise no_such_resource()
        part = request.args.get("part", "").lower()
        if part not in _PARTS:
            raise RestError(400, "INVALID_API_INPUT", "part must be one of key, secret, keyandsecret")
        settings = self._settings(found)
        revealed = {name: settings.text(_ELEMENTS[name]) if settings else None for name in _PARTS[part]}
        return self._gate.answer(self._told(found, version) | revealed, admitted)

    def _admit(self, request: OrgRequest, version: str) -> Admitted:
        admitted = self._gate.admit(request, version)
        number = version.removeprefix("v").removesuffix(".0")
        if number.isdigit() and int(number) < _SINCE:
            raise no_such_resource()
        return admitted

    def _admit_to_secrets(self, request: OrgRequest, version: str) -> Admitted:
        admitted = self._admit(request, version)
        (switches,) = readable(self._store.setup, SETTINGS.name)
        if (
            not switches.is_true(_SWITCH)
            or not self._held(admitted) >= _REVEALING
            or not self._store.settings.serves_credentials
        ):
            raise _forbidden()
        return admitted

    def _held(self, admitted: Admitted) -> frozenset[str]:
        return self._store.setup.rights(admitted.session.username)

    def _app(self, app_id: str) -> Component:
        for app in self._store.setup.components(APP.name):
            if self._store.setup.id_of(app)[:15] == app_id[:15] and self._settings(app):
                return app
        raise no_such_resource()

    def _settings(self, app: Component) -> Component | None:
        return next(iter(self._store.setup.components(GLOBAL_OAUTH.name, app.full_name)), None)

    def _key(self, app: Component) -> str | None:
        settings = self._settings(app)
        return settings.text("consumerKey") if settings else None

    def _told(self, app: Component, version: str) -> dict[str, Any]:
        consumer = consumer_id(self._store.setup, app)
        url = f"/services/data/{version}/apps/oauth/credentials/{self._store.setup.id_of(app)}/{consumer}"
        return {
            "id": consumer,
            "key": None,
            "name": app.full_name,
            "secret": None,
            "stagedCredentialsUrl": f"{url}/staged",
            "url": url,
        }


def _forbidden() -> RestError:
    return RestError(403, "FORBIDDEN", "You do not have access to this resource.")
