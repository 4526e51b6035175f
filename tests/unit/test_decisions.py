"""The decisions, line by line: a row in, the next step out."""

from dataclasses import replace
from typing import Any

import pytest

from fakes import NOON
from rows import ATTEMPT, EMPTY, FAILING, FP, LEASED, LIFE, MINE, OTHER_FP, REFUSED, REJECTED, SOFT, TAINTED, gone, row
from sfmint.errors import InvalidCredentials, SalesforceUnavailable, SfmintError
from sfmint.row import decisions
from sfmint.row.decisions import GiveUp, Mine, Mint, Report, Reread, Serve, Wait, Want
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import REASONS

# --- servable and due


def test_a_good_row_is_servable_and_not_due() -> None:
    assert decisions.servable(row(), Want(), NOON)
    assert not decisions.due(row(), Want(min_ttl=60), NOON)


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        (gone("fingerprint"), Want()),
        (gone("sealed"), Want()),
        (gone("token_fence"), Want()),
        (gone("hard_expiry"), Want()),
        ({"hard_expiry": NOON}, Want()),
        ({"rejected": FP}, Want()),
        ({}, Want(rejected=FP)),
        ({}, Want(bad_fence=7)),
        (EMPTY, Want()),
    ],
    ids=lambda value: str(value)[:60],
)
def test_each_lack_makes_a_row_unservable(changes: dict[str, Any], want: Want) -> None:
    assert not decisions.servable(row(changes), want, NOON)


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        ({"hard_expiry": NOON + 0.001}, Want()),
        ({"rejected": OTHER_FP}, Want()),
        ({}, Want(rejected=OTHER_FP)),
        ({}, Want(bad_fence=6)),
        (gone("soft_expiry", "issued_at", "key_id"), Want()),
        (LEASED, Want()),
        (FAILING, Want()),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_concerns_another_token_or_only_the_next_mint_leaves_a_row_servable(
    changes: dict[str, Any], want: Want
) -> None:
    assert decisions.servable(row(changes), want, NOON)


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
    ("changes", "want", "step"),
    [
        # servable
        ([], Want(), Serve()),
        ([SOFT], Want(), Mint(spare=True)),
        ([SOFT, LEASED], Want(), Serve()),
        ([SOFT, LEASED, {"lease_until": NOON}], Want(), Mint(spare=True)),
        ([SOFT, LEASED, {"lease_until": NOON + 61}], Want(), Mint(spare=True)),
        ([SOFT, FAILING], Want(), Serve()),
        ([SOFT, FAILING, {"failure_until": NOON}], Want(), Mint(spare=True)),
        ([SOFT, FAILING, {"failure_until": NOON + 3901}], Want(), Mint(spare=True)),
        ([LEASED, FAILING], Want(), Serve()),
        # leased, or an unreadable copy that may be on its way
        ([EMPTY, LEASED], Want(), Wait()),
        ([EMPTY, LEASED, FAILING], Want(), Wait()),
        ([LEASED], Want(rejected=FP), Wait()),
        ([{"issued_at": NOON - 60}], Want(bad_fence=7), Wait()),
        ([{"issued_at": NOON + 60}], Want(bad_fence=7), Wait()),
        # a bad copy that is old, or from a broken clock
        ([{"issued_at": NOON - 61}], Want(bad_fence=7), Mint(spare=False)),
        ([{"issued_at": NOON + 61}], Want(bad_fence=7), Mint(spare=False)),
        ([gone("issued_at")], Want(bad_fence=7), Mint(spare=False)),
        # a copy that nobody can open
        ([gone("token_fence"), {"issued_at": NOON - 10}], Want(), Mint(spare=False)),
        # a failure that concerns every key
        ([EMPTY, FAILING], Want(), GiveUp),
        ([FAILING], Want(rejected=FP), GiveUp),
        # a failure that a repaired secret would heal: the acquire decides
        ([EMPTY, REFUSED], Want(), Mint(spare=False)),
        # the caller's rejected token is still shown as good
        ([], Want(rejected=FP), Report()),
        ([REFUSED], Want(rejected=FP), Report()),
        ([{"rejected": OTHER_FP}], Want(rejected=FP), Report()),
        # nothing stands in the way
        ([REJECTED], Want(rejected=FP), Mint(spare=False)),
        ([REJECTED], Want(), Mint(spare=False)),
        ([EMPTY], Want(), Mint(spare=False)),
        ([EMPTY, LEASED, {"lease_until": NOON}], Want(), Mint(spare=False)),
        ([EMPTY, LEASED, {"lease_until": NOON + 61}], Want(), Mint(spare=False)),
        ([EMPTY, FAILING, {"failure_until": NOON}], Want(), Mint(spare=False)),
        ([EMPTY, FAILING, {"failure_until": NOON + 3901}], Want(), Mint(spare=False)),
        ([{"hard_expiry": NOON}], Want(), Mint(spare=False)),
    ],
)
def test_the_next_step(changes: list[dict[str, Any]], want: Want, step: object) -> None:
    decided = decisions.next_step(row(*changes), want, NOON)
    assert decided == step or type(decided) is step


# --- what to do with a row that refused an acquire: each line holds, and all below it would hold too


@pytest.mark.parametrize(
    ("changes", "want", "step"),
    [
        ([{"fence": 8}, MINE, TAINTED, FAILING], Want(rejected=OTHER_FP), Mine()),
        ([{"fence": 8}, LEASED, TAINTED, FAILING], Want(rejected=OTHER_FP), Reread()),
        ([gone("fence")], Want(), Reread()),
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
        ([], Want(bad_fence=7), Wait()),
    ],
)
def test_after_a_refused_acquire_the_first_line_that_holds_decides(
    changes: list[dict[str, Any]], want: Want, step: object
) -> None:
    decided = decisions.after_refused_acquire(row(*changes), ATTEMPT, want, NOON)
    assert type(decided) is type(step)
    assert str(the_error(decided)) == str(the_error(step))
    assert type(the_error(decided)) is type(the_error(step))


def test_where_there_was_no_row_and_is_none_the_acquire_is_not_read_again() -> None:
    attempt = replace(ATTEMPT, seen=None)
    assert decisions.after_refused_acquire(CacheRow(), attempt, Want(), NOON) == Wait()
    assert decisions.after_refused_acquire(row(), attempt, Want(), NOON) == Reread()


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
