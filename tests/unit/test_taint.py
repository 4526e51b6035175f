"""An operator taints a leaked key: its token is dropped, and it never mints again."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from sfmint.errors import (
    AssertionRejected,
    CacheUnavailable,
    InvalidCredentials,
    InvalidRequest,
    RefreshInProgress,
    SfmintError,
)
from sfmint.request import FlushRequest, RefreshRequest, StatusRequest, TaintRequest
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Written
from sfmint.row.row import row_key
from sfmint.salesforce.grace import GRACE_S
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import FencedOut
from sfmint.telemetry.operators import Tainted
from sfmint_testing.fakes import FakeSigners, a_connection
from sfmint_testing.reference_store import ReferenceStore
from sfmint_testing.world import World, down, get_token
from sfmint_values.secret import Secret

KEY = row_key("orders")
LEAKED = FakeSigners().signer(a_connection()).key_id
OTHER = a_connection(private_key=Secret("another key"))
OTHER_KEY = FakeSigners().signer(OTHER).key_id


def taint(world: World, key_id: str = LEAKED) -> dict[str, Any]:
    return world.keeper().taint(TaintRequest(connection="orders", key_id=key_id))


def cannot_mint(world: World) -> bool:
    """Return whether the next request of a new environment is refused for the key, without a login."""
    logins = world.salesforce.logins
    with pytest.raises(InvalidCredentials, match=f"The key {LEAKED} is tainted"):
        get_token(world.broker())
    return world.salesforce.logins == logins


def test_the_answer_to_a_taint_is_metadata_only() -> None:
    world = World()
    get_token(world.broker())
    assert taint(world) == {
        "connection": "orders",
        "key_id": LEAKED,
        "tainted": True,
        "known": True,
        "token_dropped": True,
        "fence": 2,
    }
    assert world.telemetry.select(Tainted) == [Tainted(connection="orders", key_id=LEAKED)]


def test_a_session_that_a_new_key_is_handed_again_stays_that_of_the_key_that_began_it() -> None:
    world = World()
    world.salesforce.answers = {"access_token": "00Dxx0000000001!the same"}
    get_token(world.broker())
    world.credentials.connections["orders"] = OTHER
    world.clock.time += 460
    assert get_token(world.broker())["source"] == "minted"
    assert taint(world)["token_dropped"] is True


def test_the_token_of_a_tainted_key_is_dropped_and_the_key_never_mints_again() -> None:
    world = World()
    get_token(world.broker())
    taint(world)
    assert (world.row().fingerprint, world.row().sealed) == (None, None)
    assert cannot_mint(world)
    world.clock.time += 1_000_000
    assert cannot_mint(world)


def test_the_token_of_a_tainted_key_is_gone_from_memory_after_the_trust() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    taint(world)
    world.clock.time += 30
    with pytest.raises(InvalidCredentials):
        get_token(broker)
    assert broker.memory.held("orders") is None
    assert world.salesforce.logins == 1


@pytest.mark.parametrize("served_before", [False, True])
def test_a_mint_under_way_with_the_key_is_fenced_out_and_its_token_is_not_published(*, served_before: bool) -> None:
    world = World()
    if served_before:
        get_token(world.broker())
        world.clock.time += 460

    def during() -> None:
        taint(world)

    world.salesforce.during = during
    with pytest.raises(InvalidCredentials):
        get_token(world.broker())
    assert world.telemetry.select(FencedOut)
    assert world.row().fingerprint is None
    assert cannot_mint(world)


def test_another_key_in_the_secret_heals_at_once() -> None:
    world = World()
    dropped = get_token(world.broker())
    taint(world)
    assert cannot_mint(world)
    world.credentials.connections["orders"] = OTHER
    healed = get_token(world.broker())
    assert healed["source"] == "minted"
    assert healed["fingerprint"] != dropped["fingerprint"]
    assert world.row().key_id == OTHER_KEY


def test_a_mint_under_way_goes_on_with_the_key_that_the_secret_has_by_then() -> None:
    world = World()

    def repair() -> None:
        world.salesforce.during = lambda: None
        world.credentials.connections["orders"] = OTHER
        taint(world)

    world.salesforce.during = repair
    began = world.clock.time
    assert get_token(world.broker())["source"] == "minted"
    assert world.row().key_id == OTHER_KEY
    assert world.clock.time - began == pytest.approx(2 * world.salesforce.takes_s)  # nobody waited for the lost lease


def test_tainting_another_key_than_the_rows_keeps_the_rows_token() -> None:
    world = World()
    world.credentials.connections["orders"] = OTHER
    token = get_token(world.broker())
    assert taint(world)["token_dropped"] is False
    again = get_token(world.broker())
    assert (again["source"], again["fingerprint"]) == ("cache", token["fingerprint"])
    assert world.salesforce.logins == 1


def test_the_token_of_a_good_key_is_served_on_while_the_secret_holds_a_tainted_one() -> None:
    world = World()
    world.credentials.connections["orders"] = OTHER
    token = get_token(world.broker())
    world.credentials.connections["orders"] = a_connection()
    taint(world)
    world.clock.time += 460
    assert get_token(world.broker())["fingerprint"] == token["fingerprint"]
    refreshed = world.keeper().refresh(RefreshRequest(connection="orders"), remaining_s=60)
    assert (refreshed["refreshed"], refreshed["fingerprint"]) == (False, token["fingerprint"])
    world.clock.time += 400
    assert cannot_mint(world)


def test_tainting_twice_is_fine_and_leaves_the_token_of_the_next_key_alone() -> None:
    world = World()
    get_token(world.broker())
    taint(world)
    assert taint(world)["tainted"] is True
    world.credentials.connections["orders"] = OTHER
    healed = get_token(world.broker())
    assert taint(world)["token_dropped"] is False
    assert get_token(world.broker())["fingerprint"] == healed["fingerprint"]
    assert world.row().tainted_keys == frozenset({LEAKED})


def test_several_keys_may_be_tainted_and_status_names_them() -> None:
    world = World()
    taint(world)
    taint(world, OTHER_KEY)
    status = world.broker().status(StatusRequest(connection="orders"))
    assert status["tainted_keys"] == sorted([LEAKED, OTHER_KEY])


def test_a_key_may_be_tainted_before_the_row_is_ever_written() -> None:
    world = World()
    answer = taint(world)
    assert (answer["token_dropped"], answer["fence"]) == (False, 1)
    assert cannot_mint(world)
    world.credentials.connections["orders"] = OTHER
    assert get_token(world.broker())["source"] == "minted"


def test_a_flush_does_not_lift_a_taint() -> None:
    world = World()
    taint(world)
    world.keeper().flush(FlushRequest(connection="orders"))
    assert cannot_mint(world)


class RestlessStore(ReferenceStore):
    """A store in which the row's token is another key's before each taint."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__()
        self._keys = iter(keys)

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        if update.name == "taint":
            self.items[key]["key_id"] = next(self._keys)
        return super().write(key, update)


