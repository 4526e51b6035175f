"""Callers that never rest: they call at a constant rate, whatever becomes of a call."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise, repeat
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from sfmint_local.callers import EVERY_S, Callers

if TYPE_CHECKING:
    from sfmint_local.functions import Functions

SERVED = {"access_token": "made-up-token"}
REFUSED = {"errorType": "LoginFailed", "errorMessage": "It is closed. Come back."}


@dataclass
class Lambda:
    """One that answers with what it is given, and with a token after that; a call waits while it is not let go."""

    answers: dict[str, Iterator[dict[str, str]]]
    let_go: Event = field(default_factory=Event)
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.aws = self.functions = self

    def broker_arn(self, connection: str) -> str:
        return f"{connection}:token"

    def request_arn(self, connection: str) -> str:
        return f"{connection}:request"

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self.let_go.wait()
        answer = next(self.answers[FunctionName])
        failed = {"FunctionError": "Unhandled"} if "errorType" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}


def calling(*refused_after: int) -> tuple[Callers, Lambda]:
    """Return callers of a Lambda whose token calls are refused once, after so many."""
    tokens = chain(*(chain(repeat(SERVED, number), [REFUSED]) for number in refused_after), repeat(SERVED))
    service = Lambda({"orders:token": iter(tokens), "orders:request": repeat({"status": "200"})})
    return Callers(cast("Functions", service)), service


def test_a_slow_answer_neither_lowers_the_rate_nor_hides_who_had_to_wait() -> None:
    callers, service = calling()
    service.let_go.set()
    with callers.calling("orders"):
        service.let_go.clear()
        Event().wait(3 * EVERY_S)
        service.let_go.set()
        callers.go_on()
    for alias in callers.calls:
        served = [each for each in callers.served if each.alias == alias]
        assert len(served) == callers.calls[alias] > 3
        for one, following in pairwise(served):
            assert following.due_at - one.due_at == pytest.approx(EVERY_S)
            assert following.due_at + following.took_s >= one.due_at + one.took_s
    assert service.tokens == {"made-up-token"}


def test_what_is_refused_is_told_and_no_call_of_the_rate_is_left_out() -> None:
    callers, service = calling(2)
    service.let_go.set()
    with callers.calling("orders"):
        callers.await_failure()
        assert [failure.error for failure in callers.forget()] == ["LoginFailed: It is closed. Come back."]
        callers.go_on()
    assert callers.failures == []
