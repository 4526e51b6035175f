"""The stack's keeper, as an operator asks it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfmint_cli.aws_account import asking
from sfmint_cli.result import Facts, Failed
from sfmint_client.function_error import FunctionError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """What the keeper does for one connection.

    Each method raises `Failed` if Lambda or the keeper refuses, or does not answer.

    Attributes:
        client: of Lambda.
        arn: of the keeper's alias.
        connection: its name.
    """

    client: "LambdaClient"
    arn: str
    connection: str

    def flush(self) -> None:
        """Drop the connection's token and the failure that is remembered of it, if any."""
        self._ask("flush")

    def refresh(self) -> Facts:
        """Log in, if no token is shared or a refresh is due, and return what is known of the token that is shared then.

        If a refresh was due and failed while the old token is still good, `failure` says so.
        """
        said = self._ask("refresh")
        failure = {"failure": said["failure"]} if isinstance(said.get("failure"), dict) else {}
        return {name: said.get(name) for name in ("fingerprint", "instance_url", "expires_at", "refreshed")} | failure

    def try_login(self) -> str | None:
        """Log in with the version of the secret that is staged to be tried, and return the id of the key that did."""
        try:
            said = self._ask("try")
        except Failed as error:
            if error.name != "InvalidRequest":
                raise
            raise Failed(
                "The stack's keeper cannot try credentials: it is older than this program.",
                remedy="Deploy the stack anew (make deploy), or store them untried with --no-login.",
                name="StackTooOld",
            ) from None
        key_id = said.get("key_id")
        return key_id if isinstance(key_id, str) else None

    def taint(self, key_id: str) -> Facts:
        """Bar a key on the connection's row, and return whether the row had met it, and whether its token was dropped.

        Args:
            key_id: 16 hex digits.
        """
        said = self._ask("taint", key_id=key_id)
        return {name: said.get(name) for name in ("known", "token_dropped")}

    def _ask(self, action: str, **more: str) -> dict[str, Any]:
        return ask(self.client, self.arn, {"action": action, "connection": self.connection, **more})


def ask(client: "LambdaClient", arn: str, event: Facts, *, whose: str = "keeper") -> dict[str, Any]:
    """Return what a function of the stack answers.

    Args:
        client: of Lambda.
        arn: of the function's alias.
        event: what is asked.
        whose: function it is, in a word.

    Raises:
        Failed: Lambda or the function refuses, or does not answer.
    """
    with asking(f"invoke {arn}"):
        answer = client.invoke(FunctionName=arn, Payload=json.dumps(event).encode())
        payload = answer["Payload"].read()
    said: object = None
    with suppress(ValueError, RecursionError):
        said = json.loads(payload)
    if isinstance(said, dict) and "FunctionError" not in answer:
        return said
    raise _failed(FunctionError.read(said if isinstance(said, dict) else {}), whose)


def _failed(error: FunctionError, whose: str) -> Failed:
    if error.is_lambdas_own:
        return Failed(
            f"The {whose}'s function ended without an answer ({error.name or 'no answer'}).",
            remedy="Run this again; its log group tells why. If it tells nothing, a proxy may have answered in AWS's place.",
            name=f"{whose.capitalize()}Failed",
        )
    return Failed.told(error.name, error.message)
