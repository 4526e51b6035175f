"""Connections in Secrets Manager, read anew for every mint."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws import code_of, unavailable
from sfmint.connection import Connection, no_credentials, parse_connection


class SecretsManagerCredentials:
    """The secrets `sfmint/STACK/CONNECTION`.

    Args:
        client: returns a botocore client of Secrets Manager; called at the first mint, not before.
        stack: the stack's name.
        listed: hosts beside Salesforce's own that may be asked for a token.
    """

    def __init__(self, client: Callable[[], Any], stack: str, listed: frozenset[str]) -> None:
        self._client = client
        self._stack = stack
        self._listed = listed

    def load(self, connection: str) -> Connection:
        """Return the connection as its secret says now (AWSCURRENT)."""
        secret_id = f"sfmint/{self._stack}/{connection}"
        try:
            answer = self._client().get_secret_value(SecretId=secret_id)
        except (BotoCoreError, ClientError) as error:
            if code_of(error) == "ResourceNotFoundException":
                raise no_credentials(connection, secret_id) from None
            raise unavailable("Secrets Manager", f"to read {secret_id}", error) from None
        text = answer.get("SecretString", "")
        if text.strip() in {"", "{}"}:
            raise no_credentials(connection, secret_id)
        return parse_connection(connection, text, self._listed)
