"""The stack `acme` with the connection `orders`: real handlers on moto and the embedded org, behind Lambda on the wire."""

from threading import Lock
from typing import Any

import pytest

from functions.conftest import cloud, stack
from functions.stack import Stack
from lambda_service import LambdaService, alias_arn

__all__ = ["cloud", "orders", "stack"]


@pytest.fixture
def orders(stack: Stack, lambda_service: LambdaService, monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack.store(stack.customer.secret(), "orders")
    broker = stack.environment(SFMINT_CONNECTIONS="orders")
    one_at_a_time = Lock()

    def invoke(function: str, event: Any) -> dict[str, Any]:
        with one_at_a_time:
            return broker.invoke(event, qualifier=function.rpartition(":")[2])

    lambda_service.broker = invoke
    lambda_service.parameters["/sfmint/acme/connections/orders/broker"] = alias_arn("orders")
    monkeypatch.setenv("SFMINT_ALIAS_ARN", alias_arn("orders"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", stack.customer.control.ca)
    return stack
