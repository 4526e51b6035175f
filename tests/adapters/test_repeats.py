"""AWS is asked again where that is safe, and only as long as there is time."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.retries import standard
from hypothesis import given
from hypothesis import strategies as st

from sfmint.adapters.aws.errors import DENIALS, AwsError
from sfmint.adapters.aws.repeats import REPEAT_S, Repeats
from sfmint.aws_access.budget import CALL_S, Budget
from sfmint_testing.fakes import FakeChance, FakeClock
from sfmint_values.aws_codes import PASSING, THROTTLED

URL = "https://aws.example"


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")  # type: ignore[typeddict-item]


LOST: dict[str, AwsError] = {
    "hung up": ConnectionClosedError(endpoint_url=URL),
    "silent": ReadTimeoutError(endpoint_url=URL),
    "500": refusal("InternalServerError", 500),
    "503 without a word": refusal("503", 503),
    "time-out": refusal("RequestTimeout"),
}
UNSENT: dict[str, AwsError] = {
    "no connection in time": ConnectTimeoutError(endpoint_url=URL),
    "nobody listens": EndpointConnectionError(endpoint_url=URL),
    "no TLS": SSLError(endpoint_url=URL, error=OSError()),
    **{code: refusal(code) for code in sorted(THROTTLED)},
    "429": refusal("429", 429),
}
FINAL: dict[str, AwsError] = {
    **{code: refusal(code) for code in sorted(DENIALS)},
    "a condition": refusal("ConditionalCheckFailedException"),
    "a mistake": refusal("ValidationException"),
    "a denial with 500": refusal("AccessDeniedException", 500),
}


class Peer:
    """AWS that fails so often, each time after so long, and then answers."""

    def __init__(self, *failures: AwsError, takes_s: float = 0.0) -> None:
        self.clock = FakeClock()
        self.budget = Budget(self.clock)
        self.left_s: list[float] = []
        self._failures = list(failures)
        self._takes_s = takes_s

    def repeats(self, share: float = 0.5) -> Repeats:
        return Repeats(self.budget, self.clock, FakeChance(share))

    def __call__(self) -> str:
        left_s = self.budget.left_s()
        self.left_s.append(left_s)
        self.clock.time += min(self._takes_s, left_s)
        if self._takes_s > left_s:
            raise ReadTimeoutError(endpoint_url=URL)
        if self._failures:
            raise self._failures.pop(0)
        return "answer"


@pytest.mark.parametrize("fault", [*LOST.values(), *UNSENT.values()], ids=[*LOST, *UNSENT])
def test_what_passes_is_asked_again_where_that_is_safe(fault: AwsError) -> None:
    peer = Peer(fault, fault, fault)
    assert peer.repeats().ask(peer) == "answer"
    assert len(peer.left_s) == 4


@pytest.mark.parametrize("fault", UNSENT.values(), ids=UNSENT)
def test_what_was_not_carried_out_is_asked_again_in_any_case(fault: AwsError) -> None:
    peer = Peer(fault, fault)
    assert peer.repeats().ask(peer, repeatable=False) == "answer"


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_what_may_have_been_carried_out_is_asked_again_only_where_that_is_safe(fault: AwsError) -> None:
    peer = Peer(refusal("ThrottlingException"), fault)
    with pytest.raises((BotoCoreError, ClientError)) as raised:
        peer.repeats().ask(peer, repeatable=False)
    assert raised.value is fault
    assert len(peer.left_s) == 2


@pytest.mark.parametrize("fault", FINAL.values(), ids=FINAL)
def test_a_refusal_is_final(fault: AwsError) -> None:
    peer = Peer(fault)
    with pytest.raises(ClientError):
        peer.repeats().ask(peer)
    assert len(peer.left_s) == 1


def test_a_pause_that_is_asked_for_at_last_does_not_undo_what_an_earlier_try_may_have_done() -> None:
    lost = LOST["silent"]
    peer = Peer(lost, *[refusal("ThrottlingException")] * 99)
    with pytest.raises(ReadTimeoutError):
        peer.repeats().ask(peer)


@given(
    budget_s=st.floats(0.0, 20.0),
    takes_s=st.floats(0.0, 4.0),
    share=st.floats(0.0, 1.0),
    repeatable=st.booleans(),
    fault=st.sampled_from([*LOST.values(), *UNSENT.values()]),
)
def test_however_slow_and_however_often_it_fails_a_call_ends_in_its_time(
    budget_s: float, takes_s: float, share: float, *, repeatable: bool, fault: AwsError
) -> None:
    peer = Peer(*[fault] * 999, takes_s=takes_s)
    began = peer.clock.time
    with peer.budget.share(budget_s), pytest.raises((BotoCoreError, ClientError)):
        peer.repeats(share).ask(peer, repeatable=repeatable)
    assert peer.clock.time - began <= min(budget_s, CALL_S) + 1e-6
    assert all(left_s >= REPEAT_S - 1e-6 for left_s in peer.left_s[1:])


@pytest.mark.parametrize("takes_s", [0.9, 1.2, 2.0])
def test_a_slow_answer_is_waited_for(takes_s: float) -> None:
    peer = Peer(takes_s=takes_s)
    assert peer.repeats().ask(peer) == "answer"
    assert len(peer.left_s) == 1


def test_a_try_leaves_time_for_one_more_over_a_connection_that_is_not_dead() -> None:
    peer = Peer()
    peer.repeats().ask(peer)
    peer.repeats().ask(peer, repeatable=False)
    assert peer.left_s == [pytest.approx(CALL_S - 0.0375 - REPEAT_S), pytest.approx(CALL_S)]


def test_the_pauses_grow_and_differ_by_chance() -> None:
    took = []
    for share in (0.0, 1.0):
        peer = Peer(*[LOST["500"]] * 4)
        began = peer.clock.time
        peer.repeats(share).ask(peer)
        took.append(peer.clock.time - began)
    assert took == [pytest.approx(0.375), pytest.approx(0.75)]


def test_a_pause_that_aws_asks_for_is_longer() -> None:
    took = []
    for fault in (LOST["500"], UNSENT["ThrottlingException"]):
        peer = Peer(*[fault] * 2)
        began = peer.clock.time
        peer.repeats().ask(peer)
        took.append(peer.clock.time - began)
    assert took == [pytest.approx(0.1125), pytest.approx(0.45)]


def test_whoever_has_something_to_serve_asks_few_times() -> None:
    peer = Peer(*[LOST["500"]] * 9)
    with peer.budget.share(2.0, tries=2), pytest.raises(ClientError):
        peer.repeats().ask(peer)
    assert len(peer.left_s) == 2


def test_all_that_botocore_repeats_is_repeated() -> None:
    throttled: Any = standard.ThrottledRetryableChecker
    transient: Any = standard.TransientRetryableChecker
    assert set(throttled._THROTTLED_ERROR_CODES) <= THROTTLED
    assert set(transient._TRANSIENT_ERROR_CODES) <= THROTTLED | PASSING
    for status in transient._TRANSIENT_STATUS_CODES:
        peer = Peer(refusal("Unheard", status))
        assert peer.repeats().ask(peer) == "answer"


def test_another_error_is_none_of_ours() -> None:
    def fail() -> str:
        raise TypeError

    with pytest.raises(TypeError):
        Peer().repeats().ask(fail)
