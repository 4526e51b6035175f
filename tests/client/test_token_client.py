"""What the client keeps, and when it asks."""

from datetime import timedelta
from typing import Any

import pytest

from client.answers import FIRST, NOON, SECOND, an_answer, fingerprint_of
from client.conftest import MakeClient
from lambda_service import LambdaService, alias_arn
from sfmint_client import TokenClient
from sfmint_client.errors import InvalidRequest, RejectionLimited, SfmintError
from sfmint_testing.fakes import FakeClock


def issued(token: str, seconds: int, **changes: Any) -> dict[str, Any]:
    """Return the answer with a token that was issued so many seconds after noon."""
    return an_answer(token, issued_at=(NOON + timedelta(seconds=seconds)).isoformat(), **changes)


def test_the_broker_is_asked_through_the_alias(client: TokenClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(an_answer(FIRST))

    token = client.get_token()

    assert token.access_token == FIRST
    assert lambda_service.invocations[0].function == alias_arn()
    assert lambda_service.events == [
        {"action": "get_token", "connection": "my-org", "min_ttl": 60, "deadline_ms": 10_000}
    ]


def test_a_good_token_is_kept(client: TokenClient, lambda_service: LambdaService, clock: FakeClock) -> None:
    lambda_service.answer_with(an_answer(FIRST))

    first = client.get_token()
    clock.time += 795  # of 855, of which 60 must be left

    assert client.get_token() is first
    assert len(lambda_service.events) == 1


@pytest.mark.parametrize("seconds", [796, 855, 5000])
def test_a_token_without_the_least_life_left_is_asked_for_again(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock, seconds: int
) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, seconds))

    client.get_token()
    clock.time += seconds

    assert client.get_token().access_token == SECOND


def test_at_the_end_of_its_life_a_token_is_good_for_nobody(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 855))
    client = make_client(min_ttl=0)

    client.get_token()
    clock.time += 855

    assert client.get_token().access_token == SECOND


def test_the_life_counts_from_before_the_question(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    def slow(function: str, event: Any) -> dict[str, Any]:
        clock.time += 20  # the broker was logging in
        return an_answer(expires_in=100)

    lambda_service.broker = slow
    client = make_client(min_ttl=10)

    client.get_token()
    clock.time += 71

    client.get_token()
    assert len(lambda_service.events) == 2


class StoppedClock(FakeClock):
    """A machine that was frozen: one of its clocks stood still meanwhile."""

    def __init__(self, *, stands: str) -> None:
        super().__init__()
        self._stands = stands

    def now(self) -> float:
        return super().now() - (self.monotonic() if self._stands == "now" else 0)

    def monotonic(self) -> float:
        return 0.0 if self._stands == "monotonic" else super().monotonic()


@pytest.mark.parametrize("stands", ["now", "monotonic"])
def test_a_token_ages_by_whichever_clock_runs_on(
    make_client: MakeClient, lambda_service: LambdaService, stands: str
) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 1000))
    clock = StoppedClock(stands=stands)
    client = make_client(clock=clock)

    client.get_token()
    clock.time += 1000

    assert client.get_token().access_token == SECOND


class JumpingClock(FakeClock):
    """A machine that was frozen for an hour just when an answer had come: at the third look at the clock."""

    looks = 0

    def now(self) -> float:
        self.looks += 1
        if self.looks == 3:
            self.time += 3600
        return super().now()


def test_a_token_that_dies_on_the_way_to_the_caller_is_asked_for_again(
    make_client: MakeClient, lambda_service: LambdaService
) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 3600))

    assert make_client(clock=JumpingClock()).get_token().access_token == SECOND


def test_a_longer_least_life_is_asked_for(client: TokenClient, lambda_service: LambdaService, clock: FakeClock) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 300, min_ttl_applied=400))

    client.get_token()
    clock.time += 500

    assert client.get_token(min_ttl=355).access_token == FIRST
    assert client.get_token(min_ttl=400).access_token == SECOND
    assert [event["min_ttl"] for event in lambda_service.events] == [60, 400]


def test_a_clamped_wish_does_not_ask_at_every_call(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    lambda_service.answer_with(an_answer(FIRST, min_ttl_applied=427), issued(SECOND, 429))
    client = make_client(min_ttl=3600)

    client.get_token()
    clock.time += 427
    assert client.get_token().access_token == FIRST
    clock.time += 2
    assert client.get_token().access_token == SECOND


def test_a_rejected_token_is_replaced(client: TokenClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 10))

    first = client.get_token()

    assert client.get_token(rejected=first.fingerprint).access_token == SECOND
    assert client.get_token().access_token == SECOND
    assert lambda_service.events[1]["rejected"] == first.fingerprint
    assert len(lambda_service.events) == 2


def test_a_late_rejection_of_an_old_token_does_not_drop_its_successor(
    client: TokenClient, lambda_service: LambdaService
) -> None:
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 10))

    first = client.get_token()
    client.get_token(rejected=first.fingerprint)

    assert client.get_token(rejected=first.fingerprint).access_token == SECOND
    assert client.get_token().access_token == SECOND
    assert len(lambda_service.events) == 2


def test_a_rejection_reaches_the_broker_even_when_nothing_is_held(
    client: TokenClient, lambda_service: LambdaService
) -> None:
    lambda_service.answer_with(an_answer(SECOND))

    client.get_token(rejected=fingerprint_of(FIRST))

    assert lambda_service.events[0]["rejected"] == fingerprint_of(FIRST)


def test_a_rejected_token_is_not_served_from_memory_though_the_broker_fails(
    client: TokenClient, lambda_service: LambdaService
) -> None:
    said = {"errorType": "RejectionLimited", "errorMessage": "Fresh tokens keep being rejected."}
    lambda_service.answer_with(an_answer(FIRST), said, issued(SECOND, 10))

    first = client.get_token()
    with pytest.raises(RejectionLimited):
        client.get_token(rejected=first.fingerprint)

    assert client.get_token().access_token == SECOND


def test_an_older_token_does_not_push_out_a_newer(client: TokenClient, lambda_service: LambdaService) -> None:
    """Another environment of the broker may go on serving the rejected one from its memory for half a minute."""
    lambda_service.answer_with(an_answer(FIRST), issued(SECOND, 10), an_answer(FIRST))

    first = client.get_token()
    client.get_token(rejected=first.fingerprint)

    assert client.get_token(min_ttl=900).access_token == SECOND
    assert client.get_token().access_token == SECOND


def test_a_newer_token_that_has_died_gives_way_to_an_older(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    """The broker's environments do not have quite the same clock."""
    lambda_service.answer_with(issued(FIRST, 10, expires_in=100), an_answer(SECOND))

    client.get_token()
    clock.time += 200

    assert client.get_token().access_token == SECOND
    assert client.get_token().access_token == SECOND


def test_a_failed_call_leaves_a_good_token_in_place(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    lambda_service.answer_with(an_answer(FIRST), {"errorType": "SalesforceUnavailable", "errorMessage": "Down."})

    client.get_token()
    clock.time += 500
    with pytest.raises(SfmintError, match="Down"):
        client.get_token(min_ttl=400)

    assert client.get_token().access_token == FIRST


@pytest.mark.parametrize("name", ["", "Orders", "orders:prod", "9lives", "a" * 33, "orders/../billing", "orders\n"])
def test_a_name_that_no_connection_can_have_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a connection's name"):
        TokenClient(name, alias_arn=alias_arn())
