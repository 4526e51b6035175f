"""Status tells all but the token."""

from datetime import UTC, datetime

import pytest

from sfmint.errors import AssertionRejected, LoginRateExceeded, SalesforceUnavailable
from sfmint.request import StatusRequest
from sfmint.row.conditional_write import FOREIGN, Value
from sfmint.row.row import row_key
from sfmint.row.writes import budget_key
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import a_connection
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


@pytest.mark.parametrize("logins", ["one", b"1", frozenset({"1"}), FOREIGN, 1e125], ids=str)
def test_a_budget_of_a_wrong_type_is_shown_as_nothing_and_spent_by_nobody(logins: Value) -> None:
    world = World()
    key = budget_key(a_connection(), world.clock.now())
    world.store.items[key] = {"logins": logins}
    assert world.broker().status(StatusRequest(connection="orders"))["budget"] == {"logins": None, "limit": 240}
    for _ in range(2):
        with pytest.raises(LoginRateExceeded, match="budget"):
            get_token(world.broker())
    assert world.salesforce.logins == 0
    world.clock.time += 3600
    assert get_token(world.broker())["source"] == "minted"


def test_what_somebody_else_has_written_is_not_shown_as_ours() -> None:
    world = World()
    get_token(world.broker())
    world.store.items[row_key("orders")] |= {
        "fingerprint": "CANARY",
        "key_id": "CANARY",
        "rejected": "CANARY",
        "tainted_keys": frozenset({"CANARY", "0" * 16}),
        "failure_code": "CANARY",
        "failure_reason": "CANARY",
        "failure_until": world.clock.now() + 60,
    }
    status = world.broker().status(StatusRequest(connection="orders"))
    assert "CANARY" not in str(status)
    assert status["tainted_keys"] == ["0" * 16]
    with pytest.raises(SalesforceUnavailable, match="The last login failed"):
        get_token(world.broker())


def test_status_tells_since_when_the_key_mints_and_when_its_certificate_ends() -> None:
    world = World()
    get_token(world.broker())
    status = world.broker().status(StatusRequest(connection="orders"))
    assert (status["key_since"], status["certificate_until"]) == ("2026-11-23T12:00:00Z", None)
    world.signers.valid_until = datetime(2027, 1, 1, tzinfo=UTC)
    world.clock.time += 500
    get_token(world.broker())
    status = world.broker().status(StatusRequest(connection="orders"))
    assert (status["key_since"], status["certificate_until"]) == ("2026-11-23T12:00:00Z", "2027-01-01T00:00:00Z")
