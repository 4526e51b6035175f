"""How long failures are remembered, one after the other."""

import pytest

from sfmint.errors import AssertionRejected
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.world import World, get_token


def pauses(world: World, reason: str, rounds: int, *, keys: int = 1) -> list[int]:
    """Refuse every login, ask again as soon as that is forgotten, and return the pauses in seconds.

    Args:
        world: whose broker is asked.
        reason: the code of the refusal.
        rounds: how many pauses.
        keys: how many are tried in each round; who asks meanwhile causes no login.
    """
    found = []
    for _ in range(rounds):
        before = world.salesforce.logins
        world.salesforce.fail_next("exchange", *[LoginFailed(REASONS[reason])] * keys)
        for _ in range(keys + 1):
            with pytest.raises(AssertionRejected):
                get_token(world.broker())
        assert world.salesforce.logins == before + keys
        until = world.row().failure_until
        assert until is not None
        found.append(round(until - world.clock.time))
        world.clock.time = until
    return found
