"""How far rotations get in one run: each step is taken when it is due, and nothing is begun that would not end in time."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from key_rotation.standing import Phase, Standing
from key_rotation.use_case.work import Run
from sfmint.ports import Clock

AGAIN_S = 5.0
LAST_S = 90.0  # of the function's time, with which no step is begun: a login takes 65 s at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of one run.

    Attributes:
        advance: takes the step that is due.
        clock: time.
        run: which run it is, and when it ends.
        until: the phases in which nothing more is to be done.
        waits: whether a step that is not due yet is waited for. For a person nobody waits.
        failed: is told of an error of one rotation, where the others go on; None: it goes out.
    """

    advance: Callable[[str, Run], Standing]
    clock: Clock
    run: Run
    until: Collection[Phase]
    waits: bool
    failed: Callable[[str, Exception], object] | None

    def follow(self, standings: dict[str, Standing]) -> dict[str, Standing]:
        """Go on with rotations as far as it gets, the one that is due first.

        Args:
            standings: how they stand, by connection; kept up to date. One that has failed is left as it was known.
        """
        going = set(standings)
        while going := {name for name in going if self._goes_on(standings[name])}:
            name = min(sorted(going), key=lambda each: self._pause_s(standings[each]))
            pause_s = self._pause_s(standings[name])
            if self.clock.now() + pause_s > self.run.ends_at - LAST_S:
                break
            if pause_s > 0:
                self.clock.sleep(pause_s)
            try:
                standings[name] = self._settled(self.advance(name, self.run))
            except Exception as error:  # whatever it is, the others go on
                if self.failed is None:
                    raise
                self.failed(name, error)
                going.discard(name)
        return standings

    def _settled(self, standing: Standing) -> Standing:
        """Return a standing that is not due again at once, where nothing has moved: somebody else is at work."""
        if standing.has_moved or not standing.is_open or self._pause_s(standing) > 0:
            return standing
        return replace(standing, next_at=self.clock.now() + AGAIN_S)

    def _goes_on(self, standing: Standing) -> bool:
        if standing.phase in self.until:
            return False
        is_due = self._pause_s(standing) <= 0
        return is_due or (self.waits and standing.phase is not Phase.WAITING)

    def _pause_s(self, standing: Standing) -> float:
        return max(0.0, (standing.next_at or 0.0) - self.clock.now())
