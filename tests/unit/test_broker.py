from typing import Any

import pytest

from fakes import World, a_connection
from sfmint.cache_row import row_key
from sfmint.errors import (
    AssertionRejected,
    CacheUnavailable,
    ConnectionNotFound,
    InvalidCredentials,
    LoginRateExceeded,
    RefreshInProgress,
    RejectionLimited,
    SalesforceUnavailable,
)
from sfmint.failure import REASONS, MintFailed
from sfmint.request import FlushRequest, RefreshRequest, StatusRequest, TokenRequest
from sfmint.secret import Secret
from sfmint.telemetry import Degraded, FencedOut, MintRefused, UnusableCopy


def get_token(broker: Any, *, min_ttl: int = 60, rejected: str | None = None, deadline_s: float = 10) -> dict[str, Any]:
    request = TokenRequest(connection="orders", min_ttl=min_ttl, rejected=rejected, deadline_s=deadline_s)
    return broker.get_token(request, remaining_s=60)  # type: ignore[no-any-return]


def down(*, denied: bool = False) -> CacheUnavailable:
    return CacheUnavailable("DynamoDB did not answer.", remedy="Call again.", denied=denied)


def test_the_first_call_mints_the_second_is_served_from_memory_and_another_environment_from_the_row() -> None:
    world = World()
    broker = world.broker()
    minted, again, elsewhere = get_token(broker), get_token(broker), get_token(world.broker())
    assert [answer["source"] for answer in (minted, again, elsewhere)] == ["minted", "memory", "cache"]
    assert minted["access_token"] == again["access_token"] == elsewhere["access_token"]
    assert world.salesforce.logins == 1


def test_a_memory_hit_asks_neither_the_store_nor_kms() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.store.calls.clear()
    get_token(broker)
    assert world.store.calls == []
    assert world.sealer.unsealed == 0


def test_trust_in_memory_is_renewed_with_one_read_and_no_decryption() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 30
    world.store.calls.clear()
    assert get_token(broker)["source"] == "memory"
    assert world.store.calls == ["peek"]
    world.store.calls.clear()
    get_token(broker)
    assert world.store.calls == []


def test_no_trust_means_a_read_each_time() -> None:
    world = World()
    broker = world.broker(trust_s=0)
    get_token(broker)
    world.store.calls.clear()
    assert get_token(broker)["source"] == "memory"
    assert world.store.calls == ["peek"]


def test_a_token_flushed_elsewhere_is_gone_from_memory_after_the_trust() -> None:
    world = World()
    broker = world.broker()
    first = get_token(broker)
    world.keeper().flush(FlushRequest(connection="orders"))
    world.clock.time += 30
    second = get_token(broker)
    assert second["source"] == "minted"
    assert second["fingerprint"] != first["fingerprint"]


def test_the_answer_says_everything_about_the_token() -> None:
    answer = get_token(World().broker())
    assert set(answer) == {
        "access_token", "token_type", "instance_url", "scope", "id", "org_id", "user_id", "connection", "fingerprint",
        "issued_at", "expires_at", "expires_in", "min_ttl_applied", "source",
    }  # fmt: skip
    assert answer["org_id"] == "00Dxx0000000001EAA"
    assert answer["issued_at"] == "2026-11-23T12:00:00Z"
    assert answer["expires_in"] == 854  # 900 s less 5 %, less the login's 0.3 s


def test_past_soft_expiry_one_environment_refreshes_and_the_others_serve() -> None:
    world = World()
    get_token(world.broker())
    world.clock.time += 460
    during: list[dict[str, Any]] = []
    world.salesforce.during = lambda: during.append(get_token(world.broker()))
    refreshed = get_token(world.broker())
    assert refreshed["source"] == "minted"
    assert during[0]["source"] == "cache"
    assert world.salesforce.logins == 2


def test_a_caller_waits_while_another_mints_and_gets_that_token() -> None:
    world = World()
    waiting: list[dict[str, Any]] = []

    def publish_meanwhile() -> None:
        world.clock.on_sleep = lambda: None
        world.store.items[row_key("orders")].pop("lease_until")
        get_token(world.broker())

    def call_while_minting() -> None:
        world.salesforce.during = lambda: None
        world.clock.on_sleep = publish_meanwhile
        waiting.append(get_token(world.broker()))

    world.salesforce.during = call_while_minting
    late = get_token(world.broker())
    assert waiting[0]["source"] == "cache"
    assert late["fingerprint"] == waiting[0]["fingerprint"]
    assert world.telemetry.of(FencedOut)


