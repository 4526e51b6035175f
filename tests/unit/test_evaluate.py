"""The conditions, clause by clause: which row it alone refuses, and which row one alternative alone lets through."""

from typing import Any

import pytest

from fakes import NOON
from reference_store import holds
from rows import ATTEMPT, EMPTY, FAILING, FP, LEASED, LIFE, NEW, OTHER_FP, REFUSED, TAINTED, WRITES, gone, item, row
from sfmint.row import writes
from sfmint.row.conditional_write import AllOf, AnyOf, Clause, ConditionalWrite, Item
from sfmint.row.decisions import Want
from sfmint.row.row import CacheRow


def conjuncts(clause: Clause | None) -> list[Clause]:
    """Return the clauses that must all hold."""
    assert clause is not None
    return [inner for each in clause.clauses for inner in conjuncts(each)] if isinstance(clause, AllOf) else [clause]


def refusing(update: ConditionalWrite, stored: Item) -> list[int]:
    """Return which clauses refuse the write."""
    return [number for number, clause in enumerate(conjuncts(update.condition)) if not holds(clause, stored)]


def holding(clause: Clause, stored: Item) -> list[int]:
    """Return which of the alternatives hold."""
    assert isinstance(clause, AnyOf)
    return [number for number, each in enumerate(clause.clauses) if holds(each, stored)]


