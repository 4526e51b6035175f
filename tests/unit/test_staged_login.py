"""The keeper tries a version of the secret: one counted login, of which nothing is kept."""

from typing import Any

import pytest

from sfmint.errors import (
    AssertionRejected,
    CacheUnavailable,
    ConnectionNotFound,
    InvalidCredentials,
    LoginRateExceeded,
    SalesforceUnavailable,
    SfmintError,
)
from sfmint.request import TaintRequest, TryRequest
from sfmint.row.writes import budget_key
from sfmint.salesforce.connection import Stage
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import LoginCounted
from sfmint.telemetry.operators import StagedLoginFailed, StagedLoginSucceeded
from sfmint_testing.fakes import FakeSigners, a_connection
from sfmint_testing.world import World, down, get_token
from sfmint_values.secret import Secret

STAGED = a_connection(private_key=Secret("the next key"), username="next@acme.example")
KEY_ID = FakeSigners().signer(STAGED).key_id
COUNTED = LoginCounted(connection="orders", logins=1, limit=240)


def world_with(staged: Any = STAGED, **settings: Any) -> World:
    world = World(**settings)
    world.credentials.to_be_tried["orders"] = staged
    return world


def attempt(world: World) -> dict[str, Any]:
    return world.keeper().staged_login.attempt(TryRequest(connection="orders"))


def logins_of(world: World) -> object:
    return world.store.items.get(budget_key(STAGED, world.clock.now()), {}).get("logins", 0)


def test_a_login_that_succeeds_is_told_without_its_token() -> None:
    world = world_with()
    answer = attempt(world)
    assert (answer["tried"], answer["connection"], answer["key_id"]) == (True, "orders", KEY_ID)
    assert (answer["username"], answer["instance_url"]) == ("next@acme.example", "https://acme.my.salesforce.com")
    assert answer["scope"] == "api"
    assert answer["expires_in"] > 800
    assert "access_token" not in answer
    assert "00Dxx0000000001!" not in str((answer, world.telemetry.records))
    assert world.telemetry.records == [COUNTED, StagedLoginSucceeded(connection="orders", key_id=KEY_ID)]
    assert (world.salesforce.logins, logins_of(world)) == (1, 1)


def test_row_token_and_remembered_failure_stay_as_they_are() -> None:
    world = world_with()
    served = get_token(world.broker())
    before = dict(world.store.items["t1#orders"])
    attempt(world)
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["user_not_approved"]))
    with pytest.raises(AssertionRejected):
        attempt(world)
    assert world.store.items["t1#orders"] == before
    assert get_token(world.broker())["fingerprint"] == served["fingerprint"]


def test_a_failure_that_the_row_remembers_does_not_keep_from_trying() -> None:
    world = world_with()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["user_not_approved"]))
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    assert attempt(world)["tried"] is True
    with pytest.raises(AssertionRejected):
        get_token(world.broker())  # the secret in use is still the one that was refused


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("user_not_approved", AssertionRejected),
        ("wrong_key", AssertionRejected),
        ("no_answer", SalesforceUnavailable),
        ("login_rate", LoginRateExceeded),
    ],
)
def test_a_login_that_fails_is_the_usual_error_and_is_counted(reason: str, error: type[SfmintError]) -> None:
    world = world_with()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS[reason], said="its words"))
    with pytest.raises(error):
        attempt(world)
    told = StagedLoginFailed(connection="orders", key_id=KEY_ID, reason=reason, said="its words")
    assert world.telemetry.records == [COUNTED, told]
    assert logins_of(world) == 1


def test_a_key_that_does_not_sign_uses_none_of_the_hours_logins_up() -> None:
    world = world_with()
    world.signers.fail_next("sign", CacheUnavailable("KMS did not answer.", remedy="Call again."))
    with pytest.raises(CacheUnavailable):
        attempt(world)
    assert logins_of(world) == 0


def test_a_spent_budget_is_for_trying_too() -> None:
    world = world_with(budget=2)
    attempt(world)
    attempt(world)
    with pytest.raises(LoginRateExceeded, match="budget"):
        attempt(world)
    assert world.salesforce.logins == 2
    world.clock.time += 3600
    assert attempt(world)["tried"] is True


def test_a_token_that_is_over_on_arrival_is_no_success() -> None:
    world = world_with(a_connection(lifetime_s=60))
    world.salesforce.takes_s = 40
    with pytest.raises(SalesforceUnavailable, match="over"):
        attempt(world)


