"""What every store must give the broker: the main ways of a connection's life, through the use cases themselves."""

from collections.abc import Callable
from typing import Any

import pytest

from sfmint.errors import AssertionRejected, RefreshInProgress, RejectionLimited, SalesforceUnavailable
from sfmint.request import FlushRequest, RefreshRequest, StatusRequest
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import RowRepaired, UnusableCopy
from sfmint_testing.backend import Backend
from sfmint_testing.fakes import a_connection
from sfmint_testing.stored_world import KEY, StoredWorld
from sfmint_testing.world import get_token
from sfmint_values.secret import Secret, fingerprint_of


class BehaviourContract:
    """Subclasses give the fixture `backend`."""

    @pytest.fixture
    def world(self, backend: Backend) -> StoredWorld:
        return StoredWorld(clock=backend.clock, backend=backend)

    def test_a_cold_connection_logs_in_once_and_serves_every_environment(self, world: StoredWorld) -> None:
        broker = world.broker()
        answers = [get_token(broker), get_token(broker), get_token(world.broker())]
        assert [answer["source"] for answer in answers] == ["minted", "memory", "cache"]
        assert len({answer["access_token"] for answer in answers}) == 1
        assert world.salesforce.logins == 1

    def test_trust_in_memory_is_renewed_for_as_long_as_the_token_rests(self, world: StoredWorld) -> None:
        broker = world.broker()
        get_token(broker)
        for _ in range(10):
            world.clock.time += 31
            assert get_token(broker)["source"] == "memory"

    def test_a_token_past_soft_expiry_is_refreshed_by_one_and_served_by_the_others(self, world: StoredWorld) -> None:
        first = get_token(world.broker())
        world.clock.time += 500
        others: list[dict[str, Any]] = []
        world.salesforce.during = lambda: others.append(get_token(world.broker()))
        second = get_token(world.broker())
        assert (second["source"], world.salesforce.logins) == ("minted", 2)
        assert [answer["fingerprint"] for answer in others] == [first["fingerprint"]]

    def test_the_keeper_refreshes_what_would_be_due_before_its_next_tick(self, world: StoredWorld) -> None:
        keeper = world.keeper()
        refreshed = []
        for _ in range(3):
            refreshed.append(keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)["refreshed"])
            world.clock.time += 250
        assert refreshed == [True, True, True]
        assert world.salesforce.logins == 3

    def test_a_token_is_never_served_past_its_hard_expiry(self, world: StoredWorld) -> None:
        first = get_token(world.broker())
        world.clock.time += 856
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["no_answer"]))
        with pytest.raises(SalesforceUnavailable):
            get_token(world.broker())
        world.clock.time += 10
        assert get_token(world.broker())["fingerprint"] != first["fingerprint"]

    def test_a_refused_login_is_remembered_and_a_repaired_secret_heals_at_once(self, world: StoredWorld) -> None:
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_audience"]))
        for _ in range(3):
            with pytest.raises(AssertionRejected, match="audience"):
                get_token(world.broker())
        assert world.salesforce.logins == 1
        world.credentials.connections["orders"] = a_connection(audience="https://login.salesforce.com")
        assert get_token(world.broker())["source"] == "minted"
        assert world.salesforce.logins == 2

    def test_a_failing_refresh_leaves_the_good_token_to_everyone(self, world: StoredWorld) -> None:
        first = get_token(world.broker())
        world.clock.time += 500
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["no_answer"]))
        for _ in range(3):
            assert get_token(world.broker())["fingerprint"] == first["fingerprint"]
        assert world.salesforce.logins == 2

    def test_a_rotations_next_key_is_tried_where_the_current_one_is_refused(self, world: StoredWorld) -> None:
        next_one = a_connection(private_key=Secret("another key"))
        world.credentials.made_ready["orders"] = next_one
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
        assert get_token(world.broker())["source"] == "minted"
        assert world.salesforce.logins == 2

    def test_a_rejected_token_is_replaced_by_one_login_whoever_reports_it(self, world: StoredWorld) -> None:
        first = get_token(world.broker())
        healed = [get_token(world.broker(), rejected=first["fingerprint"]) for _ in range(3)]
        assert {answer["fingerprint"] for answer in healed} & {first["fingerprint"]} == set()
        assert len({answer["fingerprint"] for answer in healed}) == 1
        assert world.salesforce.logins == 2

    def test_a_rejection_reaches_the_memory_of_other_environments(self, world: StoredWorld) -> None:
        broker = world.broker()
        first = get_token(broker)
        get_token(world.broker(), rejected=first["fingerprint"])
        world.clock.time += 30
        assert get_token(broker)["fingerprint"] != first["fingerprint"]

    def test_a_flushed_token_is_gone_after_the_trust_in_memory(self, world: StoredWorld) -> None:
        broker = world.broker()
        first = get_token(broker)
        assert world.keeper().flush(FlushRequest(connection="orders"))["flushed"]
        world.clock.time += 30
        second = get_token(broker)
        assert (second["source"], second["fingerprint"] == first["fingerprint"]) == ("minted", False)

    def test_a_flush_forgets_a_failure(self, world: StoredWorld) -> None:
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
        with pytest.raises(AssertionRejected):
            get_token(world.broker())
        world.keeper().flush(FlushRequest(connection="orders"))
        assert get_token(world.broker())["source"] == "minted"

    def test_a_login_that_a_flush_overtakes_is_dropped(self, world: StoredWorld) -> None:
        world.salesforce.during = once(lambda: world.keeper().flush(FlushRequest(connection="orders")))
        token = get_token(world.broker(), deadline_s=40)
        assert world.salesforce.logins == 2
        assert token["fingerprint"] == CacheRow.from_item(world.item()).fingerprint

    def test_who_finds_the_lease_held_waits_and_serves_what_its_holder_publishes(self, world: StoredWorld) -> None:
        first = get_token(world.broker())
        published = world.item()
        world.backend.put(KEY, {"fence": 3, "lease_owner": "somebody", "lease_until": world.clock.now() + 20})
        world.clock.on_sleep = lambda: world.backend.put(KEY, published)
        waited = get_token(world.broker())
        assert (waited["source"], waited["fingerprint"]) == ("cache", first["fingerprint"])
        assert world.salesforce.logins == 1

    def test_who_waits_in_vain_is_told_so(self, world: StoredWorld) -> None:
        world.put(fence=3, lease_owner="somebody", lease_until=world.clock.now() + 20)
        with pytest.raises(RefreshInProgress):
            get_token(world.broker(), deadline_s=5)
        assert world.salesforce.logins == 0

    def test_a_lease_that_has_run_out_is_taken_over(self, world: StoredWorld) -> None:
        world.put(fence=3, lease_owner="somebody", lease_until=world.clock.now() + 20)
        assert get_token(world.broker(), deadline_s=40)["source"] == "minted"
        assert world.item()["fence"] == 4
        assert world.clock.now() >= world.backend.clock.now()

    @pytest.mark.parametrize("name", ["sealed", "fingerprint", "token_fence", "hard_expiry"])
    def test_half_a_row_is_never_served_and_is_minted_over(self, world: StoredWorld, name: str) -> None:
        get_token(world.broker())
        world.clock.time += 61
        world.put(name)
        assert get_token(world.broker())["source"] == "minted"
        assert world.telemetry.select(RowRepaired)

    @pytest.mark.parametrize("name", ["fence", "lease_until", "fingerprint", "hard_expiry", "failure_until"])
    def test_an_attribute_of_a_wrong_type_is_taken_away_and_said(self, world: StoredWorld, name: str) -> None:
        get_token(world.broker())
        world.clock.time += 61
        world.put(**{name: frozenset({"by hand"})})
        get_token(world.broker())
        assert world.telemetry.select(RowRepaired)
        assert world.item().get(name) != frozenset({"by hand"})

    def test_a_copy_of_another_fence_is_never_served(self, world: StoredWorld) -> None:
        first = get_token(world.broker())
        world.clock.time += 61
        world.put(fence=9, token_fence=9)
        second = get_token(world.broker())
        assert (second["source"], second["fingerprint"] == first["fingerprint"]) == ("minted", False)
        assert world.telemetry.select(UnusableCopy)

    def test_a_session_that_is_handed_out_again_is_reaffirmed(self, world: StoredWorld) -> None:
        world.salesforce.answers = {"access_token": "00D!same"}
        first = get_token(world.broker())
        world.clock.time += 500
        second = get_token(world.broker())
        assert (second["source"], second["fingerprint"]) == ("minted", first["fingerprint"])
        assert CacheRow.from_item(world.item()).token_fence == 2

    def test_a_rejected_session_that_is_still_handed_out_after_ten_minutes_is_served_again(
        self, world: StoredWorld
    ) -> None:
        world.salesforce.answers = {"access_token": "00D!same"}
        first = get_token(world.broker())
        with pytest.raises(SalesforceUnavailable):
            get_token(world.broker(), rejected=first["fingerprint"])
        world.clock.time += 601
        again = [get_token(world.broker()), get_token(world.broker())]
        assert [answer["fingerprint"] for answer in again] == [first["fingerprint"]] * 2
        assert [answer["source"] for answer in again] == ["minted", "cache"]

    def test_the_status_tells_what_stands_in_the_store(self, world: StoredWorld) -> None:
        token = get_token(world.broker())
        status = world.broker().status(StatusRequest(connection="orders"))
        assert (status["fingerprint"], status["fence"], status["failure"]) == (token["fingerprint"], 1, None)
        assert status["token"]["fingerprint"] == token["fingerprint"]

    def test_connections_do_not_meet(self, world: StoredWorld) -> None:
        get_token(world.broker())
        assert world.backend.store.read(row_key("orders-2")) is None
        assert world.backend.store.read(row_key("order")) is None

    @pytest.mark.parametrize("late_s", [0, 25])
    def test_of_two_who_acquire_at_once_one_logs_in(self, world: StoredWorld, late_s: float) -> None:
        others: list[dict[str, Any]] = []

        def other() -> None:
            world.clock.time += late_s
            others.append(get_token(world.broker()))

        world.backend.before_next_write(other)
        mine = get_token(world.broker())
        assert [mine["source"], *(answer["source"] for answer in others)] == ["cache", "minted"]
        assert world.salesforce.logins == 1

    def test_a_publish_that_comes_after_its_lease_leaves_the_newer_token(self, world: StoredWorld) -> None:
        newer: list[str] = []

        def take_over() -> None:
            world.clock.time += 25
            newer.append(get_token(world.broker(), deadline_s=40)["fingerprint"])

        world.salesforce.during = once(lambda: world.backend.before_next_write(take_over))
        get_token(world.broker(), deadline_s=40)
        assert get_token(world.broker())["fingerprint"] == newer[0]
        assert world.salesforce.logins == 2

    def test_a_flush_that_meets_a_publish_on_its_way_is_not_undone(self, world: StoredWorld) -> None:
        def flush() -> None:
            world.keeper().flush(FlushRequest(connection="orders"))

        world.salesforce.during = once(lambda: world.backend.before_next_write(flush))
        get_token(world.broker(), deadline_s=40)
        get_token(world.broker(), deadline_s=40)
        assert world.salesforce.logins == 2
        assert CacheRow.from_item(world.item()).fingerprint == fingerprint_of("00Dxx0000000001!token-2")

    def test_a_late_rejection_does_not_undo_that_of_the_successor(self, world: StoredWorld) -> None:
        first = get_token(world.broker())["fingerprint"]
        second: list[str] = []

        def reject_twice() -> None:
            second.append(get_token(world.broker(), rejected=first)["fingerprint"])
            world.clock.time += 61
            get_token(world.broker(), rejected=second[0])

        world.backend.before_next_write(reject_twice)
        third = get_token(world.broker(), rejected=first)["fingerprint"]
        assert len({first, *second, third}) == 3
        assert get_token(world.broker())["fingerprint"] == third
        assert world.salesforce.logins == 3

    def test_a_late_rejection_does_not_drop_the_successor(self, world: StoredWorld) -> None:
        first = get_token(world.broker())["fingerprint"]

        def replace_it() -> None:
            world.keeper().flush(FlushRequest(connection="orders"))
            get_token(world.broker())

        world.backend.before_next_write(replace_it)
        assert get_token(world.broker(), rejected=first)["source"] == "cache"
        assert world.salesforce.logins == 2

    def test_the_breaker_opens_at_three_rejections_in_ten_minutes(self, world: StoredWorld) -> None:
        token = get_token(world.broker())
        for _ in range(3):
            world.clock.time += 61
            token = get_token(world.broker(), rejected=token["fingerprint"])
        world.clock.time += 61
        with pytest.raises(RejectionLimited):
            get_token(world.broker(), rejected=token["fingerprint"])
        assert world.salesforce.logins == 4
        world.clock.time += 600
        assert get_token(world.broker(), rejected=token["fingerprint"])["source"] == "minted"


def once(happen: Callable[[], object]) -> Callable[[], None]:
    """Return what happens the first time it is called."""
    waiting = [happen]

    def strike() -> None:
        if waiting:
            waiting.pop()()

    return strike
