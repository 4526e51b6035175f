"""The secret of the connection under load."""

from typing import Any

from sfmint_testing.rotation.account import certificate_of

CONSUMER_KEY, OTHER_CONSUMER_KEY = "3MVG9-consumer", "3MVG9-other"
OLD = "the old key"


def fields(**more: object) -> dict[str, Any]:
    """Return the fields of the first version.

    Args:
        more: fields beside those of a login.
    """
    return {
        "consumer_key": CONSUMER_KEY,
        "username": "integration@acme.example",
        "token_host": "https://acme.my.salesforce.com",
        "private_key": OLD,
        "certificate": certificate_of(OLD),
        "token_lifetime": 900,
        **more,
    }
