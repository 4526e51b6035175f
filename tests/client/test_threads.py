"""Many threads, one fetch."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event, Lock
from time import sleep
from typing import Any

import pytest

from client.answers import FIRST, SECOND, MintingBroker, an_answer, fingerprint_of
from client.conftest import MakeClient
from lambda_service import LambdaService
from sfmint_client import AccessToken, TokenClient
from sfmint_client.errors import AssertionRejected, RefreshInProgress, RejectionLimited, SfmintError
from sfmint_testing.fakes import FakeClock
from sfmint_values.system import SystemClock

THREADS = 16
REFUSED = {"errorType": "AssertionRejected", "errorMessage": "Salesforce says no. Look at the app."}
LIMITED = {"errorType": "RejectionLimited", "errorMessage": "Fresh tokens keep being rejected."}
LATER = "2026-11-23T12:00:09Z"


class CountingClock(SystemClock):
    """Counts how often it was read: a caller reads it when it comes, and again when it begins to wait or to ask."""

    def __init__(self) -> None:
        self._reads = 0
        self._lock = Lock()

    def monotonic(self) -> float:
        with self._lock:
            self._reads += 1
        return super().monotonic()

    def wait_for_callers(self, count: int) -> None:
        while self._reads < 2 * count:
            sleep(0.001)


class Gate:
    """A broker that answers one kind of event only when it is let, and others at once."""

    def __init__(self, answer: Callable[[Any], Any], *, holds: Callable[[Any], bool] = lambda event: True) -> None:
        self.arrived, self.open = Event(), Event()
        self._answer, self._holds = answer, holds

    def __call__(self, function: str, event: Any) -> Any:
        if self._holds(event) and not self.open.is_set():
            self.arrived.set()
            assert self.open.wait(20)
        return self._answer(event)


def ask_at_once(client: TokenClient, **options: Any) -> list[AccessToken]:
    """Ask from many threads that begin together."""
    together = Barrier(THREADS)

    def ask() -> AccessToken:
        together.wait(20)
        return client.get_token(**options)

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer.result() for answer in [pool.submit(ask) for _ in range(THREADS)]]


def error_of(answer: Future[AccessToken]) -> BaseException | None:
    return answer.exception(timeout=20)


def test_many_threads_cost_one_fetch(make_client: MakeClient, lambda_service: LambdaService) -> None:
    lambda_service.broker = lambda function, event: an_answer()

    tokens = ask_at_once(make_client())

    assert {token.access_token for token in tokens} == {FIRST}
    assert len(lambda_service.events) == 1


def test_many_threads_that_report_one_token_cost_one_fetch(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    lambda_service.broker = MintingBroker(clock)
    client = make_client()
    first = client.get_token()

    tokens = set(ask_at_once(client, rejected=first.fingerprint))

    assert len(tokens) == 1
    assert first not in tokens
    assert len(lambda_service.events) == 2


def test_threads_that_wait_share_the_error_of_the_same_question(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    gate = lambda_service.broker = Gate(lambda event: REFUSED)
    clock = CountingClock()
    client = make_client(clock=clock)

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [pool.submit(client.get_token) for _ in range(THREADS)]
        clock.wait_for_callers(THREADS)
        gate.open.set()

    errors = [error_of(answer) for answer in answers]
    assert {(type(error), str(error)) for error in errors} == {(AssertionRejected, REFUSED["errorMessage"])}
    assert len({id(error) for error in errors}) == THREADS  # a traceback for each
    assert len(lambda_service.events) == 1


def test_an_error_is_not_kept(client: TokenClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(REFUSED, an_answer())

    with pytest.raises(AssertionRejected):
        client.get_token()

    assert client.get_token().access_token == FIRST


def test_the_error_of_another_question_is_not_shared(make_client: MakeClient, lambda_service: LambdaService) -> None:
    gate = lambda_service.broker = Gate(lambda event: LIMITED if "rejected" in event else an_answer())
    clock = CountingClock()
    client = make_client(clock=clock)

    with ThreadPoolExecutor(2) as pool:
        reporting = pool.submit(client.get_token, rejected=fingerprint_of(FIRST))
        gate.arrived.wait(20)
        asking = pool.submit(client.get_token)
        clock.wait_for_callers(2)
        gate.open.set()

    assert type(error_of(reporting)) is RejectionLimited
    assert asking.result().access_token == FIRST


def test_a_plain_question_waits_for_a_report_that_is_under_way(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    """Asked apart, another environment of the broker might hand out the rejected token from its memory."""
    gate = lambda_service.broker = Gate(lambda event: an_answer(SECOND))
    clock = CountingClock()
    client = make_client(clock=clock)

    with ThreadPoolExecutor(2) as pool:
        reporting = pool.submit(client.get_token, rejected=fingerprint_of(FIRST))
        gate.arrived.wait(20)
        asking = pool.submit(client.get_token)
        clock.wait_for_callers(2)
        gate.open.set()

    assert reporting.result() is asking.result()
    assert len(lambda_service.events) == 1


def test_a_report_reaches_the_broker_though_a_plain_question_is_under_way(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    gate = lambda_service.broker = Gate(
        lambda event: an_answer(), holds=lambda event: event["min_ttl"] == 400 and "rejected" not in event
    )
    client = make_client()
    client.get_token()
    clock.time += 500

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.get_token, min_ttl=400)
        gate.arrived.wait(20)
        client.get_token(min_ttl=400, rejected=fingerprint_of(SECOND))
        gate.open.set()
        asking.result()

    assert [event.get("rejected") for event in lambda_service.events] == [None, None, fingerprint_of(SECOND)]


def test_a_report_is_never_answered_with_what_another_question_brought_meanwhile(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    gate = lambda_service.broker = Gate(
        lambda event: an_answer(SECOND) if "rejected" in event else an_answer(FIRST, issued_at=LATER),
        holds=lambda event: "rejected" in event,
    )
    client = make_client(clock=SystemClock())

    with ThreadPoolExecutor(1) as pool:
        reporting = pool.submit(client.get_token, rejected=fingerprint_of(FIRST))
        gate.arrived.wait(20)
        assert client.get_token(min_ttl=400).access_token == FIRST
        gate.open.set()

    assert reporting.result().access_token == SECOND
    assert client.get_token().access_token == SECOND


def test_who_waits_for_another_thread_waits_no_longer_than_it_said(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    gate = lambda_service.broker = Gate(lambda event: an_answer())
    client = make_client(clock=SystemClock(), deadline_s=0.05)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.get_token)
        gate.arrived.wait(20)
        with pytest.raises(RefreshInProgress, match="your waiting time"):
            client.get_token()
        gate.open.set()

    assert asking.result().access_token == FIRST


def test_a_rejection_does_not_wait_for_a_call_that_began_before_it(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    gate = lambda_service.broker = Gate(
        lambda event: an_answer(SECOND, issued_at=LATER) if "rejected" in event else an_answer(FIRST),
        holds=lambda event: "rejected" not in event,
    )
    client = make_client(clock=SystemClock())

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.get_token)
        gate.arrived.wait(20)
        assert client.get_token(rejected=fingerprint_of(FIRST)).access_token == SECOND
        gate.open.set()

    assert asking.result().access_token == SECOND  # its own answer was older
    assert client.get_token().access_token == SECOND
    assert len(lambda_service.events) == 2


def test_an_answer_that_a_rejection_has_overtaken_is_not_kept(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    held_back = Event()

    def only_the_first(event: Any) -> bool:
        return "rejected" not in event and not held_back.is_set()

    gate = lambda_service.broker = Gate(
        lambda event: LIMITED if "rejected" in event else an_answer(FIRST), holds=only_the_first
    )
    client = make_client(clock=SystemClock())

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.get_token)
        gate.arrived.wait(20)
        held_back.set()
        with pytest.raises(SfmintError):
            client.get_token(rejected=fingerprint_of(FIRST))
        gate.open.set()
        asking.result()
        asked = len(lambda_service.events)

    client.get_token()
    assert len(lambda_service.events) == asked + 1


class DyingClock(CountingClock):
    """Ends the first thread that is about to ask, when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open = Event()
        self._deaths = 1

    def now(self) -> float:
        if self._deaths:
            self._deaths -= 1
            assert self.open.wait(20)
            raise SystemExit
        return super().now()


def test_a_call_that_nobody_hears_of_stands_in_the_way_once_only(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    calls = iter(range(9))
    gate = lambda_service.broker = Gate(lambda event: an_answer(), holds=lambda event: next(calls) == 0)
    client = make_client(clock=SystemClock(), deadline_s=0.2)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.get_token)
        gate.arrived.wait(20)
        with pytest.raises(RefreshInProgress):
            client.get_token()
        assert client.get_token().access_token
        gate.open.set()
        asking.result()


def test_a_thread_that_dies_leaves_the_others_to_ask(make_client: MakeClient, lambda_service: LambdaService) -> None:
    lambda_service.broker = lambda function, event: an_answer()
    clock = DyingClock()
    client = make_client(clock=clock)

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(client.get_token) for _ in range(2)]
        clock.wait_for_callers(2)
        clock.open.set()

    assert sorted(type(error_of(answer)).__name__ for answer in answers) == ["NoneType", "SystemExit"]
    assert len(lambda_service.events) == 1
