"""What a login sees of the components: apps by their consumer key.

Source: Metadata API Developer Guide, External Client Apps and ConnectedApp.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
_NOTHING = Component(type="", full_name="", elements={})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginApp:
    """An app as a login meets it.

    Attributes:
        app: what it demands and grants.
        permission_sets: those that are tied to it; who has one is approved.
        profiles: those that its policies name; who has one is approved too.
    """

    app: App
    permission_sets: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()


def login_apps(setup: Setup) -> dict[str, LoginApp]:
    """Return all apps by consumer key."""
    parts = list(setup.everything().values())
    tied: defaultdict[str, set[str]] = defaultdict(set)
    for permission_set, name in setup.ties():
        tied[name].add(permission_set)
    profiles: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for part in parts:
        if part.type == OAUTH_POLICIES.name:
            profiles[part.app] = frozenset(listed(part.text("commaSeparatedProfile")))
    return {
        app.consumer_key: LoginApp(app=app, permission_sets=frozenset(tied[name]), profiles=profiles[name])
        for name, app in (*_external(parts), *_connected(parts))
    }


def _external(parts: Sequence[Component]) -> Iterator[tuple[str, App]]:
    by_app = {(part.type, part.app): part for part in parts}
    for part in parts:
        name = part.full_name
        settings, oauth = by_app.get((GLOBAL_OAUTH.name, name)), by_app.get((OAUTH.name, name))
        if part.type == APP.name and settings and oauth:
            policies = by_app.get((OAUTH_POLICIES.name, name), _NOTHING)
            yield name, _app(settings, oauth, policies, by_app.get((APP_POLICIES.name, name)))


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


def _connected(parts: Sequence[Component]) -> Iterator[tuple[str, App]]:
    for part in (part for part in parts if part.type == CONNECTED_APP.name):
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
