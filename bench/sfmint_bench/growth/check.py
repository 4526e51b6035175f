"""Whether the simulation of growth may be believed: its counts against those of real processes."""

from sfmint_bench.gates import Gate
from sfmint_bench.growth.replay import count_twice, differing
from sfmint_bench.report import Result
from sfmint_local.environments import BareStack, Environments

SIMULATED_GROWTH = Gate(
    name="simulated growth: counts that real processes do not confirm", unit="counts", comparison="==", limit=0
)


def growth(stack: BareStack, environments: Environments) -> list[Result]:
    """Returns in how many counts the two differ."""
    counted = count_twice(stack, environments)
    wrong = sorted(f"{title}: {name}" for title, name in differing(counted))
    equal = f"{sum(len(one) for one, _ in counted.values())} counts of {len(counted)} schedules"
    return [Result(gate=SIMULATED_GROWTH, value=len(wrong), seen=", ".join(wrong) or equal)]
