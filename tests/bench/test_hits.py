"""What a hit costs in calls of AWS; and that a login is bounded and sent once."""

from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from botocore_calls import BotocoreCalls
from functions.stack import CONNECTION, Environment, Stack
from sfmint.adapters.http_pool import HttpPool
from sfmint.use_cases.memory import Memory

HOUR_S = 3600.0


@pytest.fixture
def calls() -> Iterator[BotocoreCalls]:
    counter = BotocoreCalls()
    with counter.watching():
        yield counter


def memory(environment: Environment) -> Memory:
    return environment.app.FUNCTION.use_case.memory  # type: ignore[no-any-return]


def test_a_memory_hit_calls_nobody(calls: BotocoreCalls, stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    assert calls.during(lambda: environment.invoke({})) == {}


def test_a_trust_renewal_is_one_read(calls: BotocoreCalls, stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    held = memory(environment).held(CONNECTION)
    assert held is not None
    memory(environment).confirm(held.token, held.confirmed_at - HOUR_S)
    answers: list[dict[str, Any]] = []
    assert calls.during(lambda: answers.append(environment.invoke({}))) == {"GetItem": 1}
    assert answers[0]["source"] == "memory"


def test_a_row_hit_is_a_read_and_a_decryption(calls: BotocoreCalls, stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    memory(environment).forget(CONNECTION)
    answers: list[dict[str, Any]] = []
    assert calls.during(lambda: answers.append(environment.invoke({}))) == {"GetItem": 1, "Decrypt": 1}
    assert answers[0]["source"] == "cache"


def test_a_login_bounds_its_connection_and_its_answer_and_is_sent_once(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[dict[str, float]] = []
    take = HttpPool.take

    def watch(connections: HttpPool, **bounds: Any) -> HTTPConnection:
        taken.append(bounds)
        return take(connections, **bounds)

    monkeypatch.setattr(HttpPool, "take", watch)
    asked = stack.customer.control.counters().token_requests
    assert stack.environment().invoke({})["source"] == "minted"
    assert stack.customer.control.counters().token_requests == asked + 1
    bounds, *others = taken
    assert 0 < bounds["connect_s"] <= 2
    assert 0 < bounds["within_s"] <= 7
    assert others == []
