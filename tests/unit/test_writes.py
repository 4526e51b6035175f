"""What each write leaves on the row, and what is made of one that was refused or never answered."""

from dataclasses import replace
from typing import Any

import pytest

from sfmint.row import decisions, rejections, writes
from sfmint.row.conditional_write import ConditionalWrite, Value, Written
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import NOON, a_connection
from sfmint_testing.reference_store import ReferenceStore
from sfmint_testing.rows import (
    AGED,
    ATTEMPT,
    DUE,
    EMPTY,
    FAILING,
    FLUSHED,
    FP,
    LEASE,
    LEASE_ROW,
    LEASED,
    NEW,
    OTHER_FP,
    REFUSED,
    REJECTED,
    TAINTED,
    TOKEN,
    WINDOW,
    WRITES,
    gone,
    item,
    row,
)


def written(update: ConditionalWrite, stored: dict[str, Value]) -> dict[str, Value]:
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
    "key_since": NOON,
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


@pytest.mark.parametrize(("name", "since"), [("publish", {}), ("reaffirm", gone("key_since"))])
def test_publishing_puts_the_token_and_ends_lease_and_failure(name: str, since: dict[str, Any]) -> None:
    update, stored = WRITES[name]
    assert written(update, item(FAILING, base=stored)) == item(PUBLISHED, since, LEASE_AND_FAILURE, base=stored)


@pytest.mark.parametrize(
    ("before", "since"),
    [
        ({"key_since": NOON - 900}, NOON - 900),
        ({"key_since": NOON - 900, "key_id": "other"}, NOON),
        (gone("key_since"), NOON),
        (gone("key_since", "key_id"), NOON),
    ],
)
def test_since_when_a_key_mints_stays_while_the_key_does(before: dict[str, Any], since: float) -> None:
    stored = item(before, base=LEASE_ROW)
    lease = replace(LEASE, row=CacheRow.from_item(stored))
    assert written(writes.publish(lease, TOKEN, b"new"), stored)["key_since"] == since


@pytest.mark.parametrize("until", [NOON + 86_400, None])
def test_the_end_of_the_certificate_is_that_of_the_key_that_minted(until: float | None) -> None:
    stored = item({"certificate_until": NOON - 5}, base=LEASE_ROW)
    lease = replace(LEASE, attempt=replace(ATTEMPT, certificate_until=until))
    assert written(writes.publish(lease, TOKEN, b"new"), stored).get("certificate_until") == until


def test_a_session_that_is_handed_out_again_keeps_what_is_known_of_its_key() -> None:
    known = {"key_since": NOON - 900, "certificate_until": NOON + 5}
    update, stored = WRITES["reaffirm"]
    assert known.items() <= written(update, item(known, base=stored)).items()


@pytest.mark.parametrize("update", [writes.flush(), writes.taint("key", of_row=True)], ids=["flush", "taint"])
def test_what_is_known_of_a_key_goes_with_its_token(update: ConditionalWrite) -> None:
    after = written(update, item({"key_since": NOON - 900, "certificate_until": NOON + 5}))
    assert not {"key_id", "key_since", "certificate_until", "config_hash"} & set(after)


def test_a_session_that_was_rejected_long_ago_and_comes_again_is_taken_back() -> None:
    assert written(*WRITES["reaffirm-2 after a flush"]) == item(
        PUBLISHED, LEASE_AND_FAILURE, gone("rejected"), base=FLUSHED
    )
    assert written(*WRITES["reaffirm-2"]) == item(
        PUBLISHED, gone("key_since"), LEASE_AND_FAILURE, gone("rejected"), base=AGED
    )


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
    update = writes.fail(lease, LoginFailed(REASONS["ip_restricted"]), NOON, 1.0)
    assert update.assign["failure_count"] == count
    assert update.assign["failure_keys"] == frozenset(keys)
    left_s = LEASE.row.lifetime.hard - NOON
    assert update.assign["failure_until"] == NOON + min(60 * 2 ** (count - 1), left_s / 2)


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
    assert written(writes.flush(), item(LEASED, FAILING, learnt)) == learnt | {"fence": 8}


def test_a_flush_of_a_row_that_is_not_there_begins_its_fence() -> None:
    assert written(writes.flush(), {}) == {"fence": 1}


LEARNT = REJECTED | FAILING | {"reject_count": 2, "reject_window": NOON, "tainted_keys": frozenset({"older"})}
BOTH_KEYS = {"tainted_keys": frozenset({"key", "older"})}


def test_a_taint_of_the_rows_key_takes_token_and_lease_and_keeps_what_was_learnt() -> None:
    assert written(WRITES["taint"][0], item(LEASED, LEARNT)) == LEARNT | BOTH_KEYS | {"fence": 8}


def test_a_taint_of_another_key_takes_the_lease_and_leaves_the_token() -> None:
    update = writes.taint("key", of_row=False)
    others = item({"key_id": "other"}, LEARNT)
    assert written(update, others | LEASED) == others | BOTH_KEYS | {"fence": 8}


def test_a_taint_of_a_row_that_is_not_there_begins_its_fence() -> None:
    assert written(writes.taint("key", of_row=False), {}) == {"fence": 1} | TAINTED


def test_a_login_is_counted_and_the_count_is_forgotten_some_time_after_the_hour() -> None:
    ttl = int(NOON) + 7200
    assert written(writes.spend_login(240, NOON), {}) == {"logins": 1, "ttl": ttl}
    assert written(writes.spend_login(240, NOON + 9), {"logins": 1, "ttl": ttl}) == {"logins": 2, "ttl": ttl}


def test_the_budget_is_one_for_each_user_host_and_hour() -> None:
    key = writes.budget_key(a_connection(), NOON)
    assert key == writes.budget_key(a_connection("billing", consumer_key="another app"), NOON + 3599)
    assert key != writes.budget_key(a_connection(), NOON + 3600)
    assert key != writes.budget_key(a_connection(username="other@acme.example"), NOON)
    assert key != writes.budget_key(a_connection(token_host="https://other.my.salesforce.com"), NOON)
    assert key.startswith("b1#")
    assert "integration" not in key


@pytest.mark.parametrize(
    ("need", "names"),
    [
        ("repeatable", {"acquire", "first acquire", "reject", "reject-again", "budget"}),
        ("takes_lease", {"acquire", "first acquire"}),
        ("fences_out", {"flush", "taint", "taint of another's"}),
    ],
)
def test_a_write_says_what_it_needs_of_a_store(need: str, names: set[str]) -> None:
    updates = {name: update for name, (update, _) in WRITES.items()} | {"flush": writes.flush()}
    assert {name for name, update in updates.items() if getattr(update, need)} == names


# --- after a write that was refused, or never answered


@pytest.mark.parametrize(("fence", "landed"), [(8, True), (7, False), (9, False)])
def test_a_publish_had_landed_if_the_rows_token_has_its_fence(fence: int, *, landed: bool) -> None:
    assert decisions.landed(item({"token_fence": fence}), LEASE) is landed
    assert decisions.landed(None, LEASE) is False


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
    assert decisions.held(item(changes, base=LEASE_ROW), LEASE) is held


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
    assert rejections.rejection_stands(row(changes), FP) is stands


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
    assert rejections.counts_again(row(changes), FP, NOON) is again
