"""The decisions, line by line: a row in, the next step out."""

from dataclasses import replace
from typing import Any

import pytest

from sfmint.errors import CacheUnavailable, InvalidCredentials, SalesforceUnavailable, SfmintError
from sfmint.row import decisions
from sfmint.row.decisions import Attempt, GiveUp, Mint, Progress, Report, Seen, Serve, Wait, Want
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_testing.fakes import NOON
from sfmint_testing.rows import (
    ATTEMPT,
    EMPTY,
    FAILING,
    FP,
    LEASED,
    LIFE,
    OTHER_FP,
    REFUSED,
    REJECTED,
    SOFT,
    TAINTED,
    asked,
    gone,
    row,
)

# --- servable and due


def test_a_good_row_is_servable_and_not_due() -> None:
    assert decisions.servable(row(), Want(), Progress(), NOON)
    assert not decisions.due(row(), Want(min_ttl=60), NOON)


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        (gone("fingerprint"), Want()),
        (gone("sealed"), Want()),
        (gone("token_fence"), Want()),
        (gone("hard_expiry"), Want()),
        ({"hard_expiry": NOON}, Want()),
        ({"rejected": FP}, Want()),
        ({}, Want(rejected=FP)),
        ({}, Progress(bad_fence=7)),
        (EMPTY, Want()),
    ],
    ids=lambda value: str(value)[:60],
)
def test_each_lack_makes_a_row_unservable(changes: dict[str, Any], case: Want | Progress) -> None:
    assert not decisions.servable(row(changes), *asked(case), NOON)


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"hard_expiry": NOON + 0.001}, Want()),
        ({"rejected": OTHER_FP}, Want()),
        ({}, Want(rejected=OTHER_FP)),
        ({}, Progress(bad_fence=6)),
        (gone("soft_expiry", "issued_at", "key_id"), Want()),
        (LEASED, Want()),
        (FAILING, Want()),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_concerns_another_token_or_only_the_next_mint_leaves_a_row_servable(
    changes: dict[str, Any], case: Want | Progress
) -> None:
    assert decisions.servable(row(changes), *asked(case), NOON)


@pytest.mark.parametrize(
    ("changes", "want", "due"),
    [
        ({"soft_expiry": NOON}, Want(), True),
        ({"soft_expiry": NOON + 1}, Want(), False),
        ({"soft_expiry": NOON, "issued_at": NOON - 59}, Want(), True),
        ({"soft_expiry": NOON + 300}, Want(horizon_s=300), True),
        ({"soft_expiry": NOON + 300, "issued_at": NOON - 60}, Want(horizon_s=300), True),
        ({"soft_expiry": NOON + 300, "issued_at": NOON - 59}, Want(horizon_s=300), False),  # just refreshed
        ({"soft_expiry": NOON + 301}, Want(horizon_s=300), False),
        (gone("soft_expiry"), Want(min_ttl=60), False),
        (LIFE, Want(min_ttl=200), False),
        (LIFE, Want(min_ttl=201), True),
        ({"issued_at": NOON - 300, "hard_expiry": NOON + 700}, Want(min_ttl=43_200), False),  # clamped to half a life
        ({"issued_at": NOON - 501, "hard_expiry": NOON + 499}, Want(min_ttl=43_200), True),
        ({"issued_at": NOON - 59, "hard_expiry": NOON + 1}, Want(min_ttl=60), False),  # too young to be due by it
        ({"issued_at": NOON - 60, "hard_expiry": NOON + 1}, Want(min_ttl=60), True),
        (LIFE | gone("issued_at"), Want(min_ttl=300), False),
        (gone("hard_expiry"), Want(min_ttl=300), False),
    ],
)
def test_a_token_is_due_by_soft_expiry_or_by_the_life_that_the_caller_wants(
    changes: dict[str, Any], want: Want, *, due: bool
) -> None:
    assert decisions.due(row(changes), want, NOON) is due


# --- what to do with a row that was just read


def the_error(step: object) -> SfmintError | None:
    return step.error if isinstance(step, GiveUp) else None


