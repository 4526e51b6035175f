"""What an assertion claims: the JWT that a signer signs, and that is exchanged for an access token.

Source: RFC 7523 section 3; Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping

from sfmint.salesforce.connection import Connection
from sfmint_values.secret import Secret

ALGORITHM = "RS256"  # the only one that Salesforce takes
SMALLEST_KEY_BITS = 2048  # Salesforce refuses smaller ones
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


def signed(claimed: Mapping[str, str | int], signature: Callable[[bytes], bytes]) -> Secret:
    """Return the compact JWS of the claims (RFC 7515 section 7.1).

    Args:
        claimed: the claims.
        signature: returns the RS256 signature of octets (RFC 7518 section 3.3); the holder of the key gives it.
    """
    content = f"{_json({'alg': ALGORITHM, 'typ': 'JWT'})}.{_json(claimed)}"
    return Secret(f"{content}.{_base64url(signature(content.encode()))}")


def _json(part: Mapping[str, str | int]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _base64url(octets: bytes) -> str:
    """Return octets in the alphabet of URLs and without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
