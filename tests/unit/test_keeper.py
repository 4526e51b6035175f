"""The keeper refreshes ahead of the callers, and flushes."""

from sfmint.request import FlushRequest, RefreshRequest
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import FencedOut
from sfmint_testing.world import World, get_token


def test_the_keeper_refreshes_what_would_get_soft_before_its_next_tick() -> None:
    world = World()
    first = get_token(world.broker())
    keeper = world.keeper(interval_s=300)
    world.clock.time += 100
    assert keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)["refreshed"] is False
    world.clock.time += 100
    answer = keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)
    assert answer["refreshed"] is True
    assert answer["fingerprint"] != first["fingerprint"]
    assert "access_token" not in answer
    assert get_token(world.broker())["source"] == "cache"


def test_who_asks_for_it_has_a_token_refreshed_that_the_next_tick_would_have_left_alone() -> None:
    world = World()
    first = get_token(world.broker())
    keeper = world.keeper(interval_s=300)
    world.clock.time += 60
    ahead = RefreshRequest(connection="orders", ahead_s=43_200)
    assert keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)["refreshed"] is False
    answer = keeper.refresh(ahead, remaining_s=60)
    assert (answer["refreshed"], answer["fingerprint"] == first["fingerprint"]) == (True, False)
    assert keeper.refresh(ahead, remaining_s=60)["refreshed"] is False  # two of them together are one login
    assert world.salesforce.logins == 2


def test_a_horizon_of_its_own_takes_the_place_of_the_schedule_s() -> None:
    world = World()
    get_token(world.broker())
    world.clock.time += 200  # soft expiry is some 250 s ahead
    keeper = world.keeper(interval_s=300)
    assert keeper.refresh(RefreshRequest(connection="orders", ahead_s=0), remaining_s=60)["refreshed"] is False
    assert keeper.refresh(RefreshRequest(connection="orders", ahead_s=300), remaining_s=60)["refreshed"] is True


def test_a_token_that_was_just_refreshed_is_not_refreshed_ahead_however_short_its_life() -> None:
    world = World()
    get_token(world.broker())
    keeper = world.keeper(interval_s=3600)
    world.clock.time += 59
    assert keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)["refreshed"] is False
    world.clock.time += 1
    assert keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)["refreshed"] is True


def test_the_keeper_tells_of_a_failed_refresh_and_keeps_the_token() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 200
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["no_answer"]))
    answer = world.keeper(interval_s=300).refresh(RefreshRequest(connection="orders"), remaining_s=60)
    assert answer["failure"]["error"] == "SalesforceUnavailable"
    assert get_token(world.broker())["fingerprint"] == first["fingerprint"]


def test_a_flush_fences_out_whoever_mints_meanwhile() -> None:
    world = World()

    def flush() -> None:
        world.salesforce.during = lambda: None
        world.keeper().flush(FlushRequest(connection="orders"))

    world.salesforce.during = flush
    get_token(world.broker())
    assert world.salesforce.logins == 2
    assert world.telemetry.select(FencedOut)
