"""Which credentials a mint tries: the secret's own, those of a rotation once, and the last ones while none can be read."""

from dataclasses import replace

import pytest

from sfmint.errors import AssertionRejected, CacheUnavailable, InvalidCredentials
from sfmint.request import FlushRequest, TaintRequest
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.grace import FURTHEST_S, GRACE_S
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import NotMinted, RefreshFailed
from sfmint_testing.fakes import FakeSigners, a_connection
from sfmint_testing.world import World, down, get_token
from sfmint_values.secret import Secret
from unit.pauses import pauses

READY = a_connection(private_key=Secret("the next key"))


def refuse(world: World, times: int = 1) -> None:
    world.salesforce.fail_next("exchange", *[LoginFailed(REASONS["wrong_key"])] * times)


def test_a_key_that_a_rotation_has_made_ready_is_tried_once_the_current_one_is_refused() -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    refuse(world)
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 2
    assert world.row().key_id == world.signers.signer(READY).key_id


def test_two_refused_keys_cost_two_logins_and_a_storm_after_them_none() -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    refuse(world, 2)
    for _ in range(20):
        with pytest.raises(AssertionRejected):
            get_token(world.broker())
    assert world.salesforce.logins == 2


def test_after_two_refusals_the_keys_take_turns_in_coming_first() -> None:
    """Where Salesforce knows either key by turns, a round that always begins with the same key meets the wrong state twice."""
    world = World()
    world.credentials.made_ready["orders"] = READY
    current, ready = (world.signers.signer(each).key_id for each in (a_connection(), READY))
    for _ in range(3):
        refuse(world, 2)
        with pytest.raises(AssertionRejected):
            get_token(world.broker())
        world.clock.time = world.row().failure_until or 0
    tried = [record.key_id for record in world.telemetry.records if isinstance(record, NotMinted)]
    assert tried == [current, ready, ready, current, current, ready]


def test_without_a_rotation_a_refused_key_costs_one_login() -> None:
    world = World()
    refuse(world)
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    assert world.salesforce.logins == 1


def test_a_key_that_is_ready_is_not_even_read_while_the_current_one_works() -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    world.credentials.fail_next("pending", AssertionError("it was read"))
    get_token(world.broker())
    world.clock.time += 460
    assert get_token(world.broker())["source"] == "minted"


def test_the_key_that_minted_the_row_s_token_comes_first() -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    refuse(world)
    get_token(world.broker())
    world.clock.time += 460
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 3
    assert world.row().key_id == world.signers.signer(READY).key_id


def test_a_key_that_was_made_current_goes_on_without_a_detour() -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    refuse(world)
    get_token(world.broker())
    world.credentials.connections["orders"] = READY
    del world.credentials.made_ready["orders"]
    world.clock.time += 460
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 3


def key_id_of(connection: Connection) -> str:
    return FakeSigners().signer(connection).key_id


def world_after_a_rotation(ends_in_s: float = GRACE_S) -> World:
    """Return a world in which the key of `READY` is current, and the one before has a grace."""
    world = World()
    get_token(world.broker())
    world.credentials.replaced["orders"] = a_connection(), world.clock.time + ends_in_s
    world.credentials.connections["orders"] = READY
    world.clock.time += 460
    return world


def test_a_key_that_a_rotation_has_replaced_logs_in_while_its_successor_is_refused() -> None:
    world = world_after_a_rotation()
    refuse(world)
    assert get_token(world.broker())["source"] == "minted"
    assert (world.salesforce.logins, world.row().key_id) == (3, key_id_of(a_connection()))


def test_a_key_that_was_replaced_never_comes_before_its_successor() -> None:
    world = world_after_a_rotation()
    refuse(world)
    get_token(world.broker())
    world.clock.time += 460
    assert get_token(world.broker())["source"] == "minted"
    assert (world.salesforce.logins, world.row().key_id) == (4, key_id_of(READY))


@pytest.mark.parametrize("ends_in_s", [460, 0, 460 + FURTHEST_S + 1, 90_000])
def test_a_key_that_was_replaced_does_not_log_in_once_its_grace_is_over_or_if_that_is_absurdly_long(
    ends_in_s: float,
) -> None:
    world = world_after_a_rotation(ends_in_s)
    world.store.items.clear()
    refuse(world)
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    assert world.salesforce.logins == 2


def test_a_key_that_is_ready_comes_before_one_that_was_replaced_and_there_is_no_third() -> None:
    world = world_after_a_rotation()
    world.credentials.made_ready["orders"] = third = a_connection(private_key=Secret("the third key"))
    refuse(world, 2)
    world.clock.time += 400  # the token is over
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    assert world.salesforce.logins == 3
    assert {key.rpartition("|")[2] for key in world.row().failure_keys or ()} == {key_id_of(READY), key_id_of(third)}


def test_a_version_that_is_pending_and_current_at_once_does_not_hide_the_one_that_was_replaced() -> None:
    """Secrets Manager leaves AWSPENDING on a version that it has made current."""
    world = world_after_a_rotation()
    world.credentials.made_ready["orders"] = READY
    world.clock.time += 400  # the token is over
    refuse(world)
    assert get_token(world.broker())["source"] == "minted"
    assert world.row().key_id == key_id_of(a_connection())


def test_after_a_ready_key_that_minted_the_row_s_token_comes_the_current_one_and_not_the_one_before() -> None:
    world = world_after_a_rotation()
    world.credentials.made_ready["orders"] = a_connection(private_key=Secret("the third key"))
    refuse(world)
    get_token(world.broker())
    assert world.row().key_id == key_id_of(world.credentials.made_ready["orders"])
    world.clock.time += 460
    refuse(world)
    get_token(world.broker())
    assert world.row().key_id == key_id_of(READY)