@pytest.mark.parametrize(
    ("keys", "dropped"),
    [
        ([LEAKED], True),
        ([OTHER_KEY, OTHER_KEY], False),
        ([OTHER_KEY, LEAKED, LEAKED], True),
    ],
)
def test_a_taint_follows_the_key_of_the_row_from_try_to_try(keys: list[str], *, dropped: bool) -> None:
    world = World(store=RestlessStore(keys))
    get_token(world.broker())
    assert taint(world)["token_dropped"] is dropped
    assert world.store.calls.count("taint") == len(keys)
    assert world.row().tainted_keys == frozenset({LEAKED})
    assert (world.row().fingerprint is None) is dropped


def test_a_taint_that_misses_the_rows_key_three_times_says_so_and_claims_nothing() -> None:
    world = World(store=RestlessStore([OTHER_KEY, LEAKED, OTHER_KEY, LEAKED]))
    token = get_token(world.broker())
    with pytest.raises(RefreshInProgress, match="Call again"):
        taint(world)
    assert world.store.calls.count("taint") == 3
    assert world.telemetry.select(Tainted) == []
    assert (world.row().fingerprint, world.row().tainted_keys) == (token["fingerprint"], None)


@pytest.mark.parametrize(("fault", "landed"), [("taint", False), ("after taint", True)])
def test_a_taint_without_an_answer_is_an_error_and_may_be_repeated(fault: str, *, landed: bool) -> None:
    world = World()
    get_token(world.broker())
    world.store.fail_next(fault, down())
    with pytest.raises(CacheUnavailable):
        taint(world)
    assert world.telemetry.select(Tainted) == []
    assert (world.row().tainted_keys is not None) is landed
    assert taint(world)["tainted"] is True
    assert cannot_mint(world)


TAINTED_IN_SECRET = frozenset({LEAKED})


def test_a_key_that_its_secret_bars_logs_in_nowhere_whatever_the_row_knows() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(tainted_keys=TAINTED_IN_SECRET)
    assert cannot_mint(world)
    world.store.items.clear()
    assert cannot_mint(world)
    world.credentials.connections["orders"] = replace(OTHER, tainted_keys=TAINTED_IN_SECRET)
    assert get_token(world.broker())["source"] == "minted"


