"""Names that Salesforce gives to things: record ids, consumer keys; and how logs speak of a token."""

import hashlib
import secrets
import string

_CHECK_CHARACTERS = string.ascii_uppercase + "012345"


def salesforce_id(prefix: str, number: int) -> str:
    """Make an 18-character id whose last three characters are Salesforce's checksum of the upper-case letters.

    Args:
        prefix: three characters that name the kind: ``00D`` org, ``005`` user, ``001`` account.
        number: below 10**10.
    """
    short = f"{prefix}gK{number:010d}"
    blocks = (short[:5], short[5:10], short[10:])
    return short + "".join(
        _CHECK_CHARACTERS[sum(1 << place for place, character in enumerate(block) if character.isupper())]
        for block in blocks
    )


def user_id(username: str) -> str:
    """Derive a user's id from the name alone, so that it survives a restart."""
    return salesforce_id("005", int(hashlib.sha256(username.encode()).hexdigest()[:8], 16))


def new_consumer_key() -> str:
    """Make a consumer key of Salesforce's shape."""
    return "3MVG9" + word(60)


def word(octets: int) -> str:
    """Draw a random word of letters, digits, ``_`` and ``.``: the alphabet of opaque access tokens."""
    return secrets.token_urlsafe(octets).replace("-", ".")


def fingerprint(token: str) -> str:
    """Return the first 16 hex digits of SHA-256: how logs, metrics and callers speak of a token."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


ORG_ID = salesforce_id("00D", 1)
