"""What a login sees of the components: apps by their consumer key.

Source: Metadata API Developer Guide, External Client Apps and ConnectedApp.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    Component,
)
from sfmint_local.org.setup.connected_app import certificate_pem
from sfmint_local.org.setup.rules import listed
from sfmint_local.org.setup.schema import SCOPES
from sfmint_local.org.setup.state import Setup
from sfmint_local.org.values import App, Policy

_TIMEOUT_S = 2 * 3600  # the org's own, where an app's policies say nothing
_JWT_TIMEOUT_S = 30 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginApp:
    """An app as a login meets it.

    Attributes:
        app: what it demands and grants.
        permission_sets: those that are tied to it; who has one is approved.
    """

    app: App
    permission_sets: frozenset[str] = frozenset()


def login_apps(setup: Setup) -> dict[str, LoginApp]:
    """Return all apps by consumer key."""
    ties = setup.ties()
    found: dict[str, LoginApp] = {}
    for name, app in (*_external(setup), *_connected(setup)):
        tied = frozenset(permission_set for permission_set, tied_app in ties if tied_app == name)
        found[app.consumer_key] = LoginApp(app=app, permission_sets=tied)
    return found


def _external(setup: Setup) -> Iterator[tuple[str, App]]:
    for part in setup.components(APP.name):
        name = part.full_name
        settings, oauth = _one(setup, GLOBAL_OAUTH.name, name), _one(setup, OAUTH.name, name)
        if settings and oauth:
            policies = _one(setup, OAUTH_POLICIES.name, name) or Component(type="", full_name="", elements={})
            plugins = _one(setup, APP_POLICIES.name, name)
            yield name, _app(settings, oauth, policies, plugins)


def _app(settings: Component, oauth: Component, policies: Component, plugins: Component | None) -> App:
    minutes, jwt_minutes = policies.text("sessionTimeoutInMinutes"), policies.text("namedUserJwtTimeout")
    return App(
        consumer_key=settings.text("consumerKey"),
        certificate=settings.text("certificate") or None,
        policy=_policy(approved=policies.text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"),
        scopes=tuple(SCOPES[scope] for scope in listed(oauth.text("commaSeparatedOauthScopes"))),
        session_timeout_s=int(minutes) * 60 if minutes else _TIMEOUT_S,
        jwt_based_tokens=settings.is_true("isNamedUserJwtEnabled"),
        jwt_timeout_s=int(jwt_minutes) * 60 if jwt_minutes else _JWT_TIMEOUT_S,
        enabled=plugins is None or (plugins.is_true("isEnabled") and plugins.is_true("isOauthPluginEnabled")),
    )


def _connected(setup: Setup) -> Iterator[tuple[str, App]]:
    for part in setup.components(CONNECTED_APP.name):
        certificate = part.text("oauthConfig.certificate")
        scopes = part.elements.get("oauthConfig.scopes", ())
        if part.text("oauthConfig.consumerKey") and set(scopes) - {"RefreshToken"}:
            yield (
                part.full_name,
                App(
                    consumer_key=part.text("oauthConfig.consumerKey"),
                    certificate=certificate_pem(certificate) if certificate else None,
                    policy=_policy(approved=part.is_true("oauthConfig.isAdminApproved")),
                    scopes=tuple(SCOPES[scope] for scope in scopes),
                    session_timeout_s=_TIMEOUT_S,
                ),
            )


def _policy(*, approved: bool) -> Policy:
    return "AdminApprovedPreAuthorized" if approved else "AllSelfAuthorized"


def _one(setup: Setup, kind: str, app: str) -> Component | None:
    return next(iter(setup.components(kind, app)), None)
