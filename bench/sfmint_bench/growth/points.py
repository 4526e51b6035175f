"""The hours that docs/scaling.md tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sfmint_bench.growth.hour import Load, Way, simulated_hour
from sfmint_bench.growth.template_size import TemplateSize
from sfmint_bench.growth.usage import Usage

CALLERS = (1, 10, 100, 1000, 10_000)
WAYS: tuple[Way, ...] = ("invoke", "client")
CALLERS_EACH = 10  # of a connection, where connections grow
LIFETIMES_S = (900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Loads in the order of the page.

    Attributes:
        by_callers: one connection, one stack.
        by_connections: up to a full stack, and several full ones.
        by_lifetime: of tokens.
    """

    by_callers: tuple[Load, ...]
    by_connections: tuple[Load, ...]
    by_lifetime: tuple[Load, ...]

    @classmethod
    def of_the_page(cls) -> "Points":
        """Returns all."""
        most = TemplateSize.of_template().most_connections
        stacks = ((1, 1), (10, 1), (most, 1), (most, 4))
        return cls(
            by_callers=tuple(Load(callers=callers, connections=1, way=way) for callers in CALLERS for way in WAYS),
            by_connections=tuple(
                Load(callers=CALLERS_EACH * connections * count, connections=connections, stacks=count, way=way)
                for connections, count in stacks
                for way in WAYS
            ),
            by_lifetime=tuple(
                Load(callers=200, connections=20, lifetime_s=seconds, way="invoke") for seconds in LIFETIMES_S
            ),
        )

    @property
    def all(self) -> tuple[Load, ...]:
        """All loads."""
        return (*self.by_callers, *self.by_connections, *self.by_lifetime)


def simulate(points: Points, tell: Callable[[int, int], None]) -> Mapping[Load, Usage]:
    """Returns the usage of every load.

    Args:
        points: which.
        tell: is told how many are done, of how many.
    """
    used = {}
    for number, load in enumerate(points.all, 1):
        used[load] = simulated_hour(load)
        tell(number, len(points.all))
    return used
