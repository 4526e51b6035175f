import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import AssertionRejected, CacheUnavailable
from sfmint.salesforce.login_failures.reason import Backoff, Reason, remembered_until
from sfmint.salesforce.login_failures.table import REASONS
from sfmint.salesforce.vocabulary import OF_THE_STACK, Vocabulary
from sfmint_cli.vocabulary import OF_OPTIONS


def a_reason(backoff: Backoff = Backoff.PERMANENT, *steps: str) -> Reason:
    return Reason(code="c", error=AssertionRejected, backoff=backoff, cause="It broke.", steps=steps or ("mend it",))


def test_the_steps_become_one_sentence_in_their_order() -> None:
    assert a_reason().told().remedy == "Mend it."
    assert a_reason(Backoff.RATE, "look at A first", "look at B", "wait").told().remedy == (
        "Look at A first; then look at B; then wait."
    )


def test_what_is_known_of_the_case_joins_the_cause() -> None:
    plain, detailed = a_reason().to_error(), a_reason().to_error("the wheel is off")
    assert (plain.cause, plain.remedy) == ("It broke.", "Mend it.")
    assert (detailed.cause, detailed.remedy) == ("It broke: the wheel is off.", "Mend it.")
    assert type(detailed) is AssertionRejected


@pytest.mark.parametrize(("code", "denied"), [("seal_denied", True), ("not_sealed", False)])
def test_a_denial_by_aws_is_a_decision(code: str, *, denied: bool) -> None:
    error = REASONS[code].to_error()
    assert isinstance(error, CacheUnavailable)
    assert error.denied is denied


def test_a_place_is_filled_with_the_words_of_who_reads_it() -> None:
    reason = a_reason(Backoff.RATE, "look at {username}{where}", "{store} another {audience}")
    assert reason.told().steps == ("look at username in the secret", "store another audience")
    assert reason.told(OF_OPTIONS).steps == ("look at --username", "give another --audience")
    assert reason.to_error("so it is", OF_OPTIONS).remedy == "Look at --username; then give another --audience."


@pytest.mark.parametrize("vocabulary", [OF_THE_STACK, OF_OPTIONS], ids=["stack", "options"])
@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_every_reason_says_cause_and_remedy_in_sentences(reason: Reason, vocabulary: Vocabulary) -> None:
    told = reason.told(vocabulary)
    for text in (told.cause, told.remedy, reason.to_error("so it is", vocabulary).cause):
        assert re.fullmatch(r"[A-Zs]\S*.*\S\.", text)
        assert "  " not in text
        assert ".." not in text
        assert not set("{}") & set(text)
    for step in told.steps:
        assert re.fullmatch(r"[a-z].*[^.\s]", step)
    error = reason.to_error(vocabulary=vocabulary)
    assert type(error) is reason.error
    assert (error.cause, error.remedy) == (told.cause, told.remedy)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_only_refusals_are_left_alone_like_refusals(reason: Reason) -> None:
    # A denial by AWS is a decision too, though its class is also that of outages.
    lasting = getattr(reason.to_error(), "denied", False) or not reason.error.retryable
    assert lasting is not (reason.backoff in {Backoff.RATE, Backoff.TRANSIENT, Backoff.HOUR})


def waits(backoff: Backoff, count: int, jitter: float = 1.0) -> list[float]:
    reason = a_reason(backoff)
    return [remembered_until(reason, n, 0.0, jitter) for n in range(1, count + 1)]


def test_a_permanent_refusal_is_left_alone_for_a_minute_doubling_to_a_quarter_of_an_hour() -> None:
    assert waits(Backoff.PERMANENT, 6) == [60, 120, 240, 480, 900, 900]


def test_a_change_under_way_is_asked_for_each_minute_and_then_like_a_refusal() -> None:
    assert waits(Backoff.PROPAGATING, 17) == [60] * 11 + [120, 240, 480, 900, 900, 900]


def test_a_rate_limit_is_left_alone_for_ten_minutes_to_an_hour() -> None:
    assert waits(Backoff.RATE, 5) == [600, 1200, 2400, 3600, 3600]


def test_a_transient_fault_is_left_alone_for_seconds_spread_by_chance() -> None:
    assert waits(Backoff.TRANSIENT, 7) == [2, 4, 8, 16, 32, 60, 60]
    assert waits(Backoff.TRANSIENT, 2, jitter=0.5) == [1, 2]
    assert waits(Backoff.TRANSIENT, 7, jitter=1.5) == [3, 6, 12, 24, 48, 60, 60]


@pytest.mark.parametrize("backoff", [Backoff.PERMANENT, Backoff.PROPAGATING, Backoff.RATE, Backoff.HOUR])
def test_chance_spreads_transient_faults_only(backoff: Backoff) -> None:
    assert waits(backoff, 3, jitter=0.5) == waits(backoff, 3)


@pytest.mark.parametrize(("now", "until"), [(0.0, 3600), (3599.9, 3600), (3600.0, 7200), (7300.5, 10_800)])
def test_a_spent_budget_is_remembered_to_the_end_of_the_hour(now: float, until: float) -> None:
    assert remembered_until(REASONS["login_budget"], 5, now, 0.5) == until


@given(
    reason=st.sampled_from(list(REASONS.values())),
    count=st.integers(-5, 10**9),
    now=st.floats(0, 1e10),
    jitter=st.floats(0.5, 1.5),
)
def test_nothing_is_remembered_for_longer_than_an_hour(reason: Reason, count: int, now: float, jitter: float) -> None:
    assert now < remembered_until(reason, count, now, jitter) <= now + 3600.01
