import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import AssertionRejected, LoginRateExceeded, SalesforceUnavailable, SfmintError
from sfmint.failure import REASONS, Backoff, MintFailed, Reason, classify, remembered_until

PERMANENT, PROPAGATING, RATE, TRANSIENT = Backoff.PERMANENT, Backoff.PROPAGATING, Backoff.RATE, Backoff.TRANSIENT
REFUSED, LIMITED, DOWN = AssertionRejected, LoginRateExceeded, SalesforceUnavailable

# Salesforce's answers as they are seen: error, description, our class, how it is left alone, a word of the remedy.
ANSWERS: list[tuple[str, str, type[SfmintError], Backoff, str]] = [
    ("invalid_grant", "user hasn't approved this consumer", REFUSED, PROPAGATING, "Pre-authorise"),
    ("invalid_app_access", "user is not admin approved to access this app", REFUSED, PROPAGATING, "permission set"),
    ("invalid_grant", "audience is invalid", REFUSED, PERMANENT, "audience"),
    ("invalid_grant", "audience validation failed", REFUSED, PERMANENT, "audience"),
    ("invalid_grant", "invalid assertion", REFUSED, PERMANENT, "certificate"),
    ("invalid_grant", "expired authorization code", REFUSED, PERMANENT, "clock"),
    ("invalid_grant", "ip restricted", REFUSED, PERMANENT, "IP ranges"),
    ("invalid_grant", "ip restricted or invalid login hours", REFUSED, PERMANENT, "login hours"),
    ("invalid_grant", "invalid login hours", REFUSED, PERMANENT, "login hours"),
    ("invalid_grant", "inactive user", REFUSED, PERMANENT, "Activate"),
    ("invalid_grant", "user is locked", REFUSED, PERMANENT, "unlock"),
    ("inactive_user", "", REFUSED, PERMANENT, "Activate"),
    ("inactive_org", "", REFUSED, PERMANENT, "Activate"),
    ("invalid_grant", "login rate exceeded", LIMITED, RATE, "hour"),
    ("rate_limit_exceeded", "", LIMITED, RATE, "hour"),
    ("invalid_grant", "request not supported on this domain", REFUSED, PERMANENT, "My Domain"),
    ("invalid_client_id", "client identifier invalid", REFUSED, PROPAGATING, "consumer_key"),
    ("invalid_client", "client identifier invalid", REFUSED, PROPAGATING, "consumer_key"),
    ("app_not_found", "external client app is not installed in this org", REFUSED, PROPAGATING, "My Domain"),
    ("OAUTH_EC_APP_NOT_FOUND", "", REFUSED, PROPAGATING, "My Domain"),
    ("OAUTH_APP_BLOCKED", "", REFUSED, PROPAGATING, "My Domain"),
    ("OAUTH_APP_ACCESS_DENIED", "", REFUSED, PROPAGATING, "permission set"),
    ("unsupported_grant_type", "grant type not supported", REFUSED, PERMANENT, "My Domain"),
    ("invalid_request", "", REFUSED, PERMANENT, "My Domain"),
    ("unknown_error", "retry your request", DOWN, TRANSIENT, "later"),
    ("server_error", "", DOWN, TRANSIENT, "later"),
    ("temporarily_unavailable", "", DOWN, TRANSIENT, "later"),
    ("invalid_grant", "something new", REFUSED, PERMANENT, "Login History"),
    ("something_new", "", REFUSED, PERMANENT, "Login History"),
]


@pytest.mark.parametrize("case", [str, str.upper, str.title])
@pytest.mark.parametrize(("error", "description", "kind", "backoff", "word"), ANSWERS)
def test_each_answer_of_salesforce_has_its_class_its_pause_and_its_remedy(
    error: str, description: str, kind: type[SfmintError], backoff: Backoff, word: str, case: Callable[[str], str]
) -> None:
    reason = classify(400, case(error), case(description))
    assert (reason.error, reason.backoff) == (kind, backoff)
    assert word.lower() in reason.remedy.lower()


def test_a_description_may_stand_among_other_words() -> None:
    assert classify(400, "invalid_grant", "Authentication failure: invalid assertion (401)").code == "wrong_key"


def test_every_answer_that_the_table_knows_is_tried_here() -> None:
    known = {(error, part) for reason in REASONS.values() for error, part in reason.answers}
    tried = {
        (known_error, part)
        for error, description, *_ in ANSWERS
        for known_error, part in known
        if error.lower() == known_error and part in description
    }
    assert tried == known


@pytest.mark.parametrize("error", ["", "invalid_grant", "invalid_request", "unknown_error", "server_error"])
def test_too_many_requests_is_a_rate_limit_whatever_the_body_says(error: str) -> None:
    assert classify(429, error, "invalid assertion").code == "too_many_requests"
    assert REASONS["too_many_requests"].error is LoginRateExceeded


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_fault_of_the_server_is_transient_whatever_the_body_says(status: int) -> None:
    assert classify(status, "invalid_grant", "invalid assertion").code == "salesforce_fault"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404])
def test_an_answer_without_an_error_is_a_page_of_somebody_else_and_transient(status: int) -> None:
    reason = classify(status, "", "")
    assert (reason.code, reason.backoff) == ("malformed_answer", Backoff.TRANSIENT)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418])
def test_an_unknown_error_under_500_is_permanent(status: int) -> None:
    assert classify(status, "new_error", "").code == "refused"


def test_a_word_inside_another_error_does_not_count() -> None:
    assert classify(400, "invalid_grant_type", "invalid assertion").code == "refused"
    assert classify(400, "invalid_grant", "unknown_error").code == "refused"


@given(status=st.integers(100, 599), error=st.text(), description=st.text())
def test_any_answer_has_a_reason_that_quotes_nothing(status: int, error: str, description: str) -> None:
    reason = classify(status, f"Canary{error}", f"Canary{description}")
    assert "Canary" not in f"{reason} {reason.to_error()} {MintFailed(reason)}"


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_every_reason_says_cause_and_remedy_in_sentences(reason: Reason) -> None:
    for text in (reason.cause, reason.remedy):
        assert re.fullmatch(r"\S.*\S\.", text)
        assert "  " not in text
    error = reason.to_error()
    assert type(error) is reason.error
    assert (error.cause, error.remedy) == (reason.cause, reason.remedy)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_only_refusals_are_left_alone_like_refusals(reason: Reason) -> None:
    # A denial by AWS is a decision too, though its class is also that of outages.
    lasting = getattr(reason.to_error(), "denied", False) or not reason.error.retryable
    assert lasting is not (reason.backoff in {Backoff.RATE, Backoff.TRANSIENT, Backoff.HOUR})


def waits(backoff: Backoff, count: int, jitter: float = 1.0) -> list[float]:
    reason = Reason(code="c", error=AssertionRejected, backoff=backoff, cause="C.", remedy="R.")
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
