"""A look at one connection among many: one that is slow leaves time for the others."""

from collections.abc import Callable

from sfmint.aws_access.budget import LOOK_S
from sfmint.errors import CacheUnavailable
from sfmint.ports import Ports


def briefly[Answer](ports: Ports, ask: Callable[[], Answer]) -> Answer:
    """Return what the store answers within one look's time.

    Args:
        ports: the world.
        ask: asks the store.

    Raises:
        CacheUnavailable: it does not answer, or the time for all is over.
    """
    if ports.budget.left_s() <= 0:
        raise CacheUnavailable("The time for status was over before this row was read.", remedy="Ask for it alone.")
    with ports.budget.share(LOOK_S):
        return ask()