# For each write: a change of the row that it is made for, and the number of the one clause that refuses it then.
ONLY: dict[str, list[tuple[dict[str, Any], int]]] = {
    "acquire": [
        ({"fence": 8}, 0),
        ({"fence": 6}, 0),
        (gone("fence"), 0),
        (LEASED, 1),
        (LEASED | {"lease_until": NOON + 0.001}, 1),
        (LEASED | {"lease_until": NOON + 60}, 1),
        ({"soft_expiry": NOON + 0.001}, 2),
        (FAILING, 3),
        (FAILING | {"failure_until": NOON + 0.001}, 3),
        (FAILING | {"failure_until": NOON + 3900}, 3),
        (REFUSED, 3),
        (TAINTED, 4),
    ],
    "first acquire": [
        ({"fence": 1}, 0),
        (LEASED, 1),
        (item(gone("fence")), 2),
        (FAILING, 3),
        (TAINTED, 4),
    ],
    "publish": [
        ({"fence": 9}, 0),
        (gone("fence"), 0),
        ({"lease_owner": "other"}, 1),
        (gone("lease_owner"), 1),
        (TAINTED, 2),
        ({"rejected": NEW}, 3),
        ({"fingerprint": NEW}, 4),
    ],
    "reaffirm": [
        ({"fence": 9}, 0),
        ({"lease_owner": "other"}, 1),
        (TAINTED, 2),
        ({"rejected": NEW}, 3),
        ({"fingerprint": FP}, 4),
        (gone("fingerprint"), 4),
    ],
    "reaffirm-2": [
        ({"fence": 9}, 0),
        ({"lease_owner": "other"}, 1),
        (TAINTED, 2),
        ({"rejected": FP}, 3),
        (gone("rejected"), 3),
        ({"last_rejected_at": NOON - 599}, 4),
        (gone("last_rejected_at"), 4),
        ({"fingerprint": FP}, 5),
        (gone("fingerprint"), 5),
    ],
    "reaffirm-2 after a flush": [
        ({"fence": 9}, 0),
        ({"lease_owner": "other"}, 1),
        (TAINTED, 2),
        ({"rejected": FP}, 3),
        ({"last_rejected_at": NOON - 599}, 4),
        ({"fingerprint": NEW}, 5),
    ],
    "fail": [({"fence": 9}, 0), ({"lease_owner": "other"}, 1), (gone("lease_owner"), 1)],
    "release": [({"fence": 9}, 0), ({"lease_owner": "other"}, 1), (gone("lease_owner"), 1)],
    "reject": [
        ({"fingerprint": OTHER_FP}, 0),
        (gone("fingerprint"), 0),
        ({"rejected": FP}, 1),
        ({"last_rejected_at": NOON - 59}, 2),
        ({"reject_window": NOON - 599}, 3),
    ],
    "reject-again": [
        ({"fingerprint": OTHER_FP}, 0),
        ({"rejected": FP}, 1),
        ({"last_rejected_at": NOON - 59}, 2),
        ({"reject_window": NOON - 600}, 3),
        (gone("reject_window"), 3),
        ({"reject_count": 3}, 4),
        (gone("reject_count"), 4),
    ],
    "taint": [({"key_id": "other"}, 0), (gone("key_id"), 0), (EMPTY, 0)],
    "taint of another's": [({"key_id": "leaked"}, 0)],
    "budget": [({"logins": 240}, 0), ({"logins": 10_000}, 0)],
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_lands_on_the_row_that_it_is_made_for(name: str) -> None:
    update, stored = WRITES[name]
    assert refusing(update, stored) == []
    assert {number for _, number in ONLY[name]} == set(range(len(conjuncts(update.condition))))


@pytest.mark.parametrize(
    ("name", "changes", "number"),
    [(name, changes, number) for name, rows in ONLY.items() for changes, number in rows],
)
def test_each_clause_refuses_a_row_that_no_other_clause_refuses(
    name: str, changes: dict[str, Any], number: int
) -> None:
    update, stored = WRITES[name]
    assert refusing(update, item(changes, base=stored)) == [number]


HELD_BACK = item({"soft_expiry": NOON + 350})  # not due in any way
BAD = Want(bad_fence=7)
SHORT = Want(min_ttl=201)

# For each clause of the acquire that has alternatives: a row that one alternative alone lets through.
LET_THROUGH: dict[int, list[tuple[Want, dict[str, Any], int]]] = {
    1: [
        (Want(), {}, 0),
        (Want(), LEASED | {"lease_until": NOON}, 1),
        (Want(), LEASED | {"lease_until": NOON + 60.001}, 2),
    ],
    2: [
        (Want(), gone("fingerprint"), 0),
        (Want(), gone("sealed"), 1),
        (Want(), gone("token_fence"), 2),
        (Want(), gone("hard_expiry"), 3),
        (Want(), {"soft_expiry": NOON, "issued_at": NOON - 59}, 4),
        (Want(horizon_s=350), {}, 5),
        (Want(horizon_s=350), {"issued_at": NOON - 60}, 5),
        (Want(), {"hard_expiry": NOON, "issued_at": NOON - 59}, 6),
        (Want(), {"rejected": FP}, 7),
        (SHORT, LIFE, 8),
        (Want(min_ttl=60), {"issued_at": NOON - 60, "hard_expiry": NOON + 29.9}, 8),
        (BAD, {}, 9),
        (BAD, {"issued_at": NOON - 60.001}, 9),
        (BAD, {"issued_at": NOON + 60.001}, 9),
        (BAD, gone("issued_at"), 9),
    ],
    3: [
        (Want(), {}, 0),
        (Want(), FAILING | {"failure_until": NOON}, 1),
        (Want(), FAILING | {"failure_until": NOON + 3900.001}, 2),
        (Want(), REFUSED | {"failure_keys": frozenset({"config|other", "other|key"})}, 3),
        (Want(), REFUSED | gone("failure_keys"), 3),
    ],
}


@pytest.mark.parametrize(
    ("clause", "want", "changes", "alternative"),
    [(clause, *rows) for clause, each in LET_THROUGH.items() for rows in each],
)
def test_each_alternative_of_the_acquire_lets_through_a_row_that_no_other_does(
    clause: int, want: Want, changes: dict[str, Any], alternative: int
) -> None:
    stored = item(changes, base=HELD_BACK)
    update = writes.acquire(ATTEMPT, CacheRow.from_item(stored), want)
    assert holding(conjuncts(update.condition)[clause], stored) == [alternative]


@pytest.mark.parametrize("clause", LET_THROUGH)
def test_every_alternative_of_the_acquire_is_tried_here(clause: int) -> None:
    alternatives = conjuncts(writes.acquire(ATTEMPT, row(), Want()).condition)[clause]
    assert isinstance(alternatives, AnyOf)
    assert {alternative for *_, alternative in LET_THROUGH[clause]} == set(range(len(alternatives.clauses)))


@pytest.mark.parametrize(
    ("want", "changes"),
    [
        (Want(), {}),
        (Want(horizon_s=349), {}),
        (Want(horizon_s=350), {"issued_at": NOON - 59.999}),
        (Want(horizon_s=350), gone("issued_at")),
        (Want(), {"rejected": OTHER_FP}),
        (Want(rejected=FP), {}),  # first it is reported
        (Want(min_ttl=200), LIFE),
        (SHORT, LIFE | {"issued_at": NOON - 59.999}),
        (Want(bad_fence=6), {}),
        (BAD, {"issued_at": NOON - 60}),
        (BAD, {"issued_at": NOON + 60}),
    ],
)
def test_a_row_that_is_good_enough_is_not_minted_over(want: Want, changes: dict[str, Any]) -> None:
    stored = item(changes, base=HELD_BACK)
    assert refusing(writes.acquire(ATTEMPT, CacheRow.from_item(stored), want), stored) == [2]


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
