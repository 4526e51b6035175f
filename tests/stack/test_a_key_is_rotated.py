"""An unattended rotation on the local stack, whose org takes half a minute to know the new certificate. Callers never rest.

The five minutes between the logins of a rotation pass in its note: each time in it is moved back. The org's half minute is real.
"""

import time
from collections.abc import Iterator

import pytest

from sfmint_local.callers import Callers
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.functions import FunctionError
from sfmint_local.rotation.rotated import OPEN, PROPAGATION_S, REFUSED, Rotated
from stack.passing_time import let_pass

LONGEST_S = 120.0


@pytest.fixture
def rotated(stack: EmbeddedStack, connection: str) -> Iterator[Rotated]:
    before = stack.org.settings()
    rotated = Rotated(stack, connection)
    rotated.prepare()
    yield rotated
    stack.watch_key(str(rotated.secret()["private_key"]))
    stack.org.change_settings(propagation_s=before.propagation_s, propagation=before.propagation)


def test_a_key_is_rotated_and_no_caller_notices(rotated: Rotated, stack: EmbeddedStack) -> None:
    rotated.let_the_org_be_slow()
    old, callers = rotated.secret(), Callers(stack.functions)
    with callers.calling(rotated.name):
        standing = rotated.order("start")
        arrives_at = time.monotonic() + PROPAGATION_S
        ends_at = arrives_at + LONGEST_S
        while standing["phase"] in OPEN:
            assert time.monotonic() < ends_at, standing
            callers.go_on()
            if standing["refusals"]:  # the org's time cannot be moved
                while time.monotonic() < arrives_at:
                    callers.go_on()
            let_pass(rotated, max(0.0, standing["next_at"] - time.time()))
            standing = rotated.order("advance")
        callers.go_on()

    assert standing["phase"] == "finished", standing
    assert callers.failures == []
    with pytest.raises(FunctionError, match=REFUSED):
        rotated.tried(old)
    new = rotated.tried(rotated.secret())
    for action in ("flush", "refresh"):  # the last token may be younger than a refresh wants
        stack.functions.keeper(action=action, connection=rotated.name)
    rows = stack.functions.keeper(action="status", connection=rotated.name)["connections"]
    assert rows[rotated.name]["key_id"] == new