def test_a_token_of_another_org_than_the_staged_one_names_is_refused() -> None:
    world = world_with(a_connection(org_id="00Dxx0000000002"))
    with pytest.raises(AssertionRejected, match="another org"):
        attempt(world)


@pytest.mark.parametrize("stage", ["SFMINT_TRY", "AWSPENDING", "AWSCURRENT"])
def test_the_version_that_the_event_names_is_tried_and_no_other(stage: Stage) -> None:
    world = world_with(a_connection(username="SFMINT_TRY@acme.example"))
    world.credentials.made_ready["orders"] = a_connection(username="AWSPENDING@acme.example")
    world.credentials.connections["orders"] = a_connection(username="AWSCURRENT@acme.example")
    answer = world.keeper().staged_login.attempt(TryRequest(connection="orders", stage=stage))
    assert (answer["username"], answer["tried"]) == (f"{stage}@acme.example", True)


def test_without_a_pending_version_nothing_is_tried_in_its_place() -> None:
    world = world_with()
    with pytest.raises(ConnectionNotFound, match=r"staged AWSPENDING.*sfmint rotate start orders"):
        world.keeper().staged_login.attempt(TryRequest(connection="orders", stage="AWSPENDING"))
    assert (world.salesforce.logins, world.store.items) == (0, {})


def test_a_pending_key_that_the_current_version_taints_is_not_tried() -> None:
    world = World()
    world.credentials.made_ready["orders"] = STAGED
    world.credentials.connections["orders"] = a_connection(tainted_keys=frozenset({KEY_ID}))
    with pytest.raises(InvalidCredentials, match=f"The key {KEY_ID} is tainted"):
        world.keeper().staged_login.attempt(TryRequest(connection="orders", stage="AWSPENDING"))
    assert world.salesforce.logins == 0


@pytest.mark.parametrize("others", ["current", "current and pending"])
def test_neither_awscurrent_nor_awspending_stands_in_for_what_is_staged(others: str) -> None:
    world = World()
    if "pending" in others:
        world.credentials.made_ready["orders"] = STAGED
    with pytest.raises(ConnectionNotFound, match=r"staged SFMINT_TRY.*sfmint connection add orders"):
        attempt(world)
    assert (world.salesforce.logins, world.store.items) == (0, {})


@pytest.mark.parametrize("barred_by", ["row", "current", "staged"])
def test_a_tainted_key_is_not_tried(barred_by: str) -> None:
    listed = frozenset({"0" * 16, KEY_ID})
    world = world_with(
        a_connection(private_key=STAGED.private_key, tainted_keys=listed if barred_by == "staged" else frozenset())
    )
    if barred_by == "current":
        world.credentials.connections["orders"] = a_connection(tainted_keys=listed)
    if barred_by == "row":
        world.keeper().taint(TaintRequest(connection="orders", key_id=KEY_ID))
    with pytest.raises(InvalidCredentials, match=f"The key {KEY_ID} is tainted"):
        attempt(world)
    assert (world.salesforce.logins, logins_of(world)) == (0, 0)


@pytest.mark.parametrize(
    "error",
    [ConnectionNotFound("There is none.", remedy="Store it."), InvalidCredentials("No JSON.", remedy="Mend it.")],
)
def test_a_secret_in_use_that_says_nothing_usable_does_not_keep_from_trying_its_successor(error: SfmintError) -> None:
    world = world_with()
    world.credentials.fail_next("load", error)
    assert attempt(world)["tried"] is True


@pytest.mark.parametrize("call", ["read", "budget"])
@pytest.mark.parametrize("denied", [False, True])
def test_without_the_row_or_the_count_nobody_logs_in(call: str, *, denied: bool) -> None:
    world = world_with()
    world.store.fail_next(call, down(denied=denied))
    with pytest.raises(CacheUnavailable):
        attempt(world)
    assert world.salesforce.logins == 0


@pytest.mark.parametrize("call", ["staged", "load"])
def test_without_the_secret_nobody_logs_in(call: str) -> None:
    world = world_with()
    world.credentials.fail_next(call, down())
    with pytest.raises(CacheUnavailable):
        attempt(world)
    assert (world.salesforce.logins, logins_of(world)) == (0, 0)


def test_a_clock_that_is_far_off_tries_nothing() -> None:
    world = world_with()
    world.store.behind = 40.0
    with pytest.raises(CacheUnavailable, match="clock"):
        attempt(world)
    assert world.salesforce.logins == 0
