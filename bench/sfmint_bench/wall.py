"""Warm invocations as their callers see them: in wall time, before a token endpoint that takes as long as Salesforce's."""

from sfmint_bench import gates
from sfmint_bench.footing import LOGIN_MS, equal_footing, logins_taking
from sfmint_bench.warm import Warm, compared, invoked
from sfmint_local.environments import BareStack

CONNECTION = "wall"


def wall(stack: BareStack, *, rounds: int) -> Warm:
    """Measure them.

    Args:
        stack: where; its token endpoint is slowed down meanwhile.
        rounds: how often each kind takes its turn.

    Raises:
        LocalStackError: they could not be measured.
    """
    with equal_footing(stack, CONNECTION) as footing, logins_taking(stack, LOGIN_MS):
        samples = invoked(footing, "wall", rounds)["taken_s"]
    result = compared(gates.MEMORY_AGAINST_LOGIN, samples, "simple-salesforce", "memory hit")
    return Warm(results=[result], samples=samples)
