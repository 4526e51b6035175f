"""Each request for a token says whether its caller was served, once; other calls say nothing of it."""

from typing import Any

import pytest

from functions.stack import CONNECTION, TABLE, Stack
from metric_lines import Pieces
from sfmint.salesforce.access_token import AccessToken
from sfmint_local.cloudwatch.metric_line import series
from sfmint_local.org.values import Fault


def unserved(stack: Stack, function: str = "token_broker") -> list[int]:
    """Return what was said so far, one value for each call."""
    return [line["Unserved"] for line in stack.lines if "Unserved" in line and line["service"].startswith(function)]


def test_a_served_caller_is_counted_once_wherever_the_token_is_from(stack: Stack) -> None:
    environment, other = stack.environment(), stack.environment()
    answers = [each.invoke({}) for each in (environment, environment, other)]
    assert [answer["source"] for answer in answers] == ["minted", "memory", "cache"]
    assert unserved(stack) == [0, 0, 0]


def test_a_caller_who_is_served_in_spite_of_a_failure_is_counted_once(stack: Stack) -> None:
    stack.environment().invoke({})
    stack.cloud.dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": f"t1#{CONNECTION}"}},
        UpdateExpression="SET soft_expiry = issued_at",
    )
    stack.customer.control.add_fault(Fault(where="token", kind="reset", times=None))
    answer = stack.environment().invoke({})
    assert answer["source"] == "cache"
    assert "Degraded" in stack.output.getvalue()
    assert unserved(stack) == [0, 0]


@pytest.mark.parametrize(
    ("event", "alias", "error"),
    [
        ({"mint": True}, CONNECTION, "InvalidRequest"),
        ({"min_ttl": "soon"}, CONNECTION, "InvalidRequest"),
        ([], CONNECTION, "InvalidRequest"),
        ({}, "nowhere", "ConnectionForbidden"),
        ({}, None, "ConnectionForbidden"),
    ],
)
def test_a_caller_s_own_mistake_leaves_nobody_unserved(stack: Stack, event: Any, alias: str | None, error: str) -> None:
    assert stack.environment().invoke(event, alias)["errorType"] == error
    assert unserved(stack) == [0]
    assert [line[f"Failed{error}"] for line in stack.lines if "_aws" in line] == [1]


@pytest.mark.parametrize(
    ("arrange", "error"),
    [
        (Stack.forget_secret, "ConnectionNotFound"),
        (lambda stack: stack.store({"username": "x"}), "InvalidCredentials"),
        (lambda stack: stack.store(stack.customer.secret() | {"username": "nobody@acme.example"}), "AssertionRejected"),
    ],
)
def test_a_caller_without_a_token_is_unserved_where_it_is_not_to_blame(stack: Stack, arrange: Any, error: str) -> None:
    arrange(stack)
    assert stack.environment().invoke({})["errorType"] == error
    assert unserved(stack) == [1]
    kept = [key[1:] for line in stack.lines if "_aws" in line for key, _ in series(line)]
    by_connection = {name for name, dimensions in kept if ("connection", CONNECTION) in dimensions}
    assert "Unserved" in by_connection
    assert f"Failed{error}" not in by_connection
    assert f"Failed{error}" in {name for name, _ in kept}


def test_a_fault_of_our_own_leaves_the_caller_unserved(stack: Stack) -> None:
    environment = stack.environment()
    object.__setattr__(environment.app.FUNCTION.use_case, "memory", None)
    assert environment.invoke({})["errorType"] == "InternalError"
    assert unserved(stack) == [1]


class Panic(BaseException):
    """What an extension raises where it cannot go on."""


@pytest.mark.parametrize("calls_before", [0, 1])
@pytest.mark.parametrize("error", [Panic, RecursionError])
def test_an_answer_that_does_not_come_about_is_not_counted_as_one(
    error: type[BaseException], calls_before: int, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = stack.environment()
    for _ in range(calls_before):
        environment.invoke({})

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(AccessToken, "answer", fail)
    assert environment.invoke({})["errorType"] == "InternalError"
    assert unserved(stack) == [0] * calls_before + [1]


def test_each_line_goes_out_in_one_piece(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    output = Pieces()
    monkeypatch.setattr(stack, "output", output)
    environment = stack.environment()
    events: list[Any] = [{}, {}, [], {"action": "status"}]
    for event in events:
        environment.invoke(event)
    assert len(output.pieces) > len(unserved(stack)) == 3
    assert all(piece.endswith("\n") for piece in output.pieces)


def test_what_asks_for_no_token_says_nothing_of_it(stack: Stack) -> None:
    stack.environment().invoke({"action": "status"})
    stack.environment("token_keeper").invoke({"action": "refresh", "connection": CONNECTION}, None)
    assert [line for line in stack.lines if "Unserved" in line] == []