def test_the_token_of_a_good_key_is_served_on_while_the_secret_bars_its_own() -> None:
    world = World()
    world.credentials.connections["orders"] = OTHER
    token = get_token(world.broker())
    world.credentials.connections["orders"] = a_connection(tainted_keys=TAINTED_IN_SECRET)
    world.clock.time += 460
    assert get_token(world.broker())["fingerprint"] == token["fingerprint"]
    world.clock.time += 400
    assert cannot_mint(world)


@pytest.mark.parametrize("barred_by", ["current", "pending"])
@pytest.mark.parametrize("minted_before", [False, True])
def test_a_key_that_a_rotation_has_made_ready_is_not_tried_if_either_version_bars_it(
    barred_by: str, *, minted_before: bool
) -> None:
    world = World()
    current, pending = OTHER, a_connection()
    if minted_before:
        world.credentials.connections["orders"] = pending
        get_token(world.broker())
        world.clock.time += 1000
    world.credentials.connections["orders"] = replace(
        current, tainted_keys=TAINTED_IN_SECRET if barred_by == "current" else frozenset()
    )
    world.credentials.made_ready["orders"] = replace(
        pending, tainted_keys=TAINTED_IN_SECRET if barred_by == "pending" else frozenset()
    )
    logins = world.salesforce.logins
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    assert world.salesforce.logins == logins + 1


def test_status_names_the_keys_that_the_secret_bars() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(tainted_keys=frozenset({LEAKED, OTHER_KEY}))
    status = world.broker().status(StatusRequest(connection="orders"))
    assert status["credentials"]["tainted_keys"] == sorted([LEAKED, OTHER_KEY])


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({}, False),
        ({"key_id": OTHER_KEY}, False),
        ({"key_id": LEAKED}, True),
        ({"failure_keys": frozenset({f"{'0' * 16}|{LEAKED}"})}, True),
        ({"failure_keys": frozenset({f"{LEAKED}|{OTHER_KEY}"})}, False),
        ({"tainted_keys": TAINTED_IN_SECRET}, True),
    ],
)
def test_a_taint_says_whether_the_row_has_ever_met_the_key(row: dict[str, Any], *, known: bool) -> None:
    world = World()
    world.credentials.connections["orders"] = OTHER
    world.store.items[KEY] = {"fence": 1, **row}
    assert taint(world)["known"] is known


def test_the_list_of_the_row_takes_a_hundred_keys_and_those_again() -> None:
    world = World()
    keys = [f"{number:016x}" for number in range(100)]
    for key_id in (*keys, keys[0]):
        assert taint(world, key_id)["tainted"] is True
    with pytest.raises(InvalidRequest, match="100 already"):
        taint(world)
    assert world.row().tainted_keys == frozenset(keys)
    assert world.telemetry.select(Tainted)[-1] == Tainted(connection="orders", key_id=keys[0])


@pytest.mark.parametrize("version", ["current", "pending", "previous", "staged"])
@pytest.mark.parametrize(("how", "known"), [("holds", True), ("bars", False)])
def test_a_key_that_a_version_of_the_secret_holds_is_known_and_one_that_it_only_bars_may_be_mistyped(
    version: str, how: str, *, known: bool
) -> None:
    """`sfmint taint` has just written any id at all into the list, a mistyped one too."""
    world = World()
    it = a_connection() if how == "holds" else replace(OTHER, tainted_keys=TAINTED_IN_SECRET)
    of = {"current": "connections", "pending": "made_ready", "previous": "replaced", "staged": "to_be_tried"}
    world.credentials.connections["orders"] = OTHER
    kept = (it, world.clock.time + GRACE_S) if version == "previous" else it
    getattr(world.credentials, of[version])["orders"] = kept
    assert taint(world)["known"] is known
    assert taint(world, "0" * 16)["known"] is False


@pytest.mark.parametrize("call", ["load", "pending", "previous", "staged", "signer"])
@pytest.mark.parametrize("error", [down(), InvalidCredentials("No JSON.", remedy="Mend it.")])
def test_a_secret_that_cannot_be_read_does_not_keep_from_tainting(call: str, error: SfmintError) -> None:
    world = World()
    (world.signers if call == "signer" else world.credentials).fail_next(call, error)
    answer = taint(world, "0" * 16)
    assert (answer["tainted"], answer["known"]) == (True, False)
    assert world.row().tainted_keys == frozenset({"0" * 16})
