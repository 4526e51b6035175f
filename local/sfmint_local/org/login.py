"""The JWT bearer login: from an assertion to a session, or to Salesforce's refusal.

Source: RFC 7523 section 3; Salesforce Help, remoteaccess_oauth_jwt_flow.
"""

import json
from typing import Any

import jwt
from jwt.types import SigOptions

from sfmint_local.org.certificate import verification_key
from sfmint_local.org.refusal import OAuthError, invalid_assertion, invalid_grant, unknown_app, wrong_key
from sfmint_local.org.session import Session
from sfmint_local.org.setup.login_apps import LoginApp
from sfmint_local.org.setup.propagation import AppArriving
from sfmint_local.org.store import Store
from sfmint_local.org.values import App, User

_SKEW_S = 180
_NO_CHECK: SigOptions = {"verify_signature": False}


class Login:
    """Logs users in. Every call is a login attempt, granted or refused.

    Args:
        store: what the org knows.
        origin: the org's address, the audience of an app that names no other.
    """

    def __init__(self, store: Store, *, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._jws = jwt.PyJWS(algorithms=["RS256"])

    def log_in(self, assertion: str) -> Session:
        """Exchange an assertion for a session.

        Raises:
            OAuthError: with the row of Salesforce's error table that fits.
        """
        self._store.count("logins_attempted")
        claims = self._claims(assertion)
        username = claims.get("sub")
        allowed = not isinstance(username, str) or self._store.count_attempt(username)
        found = self._app(claims)
        app = found.app
        self._check_signature(app, assertion)
        self._check_audience(app, claims)
        self._check_time(app, claims)
        if not allowed:
            raise invalid_grant("login rate exceeded")
        user = self._user(username)
        self._check_permission(found, user)
        return self._store.open_session(app, user)

    def _claims(self, assertion: str) -> dict[str, Any]:
        try:
            parts = self._jws.decode_complete(assertion, options=_NO_CHECK)
            claims = json.loads(parts["payload"])
        except (jwt.InvalidTokenError, ValueError):
            raise invalid_assertion() from None
        if not isinstance(claims, dict):
            raise invalid_assertion()
        return claims

    def _app(self, claims: dict[str, Any]) -> LoginApp:
        consumer_key = claims.get("iss")
        try:
            found = self._store.find_app(consumer_key) if isinstance(consumer_key, str) else None
        except AppArriving:
            raise unknown_app(self._store.settings.unknown_app) from None
        if found is None:
            raise unknown_app("invalid_client_id")
        if not found.app.installed:
            raise unknown_app("app_not_found")
        if not found.app.enabled:
            raise OAuthError("OAUTH_APP_BLOCKED", "this app is blocked by admin")
        return found

    def _check_signature(self, app: App, assertion: str) -> None:
        # The registered certificate alone decides: no header (kid, x5c, jwk) is looked at.
        if app.certificate is None:
            raise invalid_assertion()
        try:
            self._jws.decode_complete(assertion, verification_key(app.certificate), algorithms=["RS256"])
        except jwt.InvalidSignatureError:
            raise wrong_key(self._store.settings.wrong_key) from None
        except jwt.InvalidTokenError:
            raise invalid_assertion() from None

    def _check_audience(self, app: App, claims: dict[str, Any]) -> None:
        audience = claims.get("aud")
        if not isinstance(audience, str):
            raise invalid_grant("audience validation failed")
        if audience not in (app.audiences or (self._origin,)):
            raise invalid_grant("audience is invalid")

    def _check_time(self, app: App, claims: dict[str, Any]) -> None:
        # No upper bound: Salesforce's own command line sends milliseconds, and they are accepted.
        expiry = claims.get("exp")
        if isinstance(expiry, bool) or not isinstance(expiry, int | float):
            raise invalid_assertion()
        if self._store.now() > expiry + _SKEW_S:
            raise invalid_grant("expired authorization code")
        jti = claims.get("jti")
        if jti is not None and self._store.is_replay(app.consumer_key, str(jti), expiry + _SKEW_S):
            raise invalid_assertion()

    def _user(self, username: object) -> User:
        user = self._store.find_user(username) if isinstance(username, str) else None
        if user is None:
            # Salesforce does not tell an unknown user from one who never approved.
            raise invalid_grant("user hasn't approved this consumer")
        if user.status == "inactive":
            raise invalid_grant("inactive user")
        if user.status == "locked":
            raise invalid_grant("user is locked")
        if user.ip_restricted:
            raise invalid_grant("ip restricted or invalid login hours")
        return user

    def _check_permission(self, found: LoginApp, user: User) -> None:
        app, approved = found.app, self._store.is_approved(found, user.username)
        match app.policy:
            case "AdminApprovedPreAuthorized":
                if not approved:
                    raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
                if "refresh_token" not in app.scopes and "offline_access" not in app.scopes:
                    raise OAuthError(
                        "invalid_request", "refresh_token scope is required and must be assigned to the app"
                    )
            case "AllSelfAuthorized":
                # A user's own approval lives in a refresh token, so it needs that scope.
                if not approved or "refresh_token" not in app.scopes:
                    raise invalid_grant("user hasn't approved this consumer")
