"""prober in front of the real broker and the org: Lambda's own wire between them, and an IAM that refuses but what it is told to allow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Never

from botocore.exceptions import ClientError

from functions.rest_stack import RestStack
from functions.stack import CONNECTION, Environment, arn_of
from lambda_service import DENIED

PARAMETER = f"/sfmint/acme/connections/{CONNECTION}/broker"
BROKER = arn_of("acme-token-broker", CONNECTION)


class Refusing:
    """A client of AWS whose every operation is answered with a code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __getattr__(self, operation: str) -> Callable[..., Never]:
        def refuse(**_: object) -> Never:
            raise ClientError({"Error": {"Code": self._code}}, operation)

        return refuse


@dataclass
class ProberStack:
    """A stack with a prober.

    Attributes:
        rest: the broker's side of it, and the org.
        codes: what each service answers to questions, where it is not a refusal.
    """

    rest: RestStack
    codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rest.service.parameters[PARAMETER] = BROKER

    def environment(self, **variables: str) -> Environment:
        """Start a new execution environment of prober."""
        environment = self.rest.stack.environment("prober", **variables)
        environment.app.FUNCTION._client = lambda service: Refusing(self.codes.get(service, DENIED.code))
        return environment

    def probe(self) -> dict[str, Any]:
        """Return what a probe in a new environment finds."""
        return self.environment().invoke({"action": "probe"}, "live")

    @property
    def counted(self) -> list[dict[str, Any]]:
        """The lines of metrics of probes."""
        return [line for line in self.rest.stack.lines if "ProbeFailed" in line]

    def said(self, message: str) -> list[dict[str, Any]]:
        """Return the log lines of a kind."""
        return [line for line in self.rest.stack.lines if line.get("message") == message and "_aws" not in line]
