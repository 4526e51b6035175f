"""What holds of any row and any caller."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sfmint.errors import CacheUnavailable, SalesforceUnavailable
from sfmint.row import decisions, writes
from sfmint.row.conditional_write import ConditionFailed, Value, Written
from sfmint.row.decisions import Attempt, GiveUp, Mint, Progress, Seen, Serve, Want
from sfmint.row.row import CacheRow
from sfmint_testing.fakes import NOON
from sfmint_testing.reference_store import ReferenceStore, holds
from sfmint_testing.rows import ATTEMPT, FP, OTHER_FP

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
        "key_id": st.sampled_from(["key", "other"]),
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
)
DENIED = CacheUnavailable("KMS says no.", remedy="Let the role use the key.", denied=True)
PROGRESS = st.builds(
    Progress,
    bad_fence=st.none() | st.integers(1, 9),
    failed_refresh=st.sampled_from([None, SalesforceUnavailable("It is down.", remedy="Call again.")]),
)


@given(stored=ITEMS, want=WANTS, progress=PROGRESS, refused=st.sampled_from([None, ATTEMPT]))
@settings(max_examples=300)
def test_nothing_is_served_past_hard_expiry_or_once_it_is_rejected(
    stored: dict[str, Value], want: Want, progress: Progress, refused: Attempt | None
) -> None:
    row = CacheRow.from_item(stored)
    seen = Seen(row, NOON, refused)
    error = SalesforceUnavailable("It is down.", remedy="Call again.")
    if decisions.decide(seen, want, progress) == Serve() or decisions.outlives(seen, want, progress, error):
        assert row.hard_expiry is not None
        assert row.hard_expiry > NOON
        assert row.fingerprint not in {row.rejected, want.rejected}
        assert row.token_fence not in {None, progress.bad_fence}  # a copy that cannot be opened would be tried for ever


@given(stored=ITEMS, want=WANTS, progress=PROGRESS)
@settings(max_examples=300)
def test_a_denial_is_never_outlived(stored: dict[str, Value], want: Want, progress: Progress) -> None:
    assert not decisions.outlives(Seen(CacheRow.from_item(stored), NOON), want, progress, DENIED)


@given(stored=ITEMS, want=WANTS, progress=PROGRESS)
@settings(max_examples=300)
def test_a_failed_refresh_is_not_tried_again_while_the_token_is_servable(
    stored: dict[str, Value], want: Want, progress: Progress
) -> None:
    row = CacheRow.from_item(stored)
    step = decisions.decide(Seen(row, NOON), want, progress)
    if progress.failed_refresh is not None and decisions.servable(row, want, progress, NOON):
        assert isinstance(step, Serve | GiveUp)
        assert not isinstance(step, Serve) or step.failed_refresh is progress.failed_refresh


@given(stored=ITEMS, want=WANTS, progress=PROGRESS)
@settings(max_examples=300)
def test_whoever_is_told_to_mint_gets_the_lease_or_an_answer_and_never_spins(
    stored: dict[str, Value], want: Want, progress: Progress
) -> None:
    row = CacheRow.from_item(stored)
    step = decisions.decide(Seen(row, NOON), want, progress)
    if not isinstance(step, Mint):
        return
    attempt = replace(ATTEMPT, me="new", seen=row.fence)
    store = ReferenceStore()
    store.items["key"] = dict(stored)
    outcome = store.write("key", writes.acquire(attempt, row, want, progress))
    if isinstance(outcome, ConditionFailed):
        after = decisions.decide(Seen(CacheRow.from_item(outcome.item), NOON, attempt), want, progress)
        assert isinstance(after, Serve if decisions.servable(row, want, progress, NOON) else GiveUp)


@given(stored=ITEMS, want=WANTS, progress=PROGRESS)
@settings(max_examples=300)
def test_nobody_gets_the_lease_beside_a_holder_or_with_a_tainted_key_or_too_early(
    stored: dict[str, Value], want: Want, progress: Progress
) -> None:
    seen = CacheRow.from_item(stored)
    condition = writes.acquire(replace(ATTEMPT, seen=seen.fence), seen, want, progress).condition
    assert condition is not None
    if not holds(condition, stored):
        return
    assert seen.lease_until is None or not NOON < seen.lease_until <= NOON + 60
    assert "key" not in (seen.tainted_keys or ())
    live = seen.failure_until is not None and NOON < seen.failure_until <= NOON + 3900
    assert not live or (seen.failure_code == "AssertionRejected" and "config|key" not in (seen.failure_keys or ()))
    assert not decisions.servable(seen, want, progress, NOON) or decisions.due(seen, want, NOON)


@given(stored=ITEMS, want=WANTS)
@settings(max_examples=300)
def test_of_the_two_ways_to_taint_a_key_one_lands_and_leaves_neither_its_token_nor_a_way_to_mint_with_it(
    stored: dict[str, Value], want: Want
) -> None:
    landed = []
    for of_row in (True, False):
        store = ReferenceStore()
        store.items["key"] = dict(stored)
        outcome = store.write("key", writes.taint("key", of_row=of_row))
        if isinstance(outcome, Written):
            landed.append(CacheRow.from_item(outcome.item))
    [after] = landed
    assert after.fence == (CacheRow.from_item(stored).fence or 0) + 1
    assert after.key_id != "key"
    assert after.lease_owner is None
    condition = writes.acquire(replace(ATTEMPT, seen=after.fence), after, want, Progress()).condition
    assert condition is not None
    assert not holds(
        condition, {**stored, "fence": after.fence or 0, "tainted_keys": after.tainted_keys or frozenset()}
    )
