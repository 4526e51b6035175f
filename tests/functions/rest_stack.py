"""salesforce_request in front of the real broker: Lambda's own wire between them, Parameter Store beside."""

from dataclasses import dataclass
from typing import Any

import pytest

from functions.stack import CONNECTION, Context, Environment, Stack
from lambda_service import LambdaService
from sfmint_local.org.values import Fault

BASE = "/services/data/v67.0"
ALLOW = f"/sfmint/acme/connections/{CONNECTION}/allow"
EVERYTHING = "\n".join(f"{method} /services/" for method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"))


@dataclass
class RestStack:
    """A stack whose callers see no token.

    Attributes:
        stack: the broker's side of it.
        service: Lambda and Parameter Store.
        org_log: what the org logs: a line for each request.
    """

    stack: Stack
    service: LambdaService
    org_log: list[str]

    def __post_init__(self) -> None:
        self._broker = self.stack.environment()
        self._began = len(self.org_log)
        self.service.broker = self._invoke_broker

    def _invoke_broker(self, function: str, event: Any) -> dict[str, Any]:
        return self._broker.invoke_as(event, Context("acme-token-broker", function))

    def environment(self, **variables: str) -> Environment:
        """Start a new execution environment of salesforce_request."""
        return self.stack.environment("salesforce_request", **variables)

    def allow(self, rules: str = EVERYTHING) -> None:
        """Store the connection's allow-list."""
        self.service.parameters[ALLOW] = rules

    def fault(self, kind: str, times: int | None = 1, **params: Any) -> None:
        """Let a fault meet the next requests to the REST API."""
        self.stack.customer.control.add_fault(Fault(where="rest", kind=kind, times=times, params=params))

    @property
    def sent(self) -> list[str]:
        """Every request that reached the REST API, with the status it was answered with."""
        lines = [line for line in self.org_log[self._began :] if not self._anothers(line)]
        return [" ".join(line.split()[:3]) for line in lines if line.partition(" ")[2].startswith("/services/data")]

    def _anothers(self, line: str) -> bool:
        """Return whether the line is another test's, for the log may come late; each test has a user of its own."""
        return "@" in line and self.stack.customer.username not in line

    @property
    def said(self) -> list[dict[str, Any]]:
        """The log lines of requests, without metrics."""
        return [line for line in self.stack.lines if str(line.get("message", "")).startswith("request ")]

    @property
    def counted(self) -> list[dict[str, Any]]:
        """The metrics of requests."""
        return [line for line in self.stack.lines if {"RestRequestAnswered", "RestRequestFailed"} & line.keys()]


@pytest.fixture
def rest_stack(stack: Stack, lambda_service: LambdaService, org_log: list[str]) -> RestStack:
    return RestStack(stack, lambda_service, org_log)
