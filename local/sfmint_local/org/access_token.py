"""The two shapes of Salesforce's access tokens.

Source: Salesforce Help, jwt_access_tokens; forcedotcom/sfdx-core src/util/sfdc.ts (the opaque pattern).
"""

from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from sfmint_local.org.identifiers import ORG_ID, user_id, word
from sfmint_local.org.values import App


def new_token(*, app: App, username: str, origin: str, issued_at: float) -> str:
    """Make an access token of the app's shape."""
    if not app.jwt_based_tokens:
        return f"{ORG_ID[:15]}!{word(72)}"
    claims = {
        "aud": [origin],
        "client_id": app.consumer_key,
        "exp": int(issued_at) + app.jwt_timeout_s,
        "iat": int(issued_at),
        "iss": origin,
        "jti": word(16),
        "scp": " ".join(app.scopes),
        "sub": f"uid:{user_id(username)}",
    }
    return jwt.encode(claims, _signing_key(), algorithm="RS256", headers={"typ": "JWT", "kid": "org", "ver": "1.0"})


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """Return the org's own key, made when the first such token is asked for."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