@pytest.mark.parametrize(
    ("changes", "case", "step"),
    [
        # servable
        ([], Want(), Serve()),
        ([SOFT], Want(), Mint()),
        ([SOFT, LEASED], Want(), Serve()),
        ([SOFT, LEASED, {"lease_until": NOON}], Want(), Mint()),
        ([SOFT, LEASED, {"lease_until": NOON + 61}], Want(), Mint()),
        ([SOFT, FAILING], Want(), Serve()),
        ([SOFT, FAILING, {"failure_until": NOON}], Want(), Mint()),
        ([SOFT, FAILING, {"failure_until": NOON + 3901}], Want(), Mint()),
        ([LEASED, FAILING], Want(), Serve()),
        # leased, or an unreadable copy that may be on its way
        ([EMPTY, LEASED], Want(), Wait()),
        ([EMPTY, LEASED, FAILING], Want(), Wait()),
        ([LEASED], Want(rejected=FP), Wait()),
        ([{"issued_at": NOON - 60}], Progress(bad_fence=7), Wait()),
        ([{"issued_at": NOON + 60}], Progress(bad_fence=7), Wait()),
        # a bad copy that is old, or from a broken clock
        ([{"issued_at": NOON - 61}], Progress(bad_fence=7), Mint()),
        ([{"issued_at": NOON + 61}], Progress(bad_fence=7), Mint()),
        ([gone("issued_at")], Progress(bad_fence=7), Mint()),
        # a copy that nobody can open
        ([gone("token_fence"), {"issued_at": NOON - 10}], Want(), Mint()),
        # a failure that concerns every key
        ([EMPTY, FAILING], Want(), GiveUp),
        ([FAILING], Want(rejected=FP), GiveUp),
        # a failure that a repaired secret would heal: the acquire decides
        ([EMPTY, REFUSED], Want(), Mint()),
        # the caller's rejected token is still shown as good
        ([], Want(rejected=FP), Report()),
        ([REFUSED], Want(rejected=FP), Report()),
        ([{"rejected": OTHER_FP}], Want(rejected=FP), Report()),
        # nothing stands in the way
        ([REJECTED], Want(rejected=FP), Mint()),
        ([REJECTED], Want(), Mint()),
        ([EMPTY], Want(), Mint()),
        ([EMPTY, LEASED, {"lease_until": NOON}], Want(), Mint()),
        ([EMPTY, LEASED, {"lease_until": NOON + 61}], Want(), Mint()),
        ([EMPTY, FAILING, {"failure_until": NOON}], Want(), Mint()),
        ([EMPTY, FAILING, {"failure_until": NOON + 3901}], Want(), Mint()),
        ([{"hard_expiry": NOON}], Want(), Mint()),
    ],
)
def test_the_next_step(changes: list[dict[str, Any]], case: Want | Progress, step: object) -> None:
    decided = decisions.decide(Seen(row(*changes), NOON), *asked(case))
    assert decided == step or type(decided) is step


# --- what to do with a row that refused an acquire: each line holds, and all below it would hold too


@pytest.mark.parametrize(
    ("changes", "case", "step"),
    [
        ([LEASED, TAINTED, FAILING], Want(rejected=OTHER_FP), Serve()),
        ([LEASED, TAINTED, FAILING], Want(rejected=FP), Wait()),
        ([LEASED, {"lease_until": NOON}, TAINTED, FAILING], Want(rejected=FP), GiveUp(decisions.tainted("key"))),
        ([LEASED, {"lease_until": NOON + 61}, TAINTED], Want(rejected=FP), GiveUp(decisions.tainted("key"))),
        ([FAILING], Want(rejected=FP), GiveUp(REASONS["no_answer"].to_error())),
        ([REFUSED], Want(rejected=FP), GiveUp(REASONS["wrong_key"].to_error())),
        ([REFUSED, {"failure_keys": frozenset({"config|other"})}], Want(rejected=FP), Report()),
        ([REFUSED, gone("failure_keys")], Want(rejected=FP), Report()),
        ([FAILING, {"failure_until": NOON}], Want(rejected=FP), Report()),
        ([FAILING, {"failure_until": NOON + 3901}], Want(rejected=FP), Report()),
        ([{"tainted_keys": frozenset({"other"})}], Want(rejected=FP), Report()),
        ([], Progress(bad_fence=7), Wait()),
    ],
)
def test_after_a_refused_acquire_the_first_line_that_holds_decides(
    changes: list[dict[str, Any]], case: Want | Progress, step: object
) -> None:
    decided = decisions.decide(Seen(row(*changes), NOON, refused=ATTEMPT), *asked(case))
    assert type(decided) is type(step)
    assert str(the_error(decided)) == str(the_error(step))
    assert type(the_error(decided)) is type(the_error(step))


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        ([{"fence": 8}, LEASED, TAINTED, FAILING], Want(rejected=OTHER_FP)),
        ([{"fence": 8}, EMPTY], Want()),
        ([{"fence": 8}, EMPTY, REFUSED], Want()),
        ([gone("fence")], Want()),
    ],
)
def test_a_row_that_has_moved_on_is_taken_as_if_it_had_just_been_read(
    changes: list[dict[str, Any]], want: Want
) -> None:
    moved = row(*changes)
    refused, read = (decisions.decide(Seen(moved, NOON, attempt), want, Progress()) for attempt in (ATTEMPT, None))
    assert refused == read


