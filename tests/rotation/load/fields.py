"""The secret of the connection under load."""

from collections.abc import Mapping

from rotation.load.keys import certificate_of, key_id_of
from sfmint_testing.fakes import a_connection
from sfmint_values.secret import Secret

CONSUMER_KEY, OTHER_CONSUMER_KEY = "3MVG9-consumer", "3MVG9-other"
OLD = "the old key"


def fields(**more: object) -> dict[str, object]:
    """Return the fields of the first version.

    Args:
        more: fields beside those of a login.
    """
    return {
        "consumer_key": CONSUMER_KEY,
        "username": "integration@acme.example",
        "token_host": "https://acme.my.salesforce.com",
        **key_fields(OLD),
        "token_lifetime": 900,
        **more,
    }


def key_fields(key: str) -> Mapping[str, object]:
    """Return the fields of a key."""
    return {"private_key": key, "certificate": certificate_of(id_of(key))}


def id_of(key: str) -> str:
    """Return the id of a key, which is a text here."""
    return key_id_of(a_connection(private_key=Secret(key)))
