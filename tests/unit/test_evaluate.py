"""The conditions, clause by clause: which row it alone refuses, and which row one alternative alone lets through."""

from typing import Any

import pytest

from sfmint.row import writes
from sfmint.row.conditional_write import AllOf, AnyOf, Clause, ConditionalWrite, Item, Named
from sfmint.row.decisions import Progress, Want
from sfmint.row.row import CacheRow
from sfmint.salesforce.connection import MOST_TAINTED_KEYS
from sfmint_testing.fakes import NOON
from sfmint_testing.reference_store import holds
from sfmint_testing.rows import (
    ATTEMPT,
    EMPTY,
    FAILING,
    FP,
    LEASED,
    LIFE,
    NEW,
    OTHER_FP,
    REFUSED,
    TAINTED,
    WRITES,
    asked,
    gone,
    item,
    row,
)


def conjuncts(clause: Clause | None) -> dict[str, Clause]:
    """Return the clauses that must all hold, by their names."""
    inner = clause.clause if isinstance(clause, Named) else clause
    if isinstance(inner, AllOf):
        return {name: part for each in inner.clauses for name, part in conjuncts(each).items()}
    assert isinstance(clause, Named)
    return {clause.name: clause.clause}


def refusing(update: ConditionalWrite, stored: Item) -> list[str]:
    """Return which clauses refuse the write."""
    return [name for name, clause in conjuncts(update.condition).items() if not holds(clause, stored)]


def alternatives(clause: Clause) -> dict[str, Clause]:
    """Return the clauses of which one must hold, by their names."""
    assert isinstance(clause, AnyOf)
    return {each.name: each.clause for each in clause.clauses if isinstance(each, Named)}


