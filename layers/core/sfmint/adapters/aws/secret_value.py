"""What an answer of GetSecretValue holds.

Source: AWS Secrets Manager API Reference, GetSecretValue: SecretString or SecretBinary, never both.
"""

from collections.abc import Mapping
from typing import Any

from sfmint.adapters.aws.errors import unreadable


def secret_text(answer: Mapping[str, Any]) -> str:
    """Return a secret's text, which is stored as a text or as octets; without a byte order mark.

    Raises:
        ValueError: the octets are no text; it says what they are.
        CacheUnavailable: the answer is none of Secrets Manager's.
    """
    match answer.get("SecretString", answer.get("SecretBinary", "")):
        case str(text):
            return text.removeprefix("\ufeff")
        case bytes(octets):
            from sfmint_values.text_bytes import text_of

            return text_of(octets)
        case _:
            raise unreadable("Secrets Manager")
