"""Where a token comes from: memory, the row, or a login, and who waits for whom."""

from collections.abc import Callable
from typing import Any

import pytest

from sfmint.errors import RefreshInProgress
from sfmint.request import FlushRequest, TokenRequest
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.rejections import REJECT_GAP_S
from sfmint.row.row import row_key
from sfmint.telemetry import FencedOut, Served, ServedFromMemory
from sfmint_testing.fakes import a_connection
from sfmint_testing.reference_store import ReferenceStore
from sfmint_testing.world import World, get_token


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


def test_a_renewed_trust_is_told_as_a_hit_from_memory() -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 30
    get_token(broker)
    assert len(world.telemetry.select(ServedFromMemory)) == 1
    assert len(world.telemetry.select(Served)) == 1, "the login alone"


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
    assert world.telemetry.select(FencedOut)


def test_a_waiting_caller_is_told_when_its_time_is_up() -> None:
    world = World()
    world.salesforce.during = lambda: _raises(RefreshInProgress, lambda: get_token(world.broker(), deadline_s=1))
    get_token(world.broker())
    assert world.salesforce.logins == 1


def _raises(error: type[Exception], call: Callable[[], object]) -> None:
    with pytest.raises(error):
        call()


class LostAnswer(ReferenceStore):
    """Carries out twice what may be repeated, as a client does that got no answer to the first try."""

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        if update.repeatable:
            super().write(key, update)
        return super().write(key, update)


def test_a_lease_whose_grant_was_not_heard_of_is_recognised_by_its_owner() -> None:
    world = World(store=LostAnswer())
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 1


def test_a_rejection_that_was_not_heard_of_counts_once() -> None:
    world = World(store=LostAnswer())
    for logins in (1, 2, 3):
        refused = get_token(world.broker())
        world.clock.sleep(REJECT_GAP_S)
        successor = get_token(world.broker(), rejected=refused["fingerprint"])
        assert successor["fingerprint"] != refused["fingerprint"]
        assert (world.row().reject_count, world.salesforce.logins) == (logins, logins + 1)


def test_no_login_begins_with_too_little_of_the_functions_time_left() -> None:
    world = World()
    with pytest.raises(RefreshInProgress):
        world.broker().get_token(
            TokenRequest(connection="orders", min_ttl=60, rejected=None, deadline_s=10), remaining_s=16
        )
    assert world.salesforce.logins == 0


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


def test_a_session_that_is_handed_out_again_is_served_without_interruption() -> None:
    world = World()
    world.salesforce.answers = {"access_token": "00D!same", "issued_at": "1"}
    first = get_token(world.broker())
    world.clock.time += 100
    again = get_token(world.broker())
    assert again["fingerprint"] == first["fingerprint"]
    assert again["source"] == "minted"
    assert again["expires_in"] > 100


def test_a_process_that_froze_after_its_read_asks_the_row_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    broker = world.broker()
    get_token(broker)
    world.clock.time += 31
    peek = world.store.peek

    def freeze(key: str) -> Item | None:
        item = peek(key)
        world.clock.time += 31
        return item

    monkeypatch.setattr(world.store, "peek", freeze)
    world.store.calls.clear()

    assert get_token(broker)["source"] == "cache"
    assert world.store.calls == ["peek", "read"]
