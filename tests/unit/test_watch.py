"""The watch counts how all connections are: what alarms stand on."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import SfmintError
from sfmint.request import FlushRequest, RefreshRequest, RowsRequest, WatchRequest
from sfmint.row import health, looks
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry.operators import Watched
from sfmint.use_cases.row_status import row_status
from sfmint_cli.status.rows import Row
from sfmint_cli.status.state import State, state_of
from sfmint_testing.fakes import NOON, a_connection
from sfmint_testing.world import World, down, get_token

TICK_S = 300
NONE: dict[str, list[str]] = {"overlooked": [], "failing": [], "breaker_open": []}


def watch(world: World, *names: str, interval_s: float = TICK_S) -> dict[str, Any]:
    """Let the watch run, and return what it answers and what it counts."""
    answer = world.keeper(interval_s).watch.run(WatchRequest(connections=tuple(sorted(names or ("orders",)))))
    counts = world.telemetry.select(Watched)[-1].counts()
    found = answer["connections"]
    assert [len(found[what]) for what in NONE] == list(counts.values())[:3]
    assert counts["TokenAgePercent"] == answer["token_age_percent"]
    return answer


def counted(world: World, *names: str) -> Mapping[str, int]:
    """Let the watch run, and return what it counts."""
    watch(world, *names)
    return world.telemetry.select(Watched)[-1].counts()


def tick(world: World, name: str = "orders", **fields: Any) -> None:
    """Let the schedule look at a connection; whatever comes of it."""
    with suppress(SfmintError):
        world.keeper(TICK_S).refresh(RefreshRequest(connection=name, **fields), remaining_s=60)


def a_while(world: World, seconds: float, *names: str, ticks: tuple[str, ...] = ()) -> dict[str, Any]:
    """Let time pass: every five minutes the watch runs, and the schedule looks at these; return the last answer."""
    answer: dict[str, Any] = {}
    for _ in range(int(seconds / TICK_S)):
        world.clock.time += TICK_S
        for name in ticks:
            tick(world, name)
        answer = watch(world, *names)
    return answer


def fail(world: World, reason: str = "no_answer") -> None:
    """Let Salesforce refuse every login from here on."""

    def refuse() -> None:
        raise LoginFailed(REASONS[reason])

    world.salesforce.during = refuse


def unreadable(patch: pytest.MonkeyPatch, world: World, *keys: str) -> None:
    """Let the store answer no read of these items."""
    read = world.store.read

    def answer(key: str) -> Item | None:
        if key in keys:
            raise down()
        return read(key)

    patch.setattr(world.store, "read", answer)


def heal(world: World) -> None:
    world.salesforce.during = lambda: None


def test_a_stack_without_tokens_is_well() -> None:
    assert watch(World(), "orders", "billing", "admin-org") == {"connections": NONE, "token_age_percent": 0}


def test_neither_a_secret_is_read_nor_anything_decrypted() -> None:
    world = World()
    tick(world)
    unsealed = world.sealer.unsealed
    world.credentials.fail_next("load", AssertionError("a secret was read"))
    watch(world)
    assert world.sealer.unsealed == unsealed


# ------------------------------------------------------------------------------------------------ overlooked


def test_a_connection_is_overlooked_once_the_schedule_has_left_it_out_for_three_ticks() -> None:
    world = World()
    world.credentials.connections["billing"] = a_connection("billing")
    names, both = ("billing", "orders"), ("orders", "billing")
    watch(world, *names)
    assert a_while(world, 1200, *names, ticks=both)["connections"]["overlooked"] == []
    assert a_while(world, 600, *names, ticks=("orders",))["connections"]["overlooked"] == []
    assert a_while(world, 600, *names, ticks=("orders",))["connections"]["overlooked"] == ["billing"]
    assert a_while(world, 300, *names, ticks=both)["connections"]["overlooked"] == []


def test_one_that_was_never_looked_at_counts_from_when_the_watch_has_first_seen_it() -> None:
    world = World()
    assert a_while(world, 1200, "orders")["connections"]["overlooked"] == []
    assert a_while(world, 300, "new", "orders", ticks=("orders",))["connections"]["overlooked"] == []
    assert a_while(world, 600, "new", "orders", ticks=("orders",))["connections"]["overlooked"] == []
    assert a_while(world, 600, "new", "orders", ticks=("orders",))["connections"]["overlooked"] == ["new"]


def test_a_schedule_that_was_off_for_days_begins_anew() -> None:
    world = World()
    a_while(world, 1200, ticks=("orders",))
    world.clock.time += 7 * 86_400
    assert watch(world)["connections"]["overlooked"] == []
    assert a_while(world, 900)["connections"]["overlooked"] == []
    assert a_while(world, 300)["connections"]["overlooked"] == ["orders"]


def test_one_that_was_taken_out_and_put_back_begins_anew() -> None:
    world = World()
    a_while(world, 1200, "billing", "orders", ticks=("orders", "billing"))
    a_while(world, 3600, "orders", ticks=("orders",))
    assert a_while(world, 300, "billing", "orders", ticks=("orders",))["connections"]["overlooked"] == []


def test_a_look_counts_whatever_comes_of_it() -> None:
    world = World()
    del world.credentials.connections["orders"]
    assert a_while(world, 3000, ticks=("orders",))["connections"]["overlooked"] == []


def test_who_refreshes_by_hand_ahead_of_time_is_no_schedule() -> None:
    world = World()
    answer = watch(world)
    for _ in range(5):
        tick(world, ahead_s=0)
        answer = a_while(world, TICK_S)
    assert answer["connections"]["overlooked"] == ["orders"]


def test_nobody_looks_at_an_admin_connection_ahead_of_time() -> None:
    assert a_while(World(), 3000, "admin-org")["connections"]["overlooked"] == []


def test_without_a_schedule_nothing_is_overlooked_and_nothing_is_noted() -> None:
    world = World()
    world.keeper(interval_s=0).refresh(RefreshRequest(connection="orders"), remaining_s=60)
    world.clock.time += 86_400
    assert watch(world, interval_s=0)["connections"]["overlooked"] == []
    assert not [key for key in world.store.items if key.startswith(("l1#", "w1#"))]


@pytest.mark.parametrize("denied", [False, True])
def test_a_look_that_cannot_be_noted_changes_nothing_for_the_refresh(*, denied: bool) -> None:
    world = World()
    world.store.fail_next("note-look", down(denied=denied))
    answer = world.keeper().refresh(RefreshRequest(connection="orders"), remaining_s=60)
    assert answer["refreshed"] is True


def test_what_cannot_be_noted_is_new_once_more() -> None:
    world = World()
    for _ in range(9):
        world.store.fail_next("note-new", down())
        world.clock.time += TICK_S
        assert watch(world)["connections"]["overlooked"] == []


def test_what_could_be_noted_is_not_new_again_when_the_rest_could_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameter Store takes three writes a second: a large stack needs more than one run."""
    world = World()
    names = tuple(f"org-{number:02}" for number in range(9))
    write, room = world.store.write, [0]

    def throttled(key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        if update.name == "note-new":
            room[0] -= 1
            if room[0] < 0:
                raise down()
        return write(key, update)

    monkeypatch.setattr(world.store, "write", throttled)
    for _ in range(9):
        room[0] = 3
        a_while(world, TICK_S, *names)
    assert watch(world, *names)["connections"]["overlooked"] == list(names)


def test_a_watch_that_cannot_read_what_it_has_seen_forgives_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    watch(world)
    for run in range(9):
        with monkeypatch.context() as patch:
            if run % 2 == 0:
                unreadable(patch, world, looks.WATCH_KEY)
            a_while(world, TICK_S)
    assert watch(world)["connections"]["overlooked"] == ["orders"]


def test_a_gap_of_the_watch_that_is_shorter_than_a_tick_forgives_nobody() -> None:
    world, an_hour_s = World(), 3600
    for _ in range(8):
        watch(world, interval_s=an_hour_s)
        world.clock.time += an_hour_s / 2
    assert watch(world, interval_s=an_hour_s)["connections"]["overlooked"] == ["orders"]


def test_a_note_that_cannot_be_read_is_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    a_while(world, 1200, ticks=("orders",))
    unreadable(monkeypatch, world, looks.look_key("orders"))
    assert watch(world)["connections"]["overlooked"] == ["orders"]


def test_a_store_that_does_not_answer_is_told_as_failing_and_not_as_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    a_while(world, 1200, ticks=("orders",))
    unreadable(monkeypatch, world, "t1#orders", looks.WATCH_KEY, looks.look_key("orders"))
    assert watch(world)["connections"] == NONE | {"failing": ["orders"]}


@pytest.mark.parametrize("name", ["looked_at", "new_at"])
def test_a_note_of_the_future_is_no_look(name: str) -> None:
    world = World()
    a_while(world, 1200, ticks=("orders",))
    world.store.items["l1#orders"] = {name: 253_402_300_799.0}
    assert watch(world)["connections"]["overlooked"] == ["orders"]


@given(
    st.dictionaries(
        st.sampled_from(["looked_at", "new_at", "ran_at", "connections"]),
        st.one_of(st.floats(), st.integers(), st.text(), st.binary(), st.just(frozenset()), st.frozensets(st.text())),
    )
)
def test_whatever_somebody_else_wrote_there_the_watch_goes_on(item: dict[str, Any]) -> None:
    assert looks.is_overlooked(item, NOON, TICK_S) in {True, False}
    assert looks.is_new(item, NOON, TICK_S) in {True, False}
    assert isinstance(looks.known(item, NOON, 900), frozenset)
    at = looks.looked_at(item)
    assert at is None or isinstance(at, float)


def test_status_shows_when_the_schedule_looked() -> None:
    world = World()
    keeper = world.keeper()
    assert keeper.status(RowsRequest(connections=("orders",)))["connections"]["orders"]["looked_at"] is None
    tick(world)
    world.clock.time += 100
    told = keeper.status(RowsRequest(connections=("orders",)))["connections"]["orders"]
    assert told["looked_at"] == "2026-11-23T12:00:00Z"


# ------------------------------------------------------------------------------------------------ failing


@pytest.mark.parametrize("reason", ["no_answer", "wrong_audience", "login_rate", "login_budget"])
def test_logins_that_fail_are_told_at_every_run_until_one_succeeds(reason: str) -> None:
    world = World()
    fail(world, reason)
    for _ in range(12):
        tick(world)
        for _ in range(10):
            world.clock.time += 30
            assert watch(world)["connections"]["failing"] == ["orders"]
    heal(world)
    world.clock.time += 3600
    tick(world)
    assert watch(world)["connections"]["failing"] == []


def test_a_refresh_that_fails_is_told_while_the_old_token_is_served() -> None:
    world = World()
    tick(world)
    world.clock.time += 300
    fail(world)
    tick(world)
    world.clock.time += 200
    answer = watch(world)
    assert (answer["connections"]["failing"], answer["token_age_percent"]) == (["orders"], 58)
    heal(world)
    tick(world)
    assert watch(world)["connections"]["failing"] == []


def test_an_admin_connection_fails_only_while_that_is_remembered() -> None:
    world = World()
    world.credentials.connections["admin-org"] = a_connection("admin-org")
    fail(world)
    tick(world, "admin-org")
    assert watch(world, "admin-org")["connections"]["failing"] == ["admin-org"]
    world.clock.time += 600
    assert watch(world, "admin-org")["connections"]["failing"] == []


def test_a_row_that_cannot_be_read_is_failing_and_the_others_are_told() -> None:
    world = World()
    world.store.fail_next("read", down())
    assert watch(world, "billing", "orders")["connections"]["failing"] == ["billing"]


# ------------------------------------------------------------------------------------------------ the breaker and age


def test_fresh_tokens_that_keep_being_refused_are_told() -> None:
    world = World()
    for _ in range(3):
        refused = get_token(world.broker())["fingerprint"]
        world.clock.time += 61
        get_token(world.broker(), rejected=refused)
    answer = watch(world)
    assert answer["connections"]["breaker_open"] == ["orders"]
    world.clock.time += 600
    assert watch(world)["connections"]["breaker_open"] == []


def test_a_breaker_closes_though_the_keeper_goes_on_refreshing() -> None:
    world = World()
    for _ in range(3):
        refused = get_token(world.broker())["fingerprint"]
        world.clock.time += 61
        get_token(world.broker(), rejected=refused)
    for _ in range(3):
        world.clock.time += 300
        tick(world)
    assert world.row().reject_count == 3
    assert row_status(world.row(), world.clock.now())["reject_count"] == 0
    assert watch(world)["connections"]["breaker_open"] == []


ROWS = st.builds(
    CacheRow,
    fence=st.just(4),
    fingerprint=st.just("0123456789abcdef"),
    sealed=st.just(b"sealed"),
    token_fence=st.just(4),
    issued_at=st.one_of(st.none(), st.floats(NOON - 2000, NOON + 60)),
    soft_expiry=st.one_of(st.none(), st.floats(NOON - 500, NOON + 500)),
    hard_expiry=st.one_of(st.none(), st.floats(NOON - 500, NOON + 900)),
    rejected=st.sampled_from([None, "0123456789abcdef", "fedcba9876543210"]),
    reject_count=st.integers(0, 5),
    reject_window=st.one_of(st.none(), st.floats(NOON - 700, NOON)),
)


@given(ROWS, st.floats(-62_135_596_800, 253_402_300_799))
def test_no_row_makes_a_token_older_than_its_life(row: CacheRow, now: float) -> None:
    assert 0 <= health.age_percent(row, now) <= 100


@given(ROWS)
def test_the_watch_and_the_program_call_the_same_connections_open(row: CacheRow) -> None:
    world = World()
    world.store.items["t1#orders"] = {
        name: value for name in CacheRow.__slots__ if name != "malformed" and (value := getattr(row, name)) is not None
    }
    said = Row.read("orders", row_status(row, world.clock.now()))
    is_open = state_of(said, world.clock.now()) is State.BREAKER_OPEN
    assert watch(world)["connections"]["breaker_open"] == (["orders"] if is_open else [])


def test_the_oldest_token_that_is_refreshed_ahead_is_what_counts() -> None:
    world = World()
    for name in ("billing", "admin-org"):
        world.credentials.connections[name] = a_connection(name)
    tick(world, "admin-org")
    world.clock.time += 300
    tick(world, "billing")
    world.clock.time += 428
    tick(world, "orders")
    answer = watch(world, "admin-org", "billing", "orders")
    assert answer["token_age_percent"] == 50
    world.clock.time += 428
    tick(world, "orders")
    assert watch(world, "billing", "orders")["token_age_percent"] < 50  # what is new to the watch may be over


def test_a_token_that_is_over_and_was_not_replaced_is_as_old_as_can_be_until_another_one_is_there() -> None:
    """Whatever keeps it from being replaced: here a secret that is gone, which no row remembers."""
    world = World()
    a_while(world, 1800, ticks=("orders",))
    del world.credentials.connections["orders"]
    ages = [a_while(world, TICK_S, ticks=("orders",))["token_age_percent"] for _ in range(12)]
    assert set(ages[3:]) == {100}
    world.credentials.connections["orders"] = a_connection("orders")
    assert a_while(world, TICK_S, ticks=("orders",))["token_age_percent"] == 0


def test_a_token_that_is_over_does_not_count_before_the_schedule_has_had_its_turn() -> None:
    world = World()
    tick(world)
    world.clock.time += 7 * 86_400
    assert watch(world)["token_age_percent"] == 0
    assert a_while(world, 900)["token_age_percent"] == 0
    assert a_while(world, 300)["token_age_percent"] == 100


@pytest.mark.parametrize(("name", "interval_s"), [("orders", 0), ("admin-org", TICK_S)])
def test_a_token_that_nobody_refreshes_ahead_may_be_over(name: str, interval_s: float) -> None:
    world = World()
    world.credentials.connections["admin-org"] = a_connection("admin-org")
    watch(world, name)
    tick(world, name)
    for _ in range(9):
        world.clock.time += TICK_S
        assert watch(world, name, interval_s=interval_s)["token_age_percent"] <= 95
    assert watch(world, name, interval_s=interval_s)["token_age_percent"] == 0


def test_one_that_never_had_a_token_is_not_old() -> None:
    world = World()
    del world.credentials.connections["orders"]
    assert a_while(world, 3600, ticks=("orders",))["token_age_percent"] == 0


def test_a_token_that_was_flushed_is_not_old() -> None:
    world = World()
    a_while(world, 1800, ticks=("orders",))
    world.keeper().flush(FlushRequest(connection="orders"))
    assert a_while(world, 3600)["token_age_percent"] == 0


def test_the_first_certificate_that_ends_is_told_at_every_run_whoever_logs_in() -> None:
    """Tokens of hours: what a login tells is no longer true when the next connection logs in."""
    world = World()
    world.credentials.connections["billing"] = a_connection("billing")
    assert "CertificateDaysLeft" not in counted(world, "billing", "orders")
    for name, days in (("billing", 20), ("orders", 300), ("admin-org", 5)):
        world.credentials.connections[name] = a_connection(name)
        world.signers.valid_until = datetime.fromtimestamp(world.clock.now() + days * 86_400 + 60, UTC)
        tick(world, name)
    assert counted(world, "admin-org", "billing", "orders")["CertificateDaysLeft"] == 20
    world.clock.time += 21 * 86_400
    assert counted(world, "admin-org", "billing", "orders")["CertificateDaysLeft"] == -1


# ------------------------------------------------------------------------------------------------ the log


def test_the_log_names_the_connections_that_are_not_well() -> None:
    world = World()
    watch(world, "billing", "orders")
    fail(world)
    tick(world, "orders")
    a_while(world, 1200, "billing", "orders")
    told = world.telemetry.records[-1]
    assert isinstance(told, Watched)
    assert told.concerned == "billing (overlooked), orders (overlooked, failing)"
