"""Execution environments as real processes, without Lambda, and the little AWS that they need: a hundred are affordable.

with BareStack() as stack, Environments(stack.folder) as environments:
    stack.connect("orders")
    callers = environments.start_many(100, stack.settings())
    for caller in callers:
        caller.begin({"connection": "orders"})
    replies = [caller.finish(30) for caller in callers]
    assert stack.logins("orders") == 1
"""

from sfmint_local.environments.bare_stack import BareConnection, BareStack, Row
from sfmint_local.environments.environment import Environment, EnvironmentEndedError, Reply
from sfmint_local.environments.environments import Environments

__all__ = ["BareConnection", "BareStack", "Environment", "EnvironmentEndedError", "Environments", "Reply", "Row"]
