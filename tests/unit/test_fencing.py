"""What is out of date or made up on the row, or comes too late to it, is never served."""

import pytest

from sfmint.errors import CacheUnavailable
from sfmint.row.row import row_key
from sfmint.telemetry import FencedOut, UnusableCopy
from sfmint_testing.world import World, get_token


def test_a_copy_that_does_not_open_is_replaced_and_never_served() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 61
    world.store.items[row_key("orders")]["sealed"] = b"garbage"
    second = get_token(world.broker())
    assert second["source"] == "minted"
    assert second["fingerprint"] != first["fingerprint"]
    assert world.telemetry.select(UnusableCopy)


def test_a_stretched_expiry_on_the_row_is_not_believed() -> None:
    world = World()
    get_token(world.broker())
    world.store.items[row_key("orders")] |= {"hard_expiry": world.clock.time + 90_000, "soft_expiry": world.clock.time}
    world.clock.time += 900
    answer = get_token(world.broker())
    assert answer["source"] == "minted"


def test_a_late_publish_is_fenced_out_and_the_newer_token_is_kept() -> None:
    world = World()

    def overtake() -> None:
        world.salesforce.during = lambda: None
        world.clock.time += 21
        get_token(world.broker())

    world.salesforce.during = overtake
    answer = get_token(world.broker())
    assert answer["source"] == "cache"
    assert world.row().fingerprint == answer["fingerprint"]
    assert world.telemetry.select(FencedOut)


@pytest.mark.parametrize("call", ["seal", "publish"])
def test_who_wakes_after_his_lease_gets_the_newer_token_whatever_fails_then(call: str) -> None:
    world = World()
    asleep = iter([True])

    def overtake() -> None:
        if next(asleep, False):
            world.clock.time += 21
            get_token(world.broker())
            failing = world.sealer if call == "seal" else world.store
            failing.fail_next(call, CacheUnavailable("AWS did not answer.", remedy="Call again."))

    world.salesforce.during = overtake
    answer = get_token(world.broker())
    assert answer["source"] == "cache"
    assert world.telemetry.select(FencedOut)