def test_where_there_was_no_row_and_is_none_the_acquire_is_not_read_again() -> None:
    attempt = replace(ATTEMPT, seen=None)
    assert decisions.decide(Seen(CacheRow(), NOON, attempt), Want(), Progress()) == Wait()
    assert decisions.decide(Seen(row(), NOON, attempt), Want(min_ttl=0), Progress()) == Serve()
    assert decisions.decide(Seen(row(EMPTY, {"fence": 1}), NOON, attempt), Want(), Progress()) == Mint()


# --- a refresh of mine that failed

FAILED = SalesforceUnavailable("It is down.", remedy="Call again.")
DENIED = CacheUnavailable("KMS says no.", remedy="Let the role use the key.", denied=True)


@pytest.mark.parametrize("changes", [[], [SOFT], [SOFT, LEASED], [SOFT, FAILING], [SOFT, REFUSED]])
def test_after_a_failed_refresh_a_servable_token_is_served_with_its_failure(changes: list[dict[str, Any]]) -> None:
    step = decisions.decide(Seen(row(*changes), NOON), Want(), Progress(failed_refresh=FAILED))
    assert isinstance(step, Serve)
    assert step.failed_refresh is FAILED


def test_after_a_failed_refresh_a_token_that_is_over_is_minted_anew() -> None:
    assert decisions.decide(Seen(row(EMPTY), NOON), Want(), Progress(failed_refresh=FAILED)) == Mint()


def test_a_remembered_failure_is_told_only_of_a_token_that_is_due() -> None:
    due, at_rest = (
        decisions.decide(Seen(row(*changes), NOON), Want(), Progress()) for changes in ([SOFT, FAILING], [FAILING])
    )
    assert isinstance(due, Serve)
    assert isinstance(due.failed_refresh, SalesforceUnavailable)
    assert isinstance(at_rest, Serve)
    assert at_rest.failed_refresh is None


def test_a_failure_is_outlived_by_a_servable_token_a_denial_by_none() -> None:
    soft, empty = Seen(row(SOFT), NOON), Seen(row(EMPTY), NOON)
    assert decisions.outlives(soft, Want(), Progress(), FAILED)
    assert not decisions.outlives(soft, Want(), Progress(), DENIED)
    assert not decisions.outlives(empty, Want(), Progress(), FAILED)


@pytest.mark.parametrize("attempt", [None, ATTEMPT])
def test_a_remembered_denial_takes_a_servable_token_with_it(attempt: Attempt | None) -> None:
    denied = row(FAILING, {"failure_code": "CacheUnavailable", "failure_reason": "seal_denied"})
    step = decisions.decide(Seen(denied, NOON, attempt), Want(), Progress())
    assert isinstance(the_error(step), CacheUnavailable)


def test_a_tainted_key_is_named_by_its_id_and_may_never_mint_again() -> None:
    error = decisions.tainted("0123456789abcdef")
    assert isinstance(error, InvalidCredentials)
    assert "0123456789abcdef" in error.cause


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_a_remembered_failure_is_the_error_that_was_raised_first(reason: Any) -> None:
    remembered = decisions.remembered(CacheRow(failure_code=reason.error.__name__, failure_reason=reason.code))
    assert (type(remembered), str(remembered)) == (reason.error, str(reason.to_error()))


@pytest.mark.parametrize(
    "failed",
    [
        CacheRow(),
        CacheRow(failure_code="SalesforceUnavailable"),
        CacheRow(failure_code="NewError", failure_reason="of_a_later_version"),
        CacheRow(failure_code="SalesforceUnavailable", failure_reason="wrong_key"),
    ],
)
def test_a_failure_that_this_version_cannot_read_is_transient(failed: CacheRow) -> None:
    assert isinstance(decisions.remembered(failed), SalesforceUnavailable)
