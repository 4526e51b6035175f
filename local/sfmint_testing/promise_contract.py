"""What a store declares that it cannot promise it really does not keep, and everything else it keeps."""

import secrets

import pytest

from sfmint.errors import CacheUnavailable, InvalidCredentials, InvalidRequest, LoginRateExceeded, RefreshInProgress
from sfmint.request import FlushRequest, TaintRequest
from sfmint.row.guarantees import Guarantee
from sfmint_testing.backend import Backend
from sfmint_testing.stored_world import StoredWorld
from sfmint_testing.world import get_token

# An emulator shows every write at once. AWS calls the results of GetParametersByPath best effort, and says nothing of
# when they show what was written; whereas DynamoDB's ConsistentRead does.
NOT_SHOWN_HERE = {Guarantee.READ_AFTER_WRITE}


def bars_a_key(world: StoredWorld) -> bool:
    get_token(world.broker())
    key_id = str(world.item()["key_id"])
    try:
        world.keeper().taint(TaintRequest(connection="orders", key_id=key_id))
    except InvalidRequest:
        return False
    with pytest.raises(InvalidCredentials):
        get_token(world.broker())
    return True


def keeps_a_login_budget(world: StoredWorld) -> bool:
    world.budget = 1
    get_token(world.broker())
    world.keeper().flush(FlushRequest(connection="orders"))
    try:
        get_token(world.broker())
    except LoginRateExceeded:
        return True
    return False


def mints_again_at_once(world: StoredWorld) -> bool:
    try:
        for _ in range(5):
            get_token(world.broker(), deadline_s=1)
            world.keeper().flush(FlushRequest(connection="orders"))
    except RefreshInProgress:
        return False
    return True


def keeps_a_long_token(world: StoredWorld) -> bool:
    world.salesforce.answers = {"access_token": secrets.token_urlsafe(6000)}
    try:
        answers = [get_token(world.broker()) for _ in range(2)]
    except CacheUnavailable:
        return False
    return [answer["source"] for answer in answers] == ["minted", "cache"]


KEEPS = {
    Guarantee.TAINT: bars_a_key,
    Guarantee.LOGIN_BUDGET: keeps_a_login_budget,
    Guarantee.AGAIN_AT_ONCE: mints_again_at_once,
    Guarantee.ANY_SIZE: keeps_a_long_token,
}


class PromiseContract:
    """Subclasses give the fixture `backend`."""

    @pytest.mark.parametrize("promise", KEEPS, ids=lambda promise: promise.name)
    def test_a_promise_is_kept_or_declared_as_one_that_cannot_be(self, backend: Backend, promise: Guarantee) -> None:
        kept = KEEPS[promise](StoredWorld(clock=backend.clock, backend=backend))
        assert kept == (promise not in backend.store.CANNOT_PROMISE)