def test_a_waiting_caller_is_told_when_its_time_is_up() -> None:
    world = World()
    world.salesforce.during = lambda: _raises(RefreshInProgress, lambda: get_token(world.broker(), deadline_s=1))
    get_token(world.broker())
    assert world.salesforce.logins == 1


def _raises(error: type[Exception], call: Any) -> None:
    with pytest.raises(error):
        call()


def test_no_login_begins_with_too_little_of_the_functions_time_left() -> None:
    world = World()
    with pytest.raises(RefreshInProgress):
        world.broker().get_token(
            TokenRequest(connection="orders", min_ttl=60, rejected=None, deadline_s=10), remaining_s=16
        )
    assert world.salesforce.logins == 0


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


def test_a_refusal_is_remembered_so_that_a_storm_costs_one_login() -> None:
    world = World()
    world.salesforce.fail_next("exchange", MintFailed(REASONS["wrong_audience"]))
    messages = set()
    for _ in range(50):
        with pytest.raises(AssertionRejected) as caught:
            get_token(world.broker())
        messages.add(str(caught.value))
    assert world.salesforce.logins == 1
    assert len(messages) == 1
    assert "audience" in messages.pop()


@pytest.mark.parametrize("change", [{"audience": "https://login.salesforce.com"}, {"private_key": Secret("new")}])
def test_a_repaired_secret_heals_at_once(change: dict[str, Any]) -> None:
    world = World()
    world.salesforce.fail_next("exchange", MintFailed(REASONS["wrong_audience"]))
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    world.credentials.connections["orders"] = a_connection(**change)
    assert get_token(world.broker())["source"] == "minted"


def test_a_rate_limit_holds_for_every_key() -> None:
    world = World()
    world.salesforce.fail_next("exchange", MintFailed(REASONS["login_rate"]))
    for key in ("one", "two"):
        world.credentials.connections["orders"] = a_connection(private_key=Secret(key))
        with pytest.raises(LoginRateExceeded):
            get_token(world.broker())
    assert world.salesforce.logins == 1


def test_permanent_refusals_are_tried_again_after_waits_that_double() -> None:
    world = World()
    waits = []
    for _ in range(6):
        world.salesforce.fail_next("exchange", MintFailed(REASONS["wrong_key"]))
        with pytest.raises(AssertionRejected):
            get_token(world.broker())
        until = world.row().failure_until
        assert until is not None
        waits.append(round(until - world.clock.time))
        world.clock.time = until
    assert waits == [60, 120, 240, 480, 900, 900]


def test_a_good_token_outlives_a_failing_refresh() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 460
    world.salesforce.fail_next("exchange", MintFailed(REASONS["salesforce_fault"]))
    answer = get_token(world.broker())
    assert (answer["source"], answer["fingerprint"]) == ("cache", first["fingerprint"])
    assert world.telemetry.of(MintRefused)
    assert world.telemetry.of(Degraded)
    get_token(world.broker())
    assert world.salesforce.logins == 2


@pytest.mark.parametrize("fault", [InvalidCredentials("No PEM.", remedy="Store one."), down()])
def test_a_good_token_outlives_a_broken_secret(fault: Exception) -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 460
    world.credentials.fail_next("load", fault)
    assert get_token(world.broker())["fingerprint"] == first["fingerprint"]


def test_access_denied_is_a_decision_and_never_ridden_out() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 31
    world.store.fail_next("peek", down(denied=True))
    with pytest.raises(CacheUnavailable):
        get_token(broker)


def test_memory_serves_while_the_store_is_down_and_nothing_is_minted_without_it() -> None:
    world = World()
    broker = world.broker()
    first = get_token(broker)
    world.clock.time += 500
    world.store.fail_next("read", down(), down())
    assert get_token(broker)["fingerprint"] == first["fingerprint"]
    assert world.telemetry.of(Degraded)
    with pytest.raises(CacheUnavailable):
        get_token(world.broker())
    assert world.salesforce.logins == 1


def test_memory_is_never_served_past_hard_expiry() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 856
    world.store.fail_next("read", down())
    with pytest.raises(CacheUnavailable):
        get_token(broker)


def test_a_publish_that_landed_without_an_answer_is_served() -> None:
    world = World()
    world.store.fail_next("after publish", down())
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 1


def test_a_publish_that_was_lost_is_sent_once_more() -> None:
    world = World()
    world.store.fail_next("publish", down())
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 1


def test_an_acquire_that_landed_without_an_answer_blocks_nobody_for_longer_than_the_lease() -> None:
    world = World()
    world.store.fail_next("after acquire", down())
    with pytest.raises(CacheUnavailable):
        get_token(world.broker())
    assert get_token(world.broker(), deadline_s=40)["source"] == "minted"
    assert world.salesforce.logins == 1


