"""The deployed functions, as a caller invokes them."""

import json
from dataclasses import dataclass, field
from typing import Any

from sfmint_local.embedded_aws import EmbeddedAws

type Answer = dict[str, Any]


class FunctionError(Exception):
    """A function raised.

    Args:
        name: the error's class name, which is API.
        message: its sentence of cause and its sentence of remedy.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of one deployed stack.

    Attributes:
        aws: where they are deployed.
        stack: the stack's name.
        tokens: every access token that was handed out: what a search for leaks must look for,
        said: everything else that was answered: where it must look.
    """

    aws: EmbeddedAws
    stack: str
    tokens: set[str] = field(default_factory=set, repr=False)
    said: list[str] = field(default_factory=list, repr=False)

    def broker_arn(self, connection: str) -> str:
        """Return the alias of a connection, where every caller finds it: in the stack's parameter."""
        return self._alias(connection, "broker")

    def request_arn(self, connection: str) -> str:
        """Return the alias through which a connection's REST requests are sent, from the stack's parameter likewise."""
        return self._alias(connection, "request")

    def broker(self, connection: str, **request: object) -> Answer:
        """Invoke the broker through a connection's alias.

        Raises:
            FunctionError: the broker raised.
        """
        return self.invoke(self.broker_arn(connection), request)

    def request(self, connection: str, **request: object) -> Answer:
        """Send a REST request through a connection's alias of salesforce_request.

        Raises:
            FunctionError: it raised.
        """
        return self.invoke(self.request_arn(connection), request)

    def keeper(self, **request: object) -> Answer:
        """Invoke the keeper.

        Raises:
            FunctionError: the keeper raised.
        """
        return self.invoke(f"{self.stack}-token-keeper:live", request)

    def rotation(self, **request: object) -> Answer:
        """Invoke the function that rotates keys.

        Raises:
            FunctionError: it raised.
        """
        return self.invoke(f"{self.stack}-key-rotation:live", request)

    def invoke(self, function: str, event: object) -> Answer:
        """Invoke a function by name or ARN.

        Raises:
            FunctionError: it raised.
        """
        invoked = self.aws.functions.invoke(FunctionName=function, Payload=json.dumps(event))
        answer: Answer = json.loads(invoked["Payload"].read())
        self.said.append(json.dumps({name: value for name, value in answer.items() if name != "access_token"}))
        if token := answer.get("access_token"):
            self.tokens.add(token)
        if "FunctionError" in invoked:
            raise FunctionError(answer["errorType"], answer["errorMessage"])
        return answer

    def _alias(self, connection: str, of: str) -> str:
        name = f"/sfmint/{self.stack}/connections/{connection}/{of}"
        return self.aws.parameters.get_parameter(Name=name)["Parameter"]["Value"]
