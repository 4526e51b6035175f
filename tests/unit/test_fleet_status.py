"""The keeper tells what stands on rows: of one connection, or of all, in bounded time."""

import pytest

from sfmint.request import RowsRequest, StatusRequest
from sfmint.row.conditional_write import Item
from sfmint.row.row import row_key
from sfmint_testing.fakes import FakeClock
from sfmint_testing.reference_store import ReferenceStore
from sfmint_testing.world import World, down, get_token

FLEET = tuple(sorted(f"org-{number}" for number in range(61)))


def test_the_rows_say_what_the_brokers_status_says_of_them() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    told = world.keeper().status(RowsRequest(connections=("billing", "orders")))
    of_the_broker = broker.status(StatusRequest(connection="orders"))
    assert told["build"] == "b1"
    assert told["connections"]["orders"].pop("looked_at") is None
    assert told["connections"]["orders"].items() <= of_the_broker.items()
    beside = {"connection", "build", "token", "credentials", "budget"}
    assert of_the_broker.keys() - told["connections"]["orders"].keys() == beside
    assert told["connections"]["billing"]["fence"] is None


def test_neither_a_secret_is_read_nor_anything_decrypted_or_written() -> None:
    world = World()
    get_token(world.broker())
    unsealed, writes = world.sealer.unsealed, list(world.store.calls)
    world.credentials.fail_next("load", AssertionError("a secret was read"))
    world.keeper().status(RowsRequest(connections=("orders",)))
    assert world.sealer.unsealed == unsealed
    assert world.store.calls == [*writes, "read", "read"]  # the row, and when the schedule looked


@pytest.mark.parametrize("denied", [False, True])
def test_a_row_that_cannot_be_read_says_so_and_the_others_are_told(*, denied: bool) -> None:
    world = World()
    world.store.fail_next("read", down(denied=denied))
    told = world.keeper().status(RowsRequest(connections=("billing", "orders")))["connections"]
    assert told["billing"] == {"error": "CacheUnavailable", "message": "AWS did not answer. Call again."}
    assert told["orders"]["fence"] is None


class SlowStore(ReferenceStore):
    """A store that takes a while to read."""

    def __init__(self, clock: FakeClock, takes_s: float) -> None:
        super().__init__()
        self._clock, self._takes_s = clock, takes_s

    def read(self, key: str) -> Item | None:
        self._clock.time += self._takes_s
        return super().read(key)


@pytest.mark.parametrize(("takes_s", "read"), [(0.02, 61), (0.3, 61), (1.0, 20), (2.0, 10)])
def test_a_fleet_is_told_as_far_as_the_time_goes(takes_s: float, read: int) -> None:
    clock = FakeClock()
    world = World(clock=clock, store=SlowStore(clock, takes_s))
    world.store.items[row_key(FLEET[0])] = {"fence": 7}
    began = clock.time
    told = world.keeper().status(RowsRequest(connections=FLEET))["connections"]
    assert clock.time - began <= 20 + takes_s
    assert tuple(told) == FLEET
    assert told[FLEET[0]]["fence"] == 7
    late = [name for name, row in told.items() if "error" in row]
    assert late == list(FLEET[read:])
    for name in late:
        assert told[name]["message"] == "The time for status was over before this row was read. Ask for it alone."
