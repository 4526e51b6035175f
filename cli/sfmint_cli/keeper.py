"""The stack's keeper, as an operator asks it."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sfmint_cli.aws_account import asking
from sfmint_cli.result import Facts, Failed
from sfmint_client.function_error import FunctionError

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
    _ask(client, keeper, "flush", connection)


def refresh(client: "LambdaClient", keeper: str, connection: str) -> Facts:
    """Log in, if no token is shared, and return what is known of the one that is then.

    Args:
        client: of Lambda.
        keeper: the ARN of the keeper's alias.
        connection: its name.

    Raises:
        Failed: there is no token: what Salesforce said, or what `flush` may raise.
    """
    said = _ask(client, keeper, "refresh", connection)
    return {name: said.get(name) for name in ("fingerprint", "instance_url", "expires_at")}


def taint(client: "LambdaClient", keeper: str, connection: str, key_id: str) -> Facts:
    """Bar a key on a connection's row, and return whether the row had met it, and whether its token was dropped.

    Args:
        client: of Lambda.
        keeper: the ARN of the keeper's alias.
        connection: its name.
        key_id: 16 hex digits.

    Raises:
        Failed: as in `flush`.
    """
    said = _ask(client, keeper, "taint", connection, key_id=key_id)
    return {name: said.get(name) for name in ("known", "token_dropped")}


def _ask(client: "LambdaClient", keeper: str, action: str, connection: str, **more: str) -> dict[str, Any]:
    event = json.dumps({"action": action, "connection": connection, **more})
    with asking(f"invoke {keeper}"):
        answer = client.invoke(FunctionName=keeper, Payload=event.encode())
        payload = answer["Payload"].read()
    said: object = None
    with suppress(ValueError):
        said = json.loads(payload)
    if isinstance(said, dict) and "FunctionError" not in answer:
        return said
    error = FunctionError.read(said if isinstance(said, dict) else {})
    if error.is_lambdas_own:
        raise Failed(
            f"The keeper's function ended without an answer ({error.name or 'no answer'}).",
            remedy="Run this again; its log group tells why.",
            name="KeeperFailed",
        )
    raise Failed.told(error.name, error.message)