def test_what_was_replaced_is_not_even_read_while_the_current_key_works() -> None:
    world = World()
    world.credentials.replaced["orders"] = READY, world.clock.time + GRACE_S
    world.credentials.fail_next("previous", AssertionError("it was read"))
    get_token(world.broker())
    world.clock.time += 460
    assert get_token(world.broker())["source"] == "minted"


TAINTED = frozenset({key_id_of(a_connection())})


def bar(world: World, where: str) -> None:
    if where == "secret":
        world.credentials.connections["orders"] = a_connection(tainted_keys=TAINTED)
    else:
        world.keeper().taint(TaintRequest(connection="orders", key_id=min(TAINTED)))


@pytest.mark.parametrize("where", ["secret", "row"])
@pytest.mark.parametrize("alternative", ["made_ready", "replaced"])
@pytest.mark.parametrize("minted_before", [False, True])
def test_in_place_of_a_tainted_current_key_the_alternative_logs_in(
    where: str, alternative: str, *, minted_before: bool
) -> None:
    world = World()
    if minted_before:
        get_token(world.broker())
    if alternative == "made_ready":
        world.credentials.made_ready["orders"] = READY
    else:
        world.credentials.replaced["orders"] = READY, world.clock.time + GRACE_S
    bar(world, where)
    world.clock.time += 460
    logins = world.salesforce.logins
    assert get_token(world.broker())["source"] == "minted"
    assert (world.salesforce.logins, world.row().key_id) == (logins + 1, key_id_of(READY))


@pytest.mark.parametrize("where", ["secret", "row"])
@pytest.mark.parametrize("ready", [None, a_connection(), a_connection(private_key=Secret("a key"))])
def test_without_an_untainted_alternative_a_tainted_current_key_logs_nobody_in(
    where: str, ready: Connection | None
) -> None:
    world = World()
    if ready is not None:
        world.credentials.made_ready["orders"] = ready
    bar(world, where)
    with pytest.raises(InvalidCredentials, match="is tainted"):
        get_token(world.broker())
    assert world.salesforce.logins == 0


@pytest.mark.parametrize("where", ["secret", "row"])
def test_a_tainted_key_is_not_tried_after_its_alternative_either(where: str) -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    bar(world, where)
    refuse(world)
    for _ in range(3):
        with pytest.raises(AssertionRejected):
            get_token(world.broker())
    assert world.salesforce.logins == 1


def test_an_alternative_to_a_tainted_key_is_tried_again_every_two_minutes_for_its_certificate_may_arrive() -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    bar(world, "secret")
    assert pauses(world, "authentication_failed", 5) == [60, 120, 120, 120, 120]


@pytest.mark.parametrize("barred_by", ["row", "current", "its own version"])
def test_a_tainted_key_that_was_replaced_has_no_grace(barred_by: str) -> None:
    world = world_after_a_rotation()
    if barred_by == "row":
        bar(world, "row")
    elif barred_by == "current":
        world.credentials.connections["orders"] = replace(READY, tainted_keys=TAINTED)
    else:
        former, until = world.credentials.replaced["orders"]
        world.credentials.replaced["orders"] = replace(former, tainted_keys=TAINTED), until
    world.clock.time += 400
    refuse(world)
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    assert world.salesforce.logins == 2


@pytest.mark.parametrize("fault", [LoginFailed(REASONS["no_answer"]), LoginFailed(REASONS["login_rate"])])
def test_only_a_refusal_of_the_key_is_followed_by_the_next_one(fault: LoginFailed) -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    world.salesforce.fail_next("exchange", fault)
    with pytest.raises(type(fault.to_error())):
        get_token(world.broker())
    assert world.salesforce.logins == 1


@pytest.mark.parametrize("fault", [InvalidCredentials("No PEM.", remedy="Store one."), down(), down(denied=True)])
def test_a_rotation_that_is_not_ready_leaves_the_refusal_as_it_is(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    world = World()
    world.credentials.made_ready["orders"] = READY
    signer = world.signers.signer

    def unready(connection: object) -> object:
        if connection is READY:
            raise fault
        return signer(world.credentials.connections["orders"])

    monkeypatch.setattr(world.signers, "signer", unready)
    refuse(world)
    with pytest.raises(AssertionRejected):
        get_token(world.broker())


def test_while_secrets_manager_is_down_the_key_that_was_read_last_mints_on() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 460
    world.credentials.fail_next("load", down())
    assert get_token(broker)["source"] == "minted"
    (degraded,) = world.telemetry.select(RefreshFailed)
    assert isinstance(degraded, RefreshFailed)
    assert degraded.error == "CacheUnavailable"


def test_a_rejected_token_is_replaced_while_secrets_manager_is_down() -> None:
    world = World()
    broker = world.broker()
    first = get_token(broker)
    world.credentials.fail_next("load", down())
    healed = get_token(broker, rejected=first["fingerprint"])
    assert (healed["source"], healed["fingerprint"] == first["fingerprint"]) == ("minted", False)


def test_a_denial_is_not_ridden_out_with_the_key_that_was_read_last() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 860
    world.credentials.fail_next("load", down(denied=True))
    with pytest.raises(CacheUnavailable):
        get_token(broker)
    assert world.salesforce.logins == 1


def test_a_key_that_was_read_before_a_flush_mints_no_more() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.keeper().flush(FlushRequest(connection="orders"))
    world.clock.time += 31
    world.credentials.fail_next("load", down())
    with pytest.raises(CacheUnavailable):
        get_token(broker)
    assert world.salesforce.logins == 1
