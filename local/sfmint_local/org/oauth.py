"""``/services/oauth2``: token, revoke, userinfo.

Source: Salesforce Help, remoteaccess_oauth_jwt_flow and remoteaccess_revoke_token.
"""

import base64
import secrets
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.identifiers import ORG_ID, user_id
from sfmint_local.org.login import Login
from sfmint_local.org.refusal import OAuthError, invalid_grant
from sfmint_local.org.session import Session
from sfmint_local.org.store import Store
from sfmint_local.org.wire import OrgRequest, json_answer

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NO_STORE = {"Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private"}


class OAuth:
    """The OAuth endpoints.

    Args:
        store: what the org knows.
        origin: the only address for which tokens are good.
    """

    def __init__(self, store: Store, *, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._login = Login(store, origin=origin)

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        return [
            Rule(TOKEN_PATH, endpoint=self.token),
            Rule("/services/oauth2/revoke", endpoint=self.revoke, methods=["POST"]),
            Rule("/services/oauth2/userinfo", endpoint=self.userinfo, methods=["GET", "POST"]),
        ]

    def token(self, request: OrgRequest) -> Response:
        """Exchange an assertion for an access token.

        Raises:
            OAuthError: as Salesforce refuses.
        """
        session = self._login.log_in(self._assertion(request))
        request.note = f"granted {session.username} {session.fingerprint}"
        return json_answer(self._grant(session), headers=_NO_STORE)

    def revoke(self, request: OrgRequest) -> Response:
        """End a token, for every holder.

        Raises:
            OAuthError: the token is not alive.
        """
        token = request.form.get("token")
        if self._store.end_sessions(lambda session: session.token == token) == 0:
            raise OAuthError("invalid_token", "invalid token")
        return Response(content_type="text/plain")

    def userinfo(self, request: OrgRequest) -> Response:
        """Tell whose token it is. A dead token gets a text, not JSON."""
        session = self._store.live_session(request.bearer) if request.is_for(self._origin) else None
        if session is None:
            reason = "Bad_OAuth_Token" if request.bearer else "Missing_OAuth_Token"
            return Response(reason, status=403, content_type="text/html;charset=UTF-8")
        user = user_id(session.username)
        return json_answer(
            {
                "sub": f"{self._origin}/id/{ORG_ID}/{user}",
                "user_id": user,
                "organization_id": ORG_ID,
                "preferred_username": session.username,
                "active": True,
            }
        )

    def _assertion(self, request: OrgRequest) -> str:
        if not request.is_for(self._origin):
            raise invalid_grant("request not supported on this domain")
        if request.method != "POST":
            raise OAuthError("invalid_request", "must use HTTP POST")
        if request.mimetype != "application/x-www-form-urlencoded":
            raise OAuthError("invalid_request", "must use application/x-www-form-urlencoded")
        if request.form.get("grant_type") != _JWT_BEARER:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        assertion = request.form.get("assertion")
        if not assertion:
            raise OAuthError("invalid_request", "missing required parameter: assertion")
        return assertion

    def _grant(self, session: Session) -> dict[str, Any]:
        answer = {
            "access_token": session.token,
            "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
            "scope": " ".join(session.scopes),
            "instance_url": self._origin,
            "id": f"{self._origin}/id/{ORG_ID}/{user_id(session.username)}",
            "token_type": "Bearer",
            "issued_at": str(int(session.issued_at * 1000)),
        }
        if not session.slides:
            answer |= {"api_instance_url": self._origin, "token_format": "jwt"}
        return answer
