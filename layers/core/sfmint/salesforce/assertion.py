"""The assertion: the signed JWT that is exchanged for an access token.

Source: RFC 7523 section 3; Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
"""

from typing import TYPE_CHECKING

from sfmint.salesforce.connection import Connection
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint.adapters.signers.signing_key import SigningKey

ALGORITHM = "RS256"  # the only one that Salesforce takes
LIFETIME_S = 120  # under Salesforce's three minutes, long enough for a clock that is somewhat slow


def claims(connection: Connection, *, now: float, jti: str) -> dict[str, str | int]:
    """Return the claims of one assertion.

    Args:
        connection: whose identity is asserted.
        now: epoch seconds.
        jti: unique to this assertion; a repeated one is an error at Salesforce.
    """
    return {
        "iss": connection.consumer_key,
        "sub": connection.username,
        "aud": connection.audience,
        "exp": int(now) + LIFETIME_S,
        "jti": jti,
    }


def sign(claimed: dict[str, str | int], key: "SigningKey") -> Secret:
    """Return the compact JWS of the claims (RFC 7515 section 7.1)."""
    import jwt

    return Secret(jwt.encode(claimed, key.private, algorithm=ALGORITHM))
