"""A caller with the client layer: sfmint's own `TokenClient`, whose invocations are answered by whom one likes."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from sfmint_client.token_client import TokenClient
from sfmint_values.system import Chance, Clock

if TYPE_CHECKING:
    from botocore.session import Session

_BROKER = "arn:aws:lambda:us-east-1:000000000000:function:sfmint-token-broker"

type Answer = Callable[[dict[str, Any]], dict[str, Any]]


def layered_caller(connection: str, answer: Answer, clock: Clock, chance: Chance) -> TokenClient:
    """Returns a client of one connection.

    Args:
        connection: its name.
        answer: gives token_broker's answer to an event.
        clock: the caller's.
        chance: likewise.
    """
    session = cast("Session", _LambdaService(answer))
    return TokenClient(connection, alias_arn=f"{_BROKER}:{connection}", session=session, clock=clock, chance=chance)


class _LambdaService:
    """A session of botocore's, and the only client that it makes."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def create_client(self, *_: Any, **__: Any) -> "_LambdaService":
        return self

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as Lambda names them
        del FunctionName
        return {"Payload": BytesIO(json.dumps(self._answer(json.loads(Payload))).encode())}
