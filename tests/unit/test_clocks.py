"""Clocks that disagree: said, and beyond half a minute no reason to log in."""

import pytest

from sfmint.errors import AssertionRejected, CacheUnavailable
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import ClockOff, ClockWentBack
from sfmint_testing.world import World, get_token


def told(world: World) -> list[tuple[str, int]]:
    return [(off.compared_with, off.behind_s) for off in world.telemetry.select(ClockOff) if isinstance(off, ClockOff)]


@pytest.mark.parametrize("behind_s", [None, 0, 3, -3, 5, -5])
def test_a_few_seconds_are_no_difference(behind_s: float | None) -> None:
    world = World()
    world.store.behind = world.salesforce.behind = behind_s
    get_token(world.broker())
    assert told(world) == []


@pytest.mark.parametrize("behind_s", [6, -6, 30, -30])
def test_more_than_that_is_said(behind_s: int) -> None:
    world = World()
    world.store.behind = world.salesforce.behind = behind_s
    assert get_token(world.broker())["source"] == "minted"
    assert told(world) == [("store", behind_s), ("Salesforce", behind_s)]


@pytest.mark.parametrize(("behind_s", "words"), [(120, "2 minutes behind AWS's"), (-120, "2 minutes ahead of AWS's")])
def test_a_clock_that_is_far_off_logs_nobody_in(behind_s: int, words: str) -> None:
    world = World()
    world.store.behind = behind_s
    with pytest.raises(CacheUnavailable, match=words):
        get_token(world.broker())
    assert told(world) == [("store", behind_s)]
    assert world.salesforce.logins == 0


def test_a_clock_that_is_far_off_goes_on_serving_what_is_good() -> None:
    world = World()
    first = get_token(world.broker())
    world.store.behind = 120
    world.clock.time += 460
    assert get_token(world.broker())["fingerprint"] == first["fingerprint"]
    assert world.salesforce.logins == 1


def test_a_refusal_says_that_the_clock_is_off() -> None:
    world = World()
    world.salesforce.behind = 900
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
    with pytest.raises(AssertionRejected, match="15 minutes behind Salesforce's"):
        get_token(world.broker())


def test_memory_is_not_trusted_by_a_clock_that_went_back() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time -= 1
    world.store.calls.clear()
    assert get_token(broker)["source"] == "memory"
    assert world.store.calls == ["peek"]
    assert len(world.telemetry.select(ClockWentBack)) == 1
