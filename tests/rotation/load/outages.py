"""AWS that does not answer for a while: each of its services, as the core's fakes are."""

from dataclasses import dataclass, field

from rotation.load.timeline import Timeline
from sfmint_testing.fakes import FakeSealer, Faults
from sfmint_testing.reference_store import ReferenceStore
from sfmint_testing.world import down

_SILENCE_S = 1.0


@dataclass(slots=True)
class Outages:
    """When AWS does not answer.

    Attributes:
        clock: time.
        spans: from when to when, epoch seconds.
    """

    clock: Timeline
    spans: list[tuple[float, float]] = field(default_factory=list)

    def strike(self) -> None:
        """Fail as AWS does while it is down."""
        if any(begin <= self.clock.now() < end for begin, end in self.spans):
            self.clock.sleep(_SILENCE_S)
            raise down()


class _Struck(Faults):
    """A fake whose calls fail while AWS is down."""

    def __init__(self, outages: Outages) -> None:
        super().__init__()
        self._outages = outages

    def strike(self, call: str) -> None:
        self._outages.strike()


class StruckStore(_Struck, ReferenceStore):
    """The table."""


class StruckSealer(_Struck, FakeSealer):
    """KMS."""
