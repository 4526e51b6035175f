"""The decisions line by line, and each condition clause by clause: a row that this clause alone refuses."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import NOON, ReferenceStore, a_connection, holds
from sfmint import protocol
from sfmint.access_token import AccessToken, fingerprint_of
from sfmint.cache_row import CacheRow
from sfmint.errors import InvalidCredentials, SalesforceUnavailable, SfmintError
from sfmint.failure import REASONS
from sfmint.protocol import Attempt, Lease, Mine, Mint, Refuse, Report, Reread, Serve, Wait, Want
from sfmint.secret import Secret
from sfmint.update import AllOf, AnyOf, Clause, Item, Refused, Update, Value, Written

FP, OTHER_FP = "f" * 16, "0" * 16
GOOD: dict[str, Value] = {
    "fence": 7,
    "sealed": b"copy",
    "fingerprint": FP,
    "key_id": "key",
    "config_hash": "config",
    "token_fence": 7,
    "issued_at": NOON - 100,
    "soft_expiry": NOON + 350,
    "hard_expiry": NOON + 755,
}
SOFT = {"soft_expiry": NOON}
LEASED: dict[str, Value] = {"lease_owner": "other", "lease_until": NOON + 20}
FAILING: dict[str, Value] = {
    "failure_code": "SalesforceUnavailable",
    "failure_reason": "no_answer",
    "failure_until": NOON + 60,
    "failure_count": 1,
    "failure_keys": frozenset({"config|key"}),
}
REFUSED = FAILING | {"failure_code": "AssertionRejected", "failure_reason": "wrong_key"}
REJECTED: dict[str, Value] = {"rejected": FP, "last_rejected_at": NOON - 5}
ATTEMPT = Attempt(me="me", seen=7, key_id="key", config_hash="config", since=NOON)
GONE = object()


def item(*changes: dict[str, Any], base: dict[str, Value] = GOOD) -> dict[str, Value]:
    """Return the good row with changes; GONE takes an attribute away."""
    changed: dict[str, Any] = dict(base)
    for change in changes:
        changed |= change
    return {name: value for name, value in changed.items() if value is not GONE}


def row(*changes: dict[str, Any]) -> CacheRow:
    return CacheRow.from_item(item(*changes))


def gone(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, GONE)


EMPTY = gone(*GOOD)

# --- servable and due


def test_a_good_row_is_servable_and_not_due() -> None:
    assert protocol.servable(row(), Want(), NOON)
    assert not protocol.due(row(), Want(min_ttl=60), NOON)


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
    assert not protocol.servable(row(changes), want, NOON)


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
    assert protocol.servable(row(changes), want, NOON)


LIFE = {"issued_at": NOON - 800, "hard_expiry": NOON + 200}  # a thousand seconds


@pytest.mark.parametrize(
    ("changes", "want", "due"),
    [
        ({"soft_expiry": NOON}, Want(), True),
        ({"soft_expiry": NOON + 1}, Want(), False),
        ({"soft_expiry": NOON + 300}, Want(horizon_s=300), True),
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
    assert protocol.due(row(changes), want, NOON) is due


# --- what to do with a row that was just read


def the_error(step: object) -> SfmintError | None:
    return step.error if isinstance(step, Refuse) else None


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
        ([EMPTY, FAILING], Want(), Refuse),
        ([FAILING], Want(rejected=FP), Refuse),
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
    decided = protocol.next_step(row(*changes), want, NOON)
    assert decided == step or type(decided) is step


# --- what to do with a row that refused an acquire: each line holds, and all below it would hold too

MINE = {"lease_owner": "me", "lease_until": NOON + 20}
TAINTED = {"tainted_keys": frozenset({"key"})}
UNSEALED = gone("sealed")


@pytest.mark.parametrize(
    ("changes", "want", "step"),
    [
        ([{"fence": 8}, MINE, TAINTED, FAILING], Want(rejected=OTHER_FP), Mine()),
        ([{"fence": 8}, LEASED, TAINTED, FAILING], Want(rejected=OTHER_FP), Reread()),
        ([gone("fence")], Want(), Reread()),
        ([LEASED, TAINTED, FAILING], Want(rejected=OTHER_FP), Serve()),
        ([LEASED, TAINTED, FAILING], Want(rejected=FP), Wait()),
        ([LEASED, {"lease_until": NOON}, TAINTED, FAILING], Want(rejected=FP), Refuse(protocol.tainted("key"))),
        ([LEASED, {"lease_until": NOON + 61}, TAINTED], Want(rejected=FP), Refuse(protocol.tainted("key"))),
        ([FAILING], Want(rejected=FP), Refuse(REASONS["no_answer"].to_error())),
        ([REFUSED], Want(rejected=FP), Refuse(REASONS["wrong_key"].to_error())),
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
    decided = protocol.after_refused_acquire(row(*changes), ATTEMPT, want, NOON)
    assert type(decided) is type(step)
    assert str(the_error(decided)) == str(the_error(step))
    assert type(the_error(decided)) is type(the_error(step))


def test_where_there_was_no_row_and_is_none_the_acquire_is_not_read_again() -> None:
    attempt = replace(ATTEMPT, seen=None)
    assert protocol.after_refused_acquire(CacheRow(), attempt, Want(), NOON) == Wait()
    assert protocol.after_refused_acquire(row(), attempt, Want(), NOON) == Reread()


def test_a_tainted_key_is_named_by_its_id_and_may_never_mint_again() -> None:
    error = protocol.tainted("0123456789abcdef")
    assert isinstance(error, InvalidCredentials)
    assert "0123456789abcdef" in error.cause


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_a_remembered_failure_is_the_error_that_was_raised_first(reason: Any) -> None:
    remembered = protocol.remembered(CacheRow(failure_code=reason.error.__name__, failure_reason=reason.code))
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
    assert isinstance(protocol.remembered(failed), SalesforceUnavailable)


# --- the conditions, clause by clause


def conjuncts(clause: Clause | None) -> list[Clause]:
    """Return the clauses that must all hold."""
    assert clause is not None
    return [inner for each in clause.clauses for inner in conjuncts(each)] if isinstance(clause, AllOf) else [clause]


def refusing(update: Update, stored: Item) -> list[int]:
    """Return which clauses refuse the write."""
    return [number for number, clause in enumerate(conjuncts(update.condition)) if not holds(clause, stored)]


def holding(clause: Clause, stored: Item) -> list[int]:
    """Return which of the alternatives hold."""
    assert isinstance(clause, AnyOf)
    return [number for number, each in enumerate(clause.clauses) if holds(each, stored)]


TOKEN = AccessToken(
    connection="orders",
    access_token=Secret("token"),
    token_type="Bearer",
    instance_url="https://acme.my.salesforce.com",
    scope="api",
    id="",
    org_id="",
    user_id="",
    fingerprint=fingerprint_of("token"),
    issued_at=NOON,
    soft_expiry=NOON + 450,
    hard_expiry=NOON + 855,
)
NEW = TOKEN.fingerprint
LEASE_ROW = item(MINE, {"fence": 8})
LEASE = Lease(attempt=ATTEMPT, fence=8, row=CacheRow.from_item(LEASE_ROW))
AGAIN = item({"fingerprint": NEW}, base=LEASE_ROW)  # the row already holds the session that is handed out again
AGAIN_LEASE = replace(LEASE, row=CacheRow.from_item(AGAIN))
AGED = item({"rejected": NEW, "last_rejected_at": NOON - 600}, base=AGAIN)
AGED_LEASE = replace(LEASE, row=CacheRow.from_item(AGED))
DUE = item(SOFT)
WINDOW = item({"last_rejected_at": NOON - 60, "reject_window": NOON - 599, "reject_count": 2})

WRITES: dict[str, tuple[Update, dict[str, Value]]] = {
    "acquire": (protocol.acquire(ATTEMPT, CacheRow.from_item(DUE), Want()), DUE),
    "first acquire": (protocol.acquire(replace(ATTEMPT, seen=None), CacheRow(), Want()), {}),
    "publish": (protocol.publish(LEASE, TOKEN, b"new"), LEASE_ROW),
    "reaffirm": (protocol.publish(AGAIN_LEASE, TOKEN, b"new"), AGAIN),
    "reaffirm-2": (protocol.publish(AGED_LEASE, TOKEN, b"new"), AGED),
    "fail": (protocol.fail(LEASE, REASONS["wrong_key"], NOON, 1.0), LEASE_ROW),
    "release": (protocol.release(LEASE), LEASE_ROW),
    "reject": (protocol.reject(FP, NOON), item()),
    "reject-again": (protocol.reject_again(FP, NOON), WINDOW),
    "budget": (protocol.spend_login(240, NOON), {"logins": 239}),
}

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
        ({"fingerprint": FP}, 3),
        ({"rejected": FP}, 4),
        (gone("rejected"), 4),
        ({"last_rejected_at": NOON - 599}, 5),
        (gone("last_rejected_at"), 5),
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
        (Want(), {"soft_expiry": NOON}, 4),
        (Want(horizon_s=350), {}, 4),
        (Want(), {"hard_expiry": NOON, "issued_at": NOON - 59}, 5),
        (Want(), {"rejected": FP}, 6),
        (SHORT, LIFE, 7),
        (Want(min_ttl=60), {"issued_at": NOON - 60, "hard_expiry": NOON + 29.9}, 7),
        (BAD, {}, 8),
        (BAD, {"issued_at": NOON - 60.001}, 8),
        (BAD, {"issued_at": NOON + 60.001}, 8),
        (BAD, gone("issued_at"), 8),
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
    update = protocol.acquire(ATTEMPT, CacheRow.from_item(stored), want)
    assert holding(conjuncts(update.condition)[clause], stored) == [alternative]


@pytest.mark.parametrize("clause", LET_THROUGH)
def test_every_alternative_of_the_acquire_is_tried_here(clause: int) -> None:
    alternatives = conjuncts(protocol.acquire(ATTEMPT, row(), Want()).condition)[clause]
    assert isinstance(alternatives, AnyOf)
    assert {alternative for *_, alternative in LET_THROUGH[clause]} == set(range(len(alternatives.clauses)))


@pytest.mark.parametrize(
    ("want", "changes"),
    [
        (Want(), {}),
        (Want(horizon_s=349), {}),
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
    assert refusing(protocol.acquire(ATTEMPT, CacheRow.from_item(stored), want), stored) == [2]


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
        ("budget", gone("logins")),
    ],
)
def test_a_write_lands_on_other_rows_that_it_may_change(name: str, changes: dict[str, Any]) -> None:
    update, stored = WRITES[name]
    assert refusing(update, item(changes, base=stored)) == []


# --- what the writes do


def written(update: Update, stored: dict[str, Value]) -> dict[str, Value]:
    store = ReferenceStore()
    store.items["key"] = stored
    outcome = store.write("key", update)
    assert isinstance(outcome, Written)
    return dict(outcome.item)


LEASE_AND_FAILURE = gone(
    "lease_owner", "lease_until", "failure_code", "failure_reason", "failure_until", "failure_count", "failure_keys"
)
PUBLISHED: dict[str, Any] = {
    "sealed": b"new",
    "fingerprint": NEW,
    "key_id": "key",
    "config_hash": "config",
    "token_fence": 8,
    "issued_at": NOON,
    "soft_expiry": NOON + 450,
    "hard_expiry": NOON + 855,
}


def test_acquiring_takes_the_lease_for_twenty_seconds_and_counts_the_fence_up() -> None:
    assert written(*WRITES["acquire"]) == DUE | {"fence": 8, "lease_owner": "me", "lease_until": NOON + 20}


def test_the_first_acquire_makes_the_row_with_fence_one() -> None:
    assert written(*WRITES["first acquire"]) == {"fence": 1, "lease_owner": "me", "lease_until": NOON + 20}


@pytest.mark.parametrize("name", ["publish", "reaffirm"])
def test_publishing_puts_the_token_and_ends_lease_and_failure(name: str) -> None:
    update, stored = WRITES[name]
    assert written(update, item(FAILING, base=stored)) == item(PUBLISHED, LEASE_AND_FAILURE, base=stored)


def test_a_session_that_was_rejected_long_ago_and_comes_again_is_taken_back() -> None:
    assert written(*WRITES["reaffirm-2"]) == item(PUBLISHED, LEASE_AND_FAILURE, gone("rejected"), base=AGED)


def test_failing_gives_the_lease_back_and_remembers_why_for_whom_and_until_when() -> None:
    assert written(*WRITES["fail"]) == item(
        gone("lease_owner", "lease_until"),
        {
            "failure_code": "AssertionRejected",
            "failure_reason": "wrong_key",
            "failure_until": NOON + 60,
            "failure_count": 1,
            "failure_keys": frozenset({"config|key"}),
        },
        base=LEASE_ROW,
    )


OTHERS = {"failure_keys": frozenset({"config|other"})}


@pytest.mark.parametrize(
    ("failed", "count", "keys"),
    [
        ({}, 1, {"config|key"}),
        (REFUSED | {"failure_count": 3, "failure_until": NOON - 1}, 4, {"config|key"}),
        (REFUSED | {"failure_count": 3} | OTHERS, 1, {"config|key", "config|other"}),
        (REFUSED | {"failure_count": 3, "failure_until": NOON - 1} | OTHERS, 1, {"config|key"}),
        (REFUSED | {"failure_until": NOON - 1} | gone("failure_count"), 1, {"config|key"}),
    ],
    ids=["none yet", "mine, over", "another's, live", "another's, over", "mine, uncounted"],
)
def test_failures_are_counted_by_configuration_and_key(failed: dict[str, Any], count: int, keys: set[str]) -> None:
    lease = replace(LEASE, row=CacheRow.from_item(item(failed, base=LEASE_ROW)))
    update = protocol.fail(lease, REASONS["wrong_key"], NOON, 1.0)
    assert update.assign["failure_count"] == count
    assert update.assign["failure_keys"] == frozenset(keys)
    assert update.assign["failure_until"] == NOON + 60 * 2 ** (count - 1)


def test_releasing_only_gives_the_lease_back() -> None:
    assert written(*WRITES["release"]) == item(gone("lease_owner", "lease_until"), base=LEASE_ROW)


def test_a_first_rejection_drops_the_copy_and_opens_a_window() -> None:
    window = {"rejected": FP, "last_rejected_at": NOON, "reject_window": NOON, "reject_count": 1}
    assert written(*WRITES["reject"]) == item(window, gone("sealed"))


def test_a_further_rejection_counts_in_the_window_that_runs() -> None:
    further = {"rejected": FP, "last_rejected_at": NOON, "reject_count": 3}
    assert written(*WRITES["reject-again"]) == item(further, gone("sealed"), base=WINDOW)


def test_a_flush_fences_out_whoever_mints_and_keeps_what_was_learnt_of_keys_and_rejections() -> None:
    learnt = REJECTED | TAINTED | {"reject_count": 2, "reject_window": NOON}
    assert written(protocol.flush(), item(LEASED, FAILING, learnt)) == learnt | {"fence": 8}


def test_a_flush_of_a_row_that_is_not_there_begins_its_fence() -> None:
    assert written(protocol.flush(), {}) == {"fence": 1}


def test_a_login_is_counted_and_the_count_is_forgotten_some_time_after_the_hour() -> None:
    ttl = int(NOON) + 7200
    assert written(protocol.spend_login(240, NOON), {}) == {"logins": 1, "ttl": ttl}
    assert written(protocol.spend_login(240, NOON + 9), {"logins": 1, "ttl": ttl}) == {"logins": 2, "ttl": ttl}


def test_the_budget_is_one_for_each_user_host_and_hour() -> None:
    key = protocol.budget_key(a_connection(), NOON)
    assert key == protocol.budget_key(a_connection("billing", consumer_key="another app"), NOON + 3599)
    assert key != protocol.budget_key(a_connection(), NOON + 3600)
    assert key != protocol.budget_key(a_connection(username="other@acme.example"), NOON)
    assert key != protocol.budget_key(a_connection(token_host="https://other.my.salesforce.com"), NOON)
    assert key.startswith("b1#")
    assert "integration" not in key


# --- after a write that was refused, or never answered


@pytest.mark.parametrize(("fence", "landed"), [(8, True), (7, False), (9, False)])
def test_a_publish_had_landed_if_the_rows_token_has_its_fence(fence: int, *, landed: bool) -> None:
    assert protocol.landed(item({"token_fence": fence}), LEASE) is landed
    assert protocol.landed(None, LEASE) is False


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, True),
        ({"fence": 9}, False),
        ({"lease_owner": "other"}, False),
        (gone("lease_owner"), False),
        (EMPTY, False),
    ],
)
def test_a_lease_is_held_while_fence_and_owner_are_its_own(changes: dict[str, Any], *, held: bool) -> None:
    assert protocol.held(item(changes, base=LEASE_ROW), LEASE) is held


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({}, False),
        ({"rejected": OTHER_FP}, False),
        ({"rejected": FP}, True),
        ({"fingerprint": OTHER_FP}, True),
        (EMPTY, True),
    ],
)
def test_a_rejection_stands_if_it_was_done_or_the_token_has_a_successor(
    changes: dict[str, Any], *, stands: bool
) -> None:
    assert protocol.rejection_stands(row(changes), FP) is stands


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({"reject_window": NOON - 599}, True),
        ({"reject_window": NOON - 600}, False),
        ({}, False),
        ({"reject_window": NOON - 599, "rejected": FP}, False),
        ({"reject_window": NOON - 599, "fingerprint": OTHER_FP}, False),
    ],
)
def test_a_refused_rejection_counts_again_only_inside_a_window_that_runs(
    changes: dict[str, Any], *, again: bool
) -> None:
    assert protocol.counts_again(row(changes), FP, NOON) is again


# --- a session that is handed out again


def handed_out_again(*changes: dict[str, Any], token: AccessToken = TOKEN, lifetime_s: float = 900) -> AccessToken:
    fingerprint = {"fingerprint": token.fingerprint}
    lease = replace(LEASE, row=CacheRow.from_item(item(fingerprint, *changes, base=LEASE_ROW)))
    return protocol.reaffirmed(lease, token, lifetime_s)


def since_noon(token: AccessToken) -> tuple[float, float, float]:
    return token.issued_at - NOON, token.soft_expiry - NOON, token.hard_expiry - NOON


def test_a_new_session_keeps_its_times() -> None:
    assert protocol.reaffirmed(LEASE, TOKEN, 900) is TOKEN


@pytest.mark.parametrize(
    ("hard", "expected"),
    [(GONE, 120), (NOON + 50, 120), (NOON + 500, 500), (NOON + 5000, 855)],
    ids=["none", "nearly over", "still good", "past a lifetime from now"],
)
def test_the_rows_own_session_keeps_its_expiry_but_lives_two_minutes_at_least(hard: object, expected: float) -> None:
    assert since_noon(handed_out_again({"hard_expiry": hard})) == (0, 60, expected)


def test_a_session_of_earlier_is_asked_for_again_from_now_on() -> None:
    assert since_noon(handed_out_again(token=replace(TOKEN, issued_at=NOON - 50))) == (0, 60, 755)


def test_a_session_that_says_itself_when_it_ends_is_not_stretched_past_it() -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": NOON + 80}).encode()).decode()
    jwt = f"header.{payload}.signature"
    token = replace(TOKEN, access_token=Secret(jwt), fingerprint=fingerprint_of(jwt))
    assert since_noon(handed_out_again({"hard_expiry": NOON + 70}, token=token)) == (0, 60, 80)


# --- anything

NEAR = st.sampled_from([-4000, -601, -600, -61, -60, -1, 0, 1, 19, 20, 60, 61, 300, 900, 3900, 3901]).map(
    lambda offset: NOON + offset
)
PRINTS = st.sampled_from([FP, OTHER_FP])
KEYS = st.frozensets(st.sampled_from(["config|key", "config|other"]), min_size=1)
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "fence": st.integers(1, 9),
        "lease_owner": st.sampled_from(["me", "other"]),
        "lease_until": NEAR,
        "sealed": st.just(b"copy"),
        "fingerprint": PRINTS,
        "token_fence": st.integers(1, 9),
        "issued_at": NEAR,
        "soft_expiry": NEAR,
        "hard_expiry": NEAR,
        "rejected": PRINTS,
        "last_rejected_at": NEAR,
        "failure_code": st.sampled_from(["AssertionRejected", "LoginRateExceeded", "Unknown"]),
        "failure_until": NEAR,
        "failure_count": st.integers(1, 20),
        "failure_keys": KEYS,
        "tainted_keys": st.frozensets(st.sampled_from(["key", "other"]), min_size=1),
    },
)
WANTS = st.builds(
    Want,
    min_ttl=st.sampled_from([0, 60, 300, 43_200]),
    rejected=st.none() | PRINTS,
    horizon_s=st.sampled_from([0, 300]),
    bad_fence=st.none() | st.integers(1, 9),
)


@given(stored=ITEMS, want=WANTS)
@settings(max_examples=300)
def test_nothing_is_served_past_hard_expiry_or_once_it_is_rejected(stored: dict[str, Value], want: Want) -> None:
    seen = CacheRow.from_item(stored)
    steps = (protocol.next_step(seen, want, NOON), protocol.after_refused_acquire(seen, ATTEMPT, want, NOON))
    if Serve() in steps or Mint(spare=True) in steps:
        assert seen.hard_expiry is not None
        assert seen.hard_expiry > NOON
        assert seen.fingerprint not in {seen.rejected, want.rejected}
        assert seen.token_fence not in {None, want.bad_fence}  # a copy that cannot be opened would be tried for ever


@given(stored=ITEMS, want=WANTS)
@settings(max_examples=300)
def test_whoever_is_told_to_mint_gets_the_lease_or_an_answer_and_never_spins(
    stored: dict[str, Value], want: Want
) -> None:
    seen = CacheRow.from_item(stored)
    step = protocol.next_step(seen, want, NOON)
    if not isinstance(step, Mint):
        return
    attempt = replace(ATTEMPT, me="new", seen=seen.fence)
    store = ReferenceStore()
    store.items["key"] = dict(stored)
    outcome = store.write("key", protocol.acquire(attempt, seen, want))
    if isinstance(outcome, Refused):
        after = protocol.after_refused_acquire(CacheRow.from_item(outcome.item), attempt, want, NOON)
        assert isinstance(after, Serve if step.spare else Refuse)


@given(stored=ITEMS, want=WANTS)
@settings(max_examples=300)
def test_nobody_gets_the_lease_beside_a_holder_or_with_a_tainted_key_or_too_early(
    stored: dict[str, Value], want: Want
) -> None:
    seen = CacheRow.from_item(stored)
    if refusing(protocol.acquire(replace(ATTEMPT, seen=seen.fence), seen, want), stored):
        return
    assert seen.lease_until is None or not NOON < seen.lease_until <= NOON + 60
    assert "key" not in (seen.tainted_keys or ())
    live = seen.failure_until is not None and NOON < seen.failure_until <= NOON + 3900
    assert not live or (seen.failure_code == "AssertionRejected" and "config|key" not in (seen.failure_keys or ()))
    assert not protocol.servable(seen, want, NOON) or protocol.due(seen, want, NOON)
