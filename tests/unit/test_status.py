"""Status tells all but the token."""

import pytest

from sfmint.errors import AssertionRejected
from sfmint.request import StatusRequest
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.world import World, get_token


def test_status_tells_all_but_the_token() -> None:
    world = World()
    broker = world.broker()
    token = get_token(broker)
    status = broker.status(StatusRequest(connection="orders"))
    assert token["access_token"] not in str(status)
    assert status["build"] == "b1"
    assert status["fingerprint"] == token["fingerprint"]
    assert status["token"]["instance_url"] == token["instance_url"]
    assert status["budget"] == {"logins": 1, "limit": 240}
    assert status["failure"] is None


def test_status_without_a_secret_says_so_instead_of_failing() -> None:
    world = World()
    world.credentials.connections.clear()
    status = world.broker().status(StatusRequest(connection="orders"))
    assert status["credentials"]["error"] == "ConnectionNotFound"


def test_status_tells_a_live_failure_in_words() -> None:
    world = World()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["user_not_approved"]))
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    failure = world.broker().status(StatusRequest(connection="orders"))["failure"]
    assert (failure["error"], failure["reason"]) == ("AssertionRejected", "user_not_approved")
    assert "Pre-authorise" in failure["message"]
