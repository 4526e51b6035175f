"""The stack's keeper, as an operator asks it."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from sfmint_cli.account import asking
from sfmint_cli.outcome import Failed

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def flush(client: "LambdaClient", keeper: str, connection: str) -> None:
    """Drop a connection's token and whatever failure is remembered of it.

    Args:
        client: of Lambda.
        keeper: the ARN of the keeper's alias.
        connection: its name.

    Raises:
        Failed: Lambda or the keeper refuses, or does not answer.
    """
    event = json.dumps({"action": "flush", "connection": connection})
    with asking(f"invoke {keeper}"):
        answer = client.invoke(FunctionName=keeper, Payload=event.encode())
        payload = answer["Payload"].read()
    said: object = None
    with suppress(ValueError):
        said = json.loads(payload)
    if not isinstance(said, dict) or "FunctionError" in answer:
        error = said if isinstance(said, dict) else {}
        raise Failed(
            f"The keeper did not flush {connection!r}: {error.get('errorType', 'no answer')}.",
            remedy=str(error.get("errorMessage", "Look into its log group.")),
            name="KeeperFailed",
        )
