"""A caller reports a token that Salesforce refused."""

import pytest

from sfmint.errors import RejectionLimited, SalesforceUnavailable
from sfmint.request import FlushRequest
from sfmint_testing.world import World, get_token


def test_a_rejected_token_is_replaced_with_one_login_whoever_reports_it() -> None:
    world = World()
    broker = world.broker()
    first = get_token(broker)
    healed = [get_token(world.broker(), rejected=first["fingerprint"]) for _ in range(3)]
    assert world.salesforce.logins == 2
    assert {answer["fingerprint"] for answer in healed} == {world.row().fingerprint}
    assert first["fingerprint"] not in {answer["fingerprint"] for answer in healed}


def test_a_late_rejection_does_not_drop_the_successor() -> None:
    world = World()
    first = get_token(world.broker())
    second = get_token(world.broker(), rejected=first["fingerprint"])
    world.clock.time += 120
    third = get_token(world.broker(), rejected=first["fingerprint"])
    assert third["fingerprint"] == second["fingerprint"]
    assert world.salesforce.logins == 2


def test_a_caller_that_rejects_every_fresh_token_meets_the_breaker() -> None:
    world = World()
    fingerprint = get_token(world.broker())["fingerprint"]
    for _ in range(3):
        world.clock.time += 61
        fingerprint = get_token(world.broker(), rejected=fingerprint)["fingerprint"]
    world.clock.time += 61
    with pytest.raises(RejectionLimited):
        get_token(world.broker(), rejected=fingerprint)
    assert world.salesforce.logins == 4  # the first, and three caused by rejections


def test_rejections_within_a_minute_are_refused_and_the_token_is_not_served() -> None:
    world = World()
    first = get_token(world.broker())
    second = get_token(world.broker(), rejected=first["fingerprint"])
    world.clock.time += 20
    began = world.clock.time
    with pytest.raises(RejectionLimited, match=r"less than a minute ago.*Call again in 40 s") as caught:
        get_token(world.broker(), rejected=second["fingerprint"])
    assert "keep being rejected" not in str(caught.value)
    assert world.clock.time == began  # nobody waits in vain
    assert world.salesforce.logins == 2


@pytest.mark.parametrize("left_s", [0.5, 5, 39])
def test_a_rejection_that_comes_too_soon_waits_within_the_callers_time(left_s: float) -> None:
    world = World()
    first = get_token(world.broker())
    second = get_token(world.broker(), rejected=first["fingerprint"])
    rejected_at = world.row().last_rejected_at
    assert rejected_at is not None
    world.clock.time = rejected_at + 60 - left_s
    third = get_token(world.broker(), rejected=second["fingerprint"], deadline_s=40)
    assert third["fingerprint"] not in {first["fingerprint"], second["fingerprint"]}
    assert 0 <= world.clock.time - rejected_at - 60 < 1
    assert world.salesforce.logins == 3


def test_who_waited_for_a_token_that_somebody_else_has_replaced_gets_the_successor() -> None:
    world = World()
    first = get_token(world.broker())
    second = get_token(world.broker(), rejected=first["fingerprint"])

    def replaced() -> None:
        world.clock.on_sleep = lambda: None
        world.keeper().flush(FlushRequest(connection="orders"))
        get_token(world.broker())

    world.clock.time += 20
    world.clock.on_sleep = replaced
    healed = get_token(world.broker(), rejected=second["fingerprint"], deadline_s=90)
    assert healed["fingerprint"] == world.row().fingerprint
    assert world.salesforce.logins == 3


@pytest.mark.parametrize(("after_s", "told"), [(0, "in 7 minutes"), (300, "in 2 minutes"), (400, "in 1 minute.")])
def test_the_fourth_rejection_says_for_how_long_none_is_accepted(after_s: float, told: str) -> None:
    world = World()
    fingerprint = get_token(world.broker())["fingerprint"]
    for _ in range(3):
        world.clock.time += 61
        fingerprint = get_token(world.broker(), rejected=fingerprint)["fingerprint"]
    world.clock.time += 61 + after_s
    began = world.clock.time
    with pytest.raises(RejectionLimited, match="keep being rejected") as caught:
        get_token(world.broker(), rejected=fingerprint, deadline_s=10)
    assert told in str(caught.value)
    assert world.clock.time == began


def test_nobody_is_answered_the_token_that_they_report_even_if_nothing_on_the_row_says_so() -> None:
    world = World()
    world.salesforce.answers = {"access_token": "00D!same"}
    first = get_token(world.broker())
    world.keeper().flush(FlushRequest(connection="orders"))
    with pytest.raises(SalesforceUnavailable):
        get_token(world.broker(), rejected=first["fingerprint"])
    world.clock.time += 60
    assert get_token(world.broker())["source"] == "minted"


def test_a_session_that_was_just_rejected_and_comes_again_is_a_failure() -> None:
    world = World()
    world.salesforce.answers = {"access_token": "00D!same"}
    first = get_token(world.broker())
    with pytest.raises(SalesforceUnavailable):
        get_token(world.broker(), rejected=first["fingerprint"])