FULL = {"tainted_keys": frozenset(f"{number:016x}" for number in range(MOST_TAINTED_KEYS))}
# For each write: a change of the row that it is made for, and the name of the one clause that refuses it then.
ONLY: dict[str, list[tuple[dict[str, Any], str]]] = {
    "acquire": [
        ({"fence": 8}, "row_unmoved"),
        ({"fence": 6}, "row_unmoved"),
        (gone("fence"), "row_unmoved"),
        (LEASED, "lease_free"),
        (LEASED | {"lease_until": NOON + 0.001}, "lease_free"),
        (LEASED | {"lease_until": NOON + 60}, "lease_free"),
        ({"soft_expiry": NOON + 0.001}, "login_due"),
        (FAILING, "no_failure_holds"),
        (FAILING | {"failure_until": NOON + 0.001}, "no_failure_holds"),
        (FAILING | {"failure_until": NOON + 3900}, "no_failure_holds"),
        (REFUSED, "no_failure_holds"),
        (TAINTED, "key_untainted"),
    ],
    "first acquire": [
        ({"fence": 1}, "row_new"),
        (LEASED, "lease_free"),
        (item(gone("fence")), "login_due"),
        (FAILING, "no_failure_holds"),
        (TAINTED, "key_untainted"),
    ],
    "publish": [
        ({"fence": 9}, "fence_mine"),
        (gone("fence"), "fence_mine"),
        ({"lease_owner": "other"}, "owner_mine"),
        (gone("lease_owner"), "owner_mine"),
        (TAINTED, "key_untainted"),
        ({"rejected": NEW}, "not_rejected"),
        ({"fingerprint": NEW}, "another_session"),
    ],
    "reaffirm": [
        ({"fence": 9}, "fence_mine"),
        ({"lease_owner": "other"}, "owner_mine"),
        (TAINTED, "key_untainted"),
        ({"rejected": NEW}, "not_rejected"),
        ({"fingerprint": FP}, "same_session"),
        (gone("fingerprint"), "same_session"),
    ],
    "reaffirm-2": [
        ({"fence": 9}, "fence_mine"),
        ({"lease_owner": "other"}, "owner_mine"),
        (TAINTED, "key_untainted"),
        ({"rejected": FP}, "this_rejected"),
        (gone("rejected"), "this_rejected"),
        ({"last_rejected_at": NOON - 599}, "long_ago"),
        (gone("last_rejected_at"), "long_ago"),
        ({"fingerprint": FP}, "same_session"),
        (gone("fingerprint"), "same_session"),
    ],
    "reaffirm-2 after a flush": [
        ({"fence": 9}, "fence_mine"),
        ({"lease_owner": "other"}, "owner_mine"),
        (TAINTED, "key_untainted"),
        ({"rejected": FP}, "this_rejected"),
        ({"last_rejected_at": NOON - 599}, "long_ago"),
        ({"fingerprint": NEW}, "another_session"),
    ],
    "fail": [
        ({"fence": 9}, "fence_mine"),
        ({"lease_owner": "other"}, "owner_mine"),
        (gone("lease_owner"), "owner_mine"),
    ],
    "release": [
        ({"fence": 9}, "fence_mine"),
        ({"lease_owner": "other"}, "owner_mine"),
        (gone("lease_owner"), "owner_mine"),
    ],
    "reject": [
        ({"fingerprint": OTHER_FP}, "is_the_row_s"),
        (gone("fingerprint"), "is_the_row_s"),
        ({"rejected": FP}, "not_marked"),
        ({"last_rejected_at": NOON - 59}, "spaced"),
        ({"reject_window": NOON - 599}, "no_window_runs"),
    ],
    "reject-again": [
        ({"fingerprint": OTHER_FP}, "is_the_row_s"),
        ({"rejected": FP}, "not_marked"),
        ({"last_rejected_at": NOON - 59}, "spaced"),
        ({"reject_window": NOON - 600}, "window_runs"),
        (gone("reject_window"), "window_runs"),
        ({"reject_count": 3}, "under_limit"),
        (gone("reject_count"), "under_limit"),
    ],
    "taint": [
        ({"key_id": "other"}, "minted_by_key"),
        (gone("key_id"), "minted_by_key"),
        (EMPTY, "minted_by_key"),
        (FULL, "room_left"),
    ],
    "taint of another's": [({"key_id": "leaked"}, "minted_by_another"), (FULL, "room_left")],
    "budget": [({"logins": 240}, "budget_left"), ({"logins": 10_000}, "budget_left")],
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_lands_on_the_row_that_it_is_made_for(name: str) -> None:
    update, stored = WRITES[name]
    assert refusing(update, stored) == []
    assert {clause for _, clause in ONLY[name]} == set(conjuncts(update.condition))


@pytest.mark.parametrize(
    ("name", "changes", "clause"),
    [(name, changes, clause) for name, rows in ONLY.items() for changes, clause in rows],
)
def test_each_clause_refuses_a_row_that_no_other_clause_refuses(
    name: str, changes: dict[str, Any], clause: str
) -> None:
    update, stored = WRITES[name]
    assert refusing(update, item(changes, base=stored)) == [clause]


HELD_BACK = item({"soft_expiry": NOON + 350})  # not due in any way
BAD = Progress(bad_fence=7)
SHORT = Want(min_ttl=201)

# For each clause of the acquire that has alternatives: a row that one alternative alone lets through.
LET_THROUGH: dict[str, list[tuple[Want | Progress, dict[str, Any], str]]] = {
    "lease_free": [
        (Want(), {}, "lease_given_back"),
        (Want(), LEASED | {"lease_until": NOON}, "lease_over"),
        (Want(), LEASED | {"lease_until": NOON + 60.001}, "lease_absurd"),
    ],
    "login_due": [
        (Want(), gone("fingerprint"), "no_token"),
        (Want(), gone("sealed"), "no_copy"),
        (Want(), gone("token_fence"), "no_token_fence"),
        (Want(), gone("hard_expiry"), "no_hard_expiry"),
        (Want(), {"soft_expiry": NOON, "issued_at": NOON - 59}, "soft_expired"),
        (Want(horizon_s=350), {}, "soft_soon"),
        (Want(horizon_s=350), {"issued_at": NOON - 60}, "soft_soon"),
        (Want(), {"hard_expiry": NOON, "issued_at": NOON - 59}, "hard_expired"),
        (Want(), {"rejected": FP}, "token_rejected"),
        (SHORT, LIFE, "life_too_short"),
        (Want(min_ttl=60), {"issued_at": NOON - 60, "hard_expiry": NOON + 29.9}, "life_too_short"),
        (BAD, {}, "copy_unreadable"),
        (BAD, {"issued_at": NOON - 60.001}, "copy_unreadable"),
        (BAD, {"issued_at": NOON + 60.001}, "copy_unreadable"),
        (BAD, gone("issued_at"), "copy_unreadable"),
    ],
    "no_failure_holds": [
        (Want(), {}, "no_failure"),
        (Want(), FAILING | {"failure_until": NOON}, "failure_over"),
        (Want(), FAILING | {"failure_until": NOON + 3900.001}, "failure_absurd"),
        (Want(), REFUSED | {"failure_keys": frozenset({"config|other", "other|key"})}, "other_credentials"),
        (Want(), REFUSED | gone("failure_keys"), "other_credentials"),
    ],
}


@pytest.mark.parametrize(
    ("clause", "case", "changes", "alternative"),
    [(clause, *rows) for clause, each in LET_THROUGH.items() for rows in each],
)
def test_each_alternative_of_the_acquire_lets_through_a_row_that_no_other_does(
    clause: str, case: Want | Progress, changes: dict[str, Any], alternative: str
) -> None:
    stored = item(changes, base=HELD_BACK)
    update = writes.acquire(ATTEMPT, CacheRow.from_item(stored), *asked(case))
    choices = alternatives(conjuncts(update.condition)[clause])
    assert [name for name, each in choices.items() if holds(each, stored)] == [alternative]


@pytest.mark.parametrize("clause", LET_THROUGH)
def test_every_alternative_of_the_acquire_is_tried_here(clause: str) -> None:
    choices = alternatives(conjuncts(writes.acquire(ATTEMPT, row(), Want(), Progress()).condition)[clause])
    assert {alternative for *_, alternative in LET_THROUGH[clause]} == set(choices)


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        (Want(), {}),
        (Want(horizon_s=349), {}),
        (Want(horizon_s=350), {"issued_at": NOON - 59.999}),
        (Want(horizon_s=350), gone("issued_at")),
        (Want(), {"rejected": OTHER_FP}),
        (Want(rejected=FP), {}),  # first it is reported
        (Want(min_ttl=200), LIFE),
        (SHORT, LIFE | {"issued_at": NOON - 59.999}),
        (Progress(bad_fence=6), {}),
        (BAD, {"issued_at": NOON - 60}),
        (BAD, {"issued_at": NOON + 60}),
    ],
)
def test_a_row_that_is_good_enough_is_not_minted_over(case: Want | Progress, changes: dict[str, Any]) -> None:
    stored = item(changes, base=HELD_BACK)
    assert refusing(writes.acquire(ATTEMPT, CacheRow.from_item(stored), *asked(case)), stored) == ["login_due"]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("publish", gone("fingerprint")),
        ("publish", {"rejected": OTHER_FP}),
        ("publish", {"tainted_keys": frozenset({"other"})}),
        ("publish", {"lease_until": NOON - 100}),  # late, but nobody came meanwhile
        ("publish", FAILING),
        ("reaffirm", {"rejected": OTHER_FP}),
        ("reject", {"rejected": OTHER_FP, "last_rejected_at": NOON - 60, "reject_window": NOON - 600}),
        ("reject", LEASED),
        ("reject-again", {"rejected": OTHER_FP}),
        ("reject-again", {"reject_count": 0}),
        ("taint", LEASED | FAILING | TAINTED),
        ("taint", gone("sealed", "fingerprint", "fence")),
        ("taint of another's", gone("key_id")),
        ("taint of another's", EMPTY),
        ("taint of another's", LEASED | FAILING | {"tainted_keys": frozenset({"leaked"})}),
        ("budget", gone("logins")),
    ],
)
def test_a_write_lands_on_other_rows_that_it_may_change(name: str, changes: dict[str, Any]) -> None:
    update, stored = WRITES[name]
    assert refusing(update, item(changes, base=stored)) == []
