"""What a hit costs in calls of AWS; and that no call has an SDK's own time-outs or retries."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from functions.stack import CONNECTION, Environment, Stack
from sfmint_bench.aws_calls import CallCounter, watched

HOUR_S = 3600.0


@pytest.fixture
def calls() -> Iterator[CallCounter]:
    counter = CallCounter()
    with watched(counter.see):
        yield counter


def memory(environment: Environment) -> dict[str, Any]:
    return environment.app.FUNCTION.use_case.memory  # type: ignore[no-any-return]


def test_a_memory_hit_calls_nobody(calls: CallCounter, stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    assert calls.during(lambda: environment.invoke({})) == {}


def test_a_trust_renewal_is_one_read(calls: CallCounter, stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    held = memory(environment)[CONNECTION]
    memory(environment)[CONNECTION] = replace(held, confirmed_at=held.confirmed_at - HOUR_S)
    answers: list[dict[str, Any]] = []
    assert calls.during(lambda: answers.append(environment.invoke({}))) == {"GetItem": 1}
    assert answers[0]["source"] == "memory"


def test_a_row_hit_is_a_read_and_a_decryption(calls: CallCounter, stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    memory(environment).clear()
    answers: list[dict[str, Any]] = []
    assert calls.during(lambda: answers.append(environment.invoke({}))) == {"GetItem": 1, "Decrypt": 1}
    assert answers[0]["source"] == "cache"


def test_no_client_of_aws_has_the_sdks_time_outs_or_retries(stack: Stack) -> None:
    seen: dict[str, tuple[float, float, int]] = {}

    def see(model: Any, settings: Any) -> None:
        attempts = settings.retries["total_max_attempts"]
        seen[model.service_model.service_name] = (settings.connect_timeout, settings.read_timeout, attempts)

    with watched(see):
        broker, keeper = stack.environment(), stack.environment("token_keeper")
        dead = broker.invoke({})
        broker.invoke({"rejected": dead["fingerprint"]})
        broker.invoke({"action": "status"})
        keeper.invoke({"action": "refresh", "connection": CONNECTION}, "live")
        keeper.invoke({"action": "flush", "connection": CONNECTION}, "live")
        stack.environment(SFMINT_CACHE_BACKEND="parameter-store").invoke({})
    assert seen == dict.fromkeys(("dynamodb", "kms", "secretsmanager", "ssm"), (1.0, 1.0, 1))


def test_a_login_bounds_its_connection_and_its_answer_and_is_sent_once(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, object]] = []
    send = HTTPAdapter.send

    def watch(adapter: HTTPAdapter, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        sent.append((options["timeout"], adapter.max_retries.total))
        return send(adapter, request, *arguments, **options)

    monkeypatch.setattr(HTTPAdapter, "send", watch)
    assert stack.environment().invoke({})["source"] == "minted"
    ((connect_s, read_s), retries), *others = sent
    assert 0 < connect_s <= 2
    assert 0 < read_s <= 7
    assert retries == 0
    assert others == []
