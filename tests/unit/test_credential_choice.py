"""Which credentials a mint tries: the secret's own, those of a rotation once, and the last ones while none can be read."""

import pytest

from sfmint.errors import AssertionRejected, CacheUnavailable, InvalidCredentials
from sfmint.request import FlushRequest
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import RefreshFailed
from sfmint_testing.fakes import a_connection
from sfmint_testing.world import World, down, get_token
from sfmint_values.secret import Secret

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
