"""Ten minutes in which a change of the app arrives, and Salesforce refuses the old key and the new one by turns or both."""

from collections.abc import Callable, Mapping
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sfmint.errors import AssertionRejected, SfmintError
from sfmint.request import RefreshRequest
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.grace import GRACE_S
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import FakeChance, FakeSalesforce, a_connection
from sfmint_testing.world import World, get_token
from sfmint_values.secret import Secret

OLD, NEW = a_connection(), a_connection(private_key=Secret("the next key"))
ARRIVED_S = 600.0  # after the change of the app
STEP_S = 10.0  # between two callers
REFUSALS = sorted(code for code, reason in REASONS.items() if reason.error is AssertionRejected)

type Takes = Callable[[str, float], bool]  # from the key and the seconds since the change to whether it may log in


class ChangingOrg(FakeSalesforce):
    """An org whose app gets another certificate at an instant."""

    takes: Takes
    changed_at: float = float("inf")
    reason: str = "wrong_key"

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        answer = super().exchange(connection, assertion)
        key, since_s = connection.pem().reveal(), self._clock.time - self.changed_at
        takes = key == OLD.pem().reveal() if since_s < 0 else self.takes(key, since_s)
        if not takes:
            raise LoginFailed(REASONS[self.reason])
        return answer


def new_one_only(key: str, since_s: float) -> bool:
    return key == NEW.pem().reveal()


def neither_at_first(key: str, since_s: float) -> bool:
    return since_s >= ARRIVED_S and new_one_only(key, since_s)


def by_chance(seed: int) -> Takes:
    """Take each login, or not, by lot."""
    chance = Random(seed)  # noqa: S311 - a test's dice
    return lambda key, since_s: new_one_only(key, since_s) if since_s >= ARRIVED_S else chance.random() < 0.3


def world_in_rotation(takes: Takes, reason: str, share: float = 0.5) -> tuple[World, ChangingOrg]:
    world = World(chance=FakeChance(share))
    world.salesforce = org = ChangingOrg(world.clock)
    org.takes, org.reason = takes, reason
    world.credentials.made_ready["orders"] = NEW
    return world, org


def finish(world: World) -> None:
    world.credentials.connections["orders"] = NEW
    world.credentials.replaced["orders"] = OLD, world.clock.time + GRACE_S
    del world.credentials.made_ready["orders"]


@example(
    takes=neither_at_first, reason="authentication_failed", deployed_after_s=30, tick_s=300, tick_at_s=170, share=1.0
)
@settings(max_examples=60, deadline=None)
@given(
    takes=st.sampled_from([new_one_only, neither_at_first]) | st.integers(0, 2**32).map(by_chance),
    reason=st.sampled_from(REFUSALS),
    deployed_after_s=st.integers(0, 90),
    tick_s=st.sampled_from([60, 300]),
    tick_at_s=st.integers(0, 299),
    share=st.floats(0, 1),
)
def test_callers_never_notice_and_the_org_is_not_stormed(
    *, takes: Takes, reason: str, deployed_after_s: int, tick_s: int, tick_at_s: int, share: float
) -> None:
    world, org = world_in_rotation(takes, reason, share)
    keeper, brokers = world.keeper(tick_s), [world.broker(), world.broker()]
    keeper.refresh(RefreshRequest(connection="orders", ahead_s=43_200), remaining_s=60)
    org.changed_at = began_at = world.clock.time + deployed_after_s
    for number in count():
        since_s = world.clock.time - began_at
        if "orders" in world.credentials.made_ready and since_s >= ARRIVED_S + 300:
            finish(world)
        if since_s > ARRIVED_S + 2000:
            break
        get_token(brokers[number % 2], min_ttl=number % 3 * 200)
        if (since_s - tick_at_s) % tick_s < STEP_S:
            keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)
        world.clock.time += STEP_S
    assert org.logins <= 60
    assert world.row().key_id == world.signers.signer(NEW).key_id


@pytest.mark.parametrize("reason", ["wrong_key", "authentication_failed"])  # each of another back-off
def test_where_both_keys_are_refused_for_good_a_quarter_of_the_login_budget_is_spent_at_most(reason: str) -> None:
    world, org = world_in_rotation(lambda key, since_s: False, reason)
    org.changed_at = world.clock.time
    broker = world.broker()
    for hour in range(2):
        before = org.logins
        ends_at = (world.clock.time // 3600 + 1) * 3600
        while world.clock.time < ends_at:
            with pytest.raises(SfmintError):
                get_token(broker)
            world.clock.time += STEP_S
        assert org.logins - before <= (60 if hour else 80), hour  # at first each minute


@pytest.mark.parametrize("reason", ["wrong_key", "authentication_failed"])  # each of another back-off
def test_a_key_that_is_refused_for_good_beside_a_live_token_costs_few_logins_more(reason: str) -> None:
    world = World()
    world.salesforce = org = ChangingOrg(world.clock)
    org.takes, org.reason = (lambda key, since_s: False), reason
    broker = world.broker()
    get_token(broker)
    org.changed_at = world.clock.time
    while world.clock.time - org.changed_at < 850:
        get_token(broker)
        world.clock.time += STEP_S
    assert 5 <= org.logins <= 8
