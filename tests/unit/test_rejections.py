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
    with pytest.raises(RejectionLimited):
        get_token(world.broker(), rejected=second["fingerprint"])
    assert world.salesforce.logins == 2


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