def test_kms_down_at_sealing_is_remembered_and_costs_one_login() -> None:
    world = World()
    world.sealer.fail_next("seal", down())
    with pytest.raises(CacheUnavailable):
        get_token(world.broker())
    with pytest.raises(CacheUnavailable):
        get_token(world.broker())
    assert world.salesforce.logins == 1


def test_a_copy_that_does_not_open_is_replaced_and_never_served() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 61
    world.store.items[row_key("orders")]["sealed"] = b"garbage"
    second = get_token(world.broker())
    assert second["source"] == "minted"
    assert second["fingerprint"] != first["fingerprint"]
    assert world.telemetry.of(UnusableCopy)


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
    assert world.telemetry.of(FencedOut)


def test_a_min_ttl_that_the_token_cannot_meet_is_clamped_to_half_of_its_life() -> None:
    answer = get_token(World().broker(), min_ttl=43_200)
    assert answer["min_ttl_applied"] == 427


def test_a_token_with_less_life_than_asked_for_is_refreshed() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(lifetime_s=7200)
    get_token(world.broker())
    world.clock.time += 3400
    assert get_token(world.broker(), min_ttl=60)["source"] == "cache"
    world.clock.time += 100
    assert get_token(world.broker(), min_ttl=3420)["source"] == "minted"


def test_a_token_that_is_over_when_it_arrives_is_a_failure() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(lifetime_s=60)
    world.salesforce.takes_s = 31
    with pytest.raises(SalesforceUnavailable):
        get_token(world.broker())
    assert world.row().fingerprint is None


def test_the_login_budget_ends_with_the_hour() -> None:
    world = World(budget=2)
    for _ in range(2):
        get_token(world.broker())
        world.clock.time += 856
    with pytest.raises(LoginRateExceeded):
        get_token(world.broker())
    world.clock.time += 3600
    assert get_token(world.broker())["source"] == "minted"


def test_a_session_that_is_handed_out_again_is_served_without_interruption() -> None:
    world = World()
    world.salesforce.answers = {"access_token": "00D!same", "issued_at": "1"}
    first = get_token(world.broker())
    world.clock.time += 100
    again = get_token(world.broker())
    assert again["fingerprint"] == first["fingerprint"]
    assert again["source"] == "minted"
    assert again["expires_in"] > 100


def test_a_session_that_was_just_rejected_and_comes_again_is_a_failure() -> None:
    world = World()
    world.salesforce.answers = {"access_token": "00D!same"}
    first = get_token(world.broker())
    with pytest.raises(SalesforceUnavailable):
        get_token(world.broker(), rejected=first["fingerprint"])


def test_a_connection_without_credentials_is_said_with_the_command_that_creates_them() -> None:
    world = World()
    world.credentials.connections.clear()
    with pytest.raises(ConnectionNotFound, match="aws secretsmanager create-secret --name sfmint/test/orders"):
        get_token(world.broker())


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
    world.salesforce.fail_next("exchange", MintFailed(REASONS["user_not_approved"]))
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    failure = world.broker().status(StatusRequest(connection="orders"))["failure"]
    assert (failure["error"], failure["reason"]) == ("AssertionRejected", "user_not_approved")
    assert "Pre-authorise" in failure["message"]


def test_the_keeper_refreshes_what_would_get_soft_before_its_next_tick() -> None:
    world = World()
    first = get_token(world.broker())
    keeper = world.keeper(interval_s=300)
    world.clock.time += 100
    assert keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)["refreshed"] is False
    world.clock.time += 100
    answer = keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)
    assert answer["refreshed"] is True
    assert answer["fingerprint"] != first["fingerprint"]
    assert "access_token" not in answer
    assert get_token(world.broker())["source"] == "cache"


def test_the_keeper_tells_of_a_failed_refresh_and_keeps_the_token() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 200
    world.salesforce.fail_next("exchange", MintFailed(REASONS["no_answer"]))
    answer = world.keeper(interval_s=300).refresh(RefreshRequest(connection="orders"), remaining_s=60)
    assert answer["failure"]["error"] == "SalesforceUnavailable"
    assert get_token(world.broker())["fingerprint"] == first["fingerprint"]


def test_a_flush_fences_out_whoever_mints_meanwhile() -> None:
    world = World()

    def flush() -> None:
        world.salesforce.during = lambda: None
        world.keeper().flush(FlushRequest(connection="orders"))

    world.salesforce.during = flush
    get_token(world.broker())
    assert world.salesforce.logins == 2
    assert world.telemetry.of(FencedOut)
