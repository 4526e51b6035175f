"""Whether the simulation of growth may be believed: its counts against those of real processes."""

from sfmint_bench.gates import SIMULATED_GROWTH
from sfmint_bench.growth.replay import Counted, count_twice, differing
from sfmint_bench.report import Result
from sfmint_local.environments import BareStack, Environments


def growth(stack: BareStack, environments: Environments) -> list[Result]:
    """Returns in how many counts the two differ."""
    return [confirmed(count_twice(stack, environments))]


def confirmed(counted: Counted) -> Result:
    """Returns in how many counts the two differed."""
    wrong = sorted(f"{title}: {name}" for title, name in differing(counted))
    every = sum(len(one | other) for one, other in counted.values())
    return Result(gate=SIMULATED_GROWTH, value=len(wrong), seen=", ".join(wrong) or f"{every} counts, all alike")
