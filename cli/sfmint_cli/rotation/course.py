"""The course of a rotation, seen to its end: the function is asked again when it says so, and a lost answer is no end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from sfmint_cli.result import Failed
from sfmint_cli.rotation.function import RotationFunction
from sfmint_cli.rotation.standing import CANCELLING, Standing
from sfmint_values.system import Clock

MOST_LOST = 5  # answers in a row
AFTER_LOSS_S = 15.0
SHORTEST_S, LONGEST_S = 2.0, 60.0  # between two questions; not longer, for this machine's clock may be off
PATIENCE_S = 2700.0  # without a step forward; a rotation that needs nobody cancels itself before
_OF_AWS = frozenset({"Unreachable", "AwsError", "RotationFailed"})
_OF_THE_FUNCTION = frozenset({"RotationPending", "CacheUnavailable", "InternalError"})
_MINUTE_S = 60


@dataclass(slots=True, kw_only=True)
class Course:
    """Follows a rotation.

    Attributes:
        function: the stack's.
        clock: for the pauses.
        tell: is told of the progress.
    """

    function: RotationFunction
    clock: Clock
    tell: Callable[[str], None]
    _told: set[str] = field(default_factory=set, init=False)  # since the last step
    _awaited: float | None = field(default=None, init=False)  # the instant that was told last

    def follow(self, action: str, *, until: Callable[[Standing], bool]) -> Standing:
        """Ask for an action, then have the rotation go on until it ends, or nothing more comes of waiting.

        Args:
            action: the first.
            until: where else it ends.

        Raises:
            Failed: the function refuses, or gives no answer several times in a row.
        """
        standing = self._ask(action)
        seen, since = standing.progress, self.clock.monotonic()
        while standing.is_open and not standing.is_stuck and not until(standing):
            self.clock.sleep(self._pause(standing))
            standing = self._ask("advance")
            if standing.progress != seen:
                seen, since = standing.progress, self.clock.monotonic()
            if self.clock.monotonic() - since > PATIENCE_S:
                break
        return standing

    def _tell_progress(self, standing: Standing) -> None:
        if (told := _progress(standing)) not in self._told:
            self._told.clear()
        self._tell(told)

    def _pause(self, standing: Standing) -> float:
        if standing.has_moved or standing.next_at is None:
            return SHORTEST_S
        left = standing.next_at - self.clock.now()
        if left > LONGEST_S and standing.next_at != self._awaited:
            self._awaited = standing.next_at
            until = ", for until then a change of the app may be on its way" if standing.phase == CANCELLING else ""
            self.tell(f"The next step is in about {ceil(left / _MINUTE_S)} min{until}.")
        return min(max(left, SHORTEST_S), LONGEST_S)

    def _ask(self, action: str) -> Standing:
        lost = 0
        while True:
            try:
                standing = self.function.ask(action)
            except Failed as error:
                if error.name not in _OF_AWS | _OF_THE_FUNCTION or lost == MOST_LOST:
                    raise
                lost += 1
                self.tell(f"{error.cause} Nothing is lost: it is asked again.")
                self.clock.sleep(AFTER_LOSS_S)
            else:
                self._tell_progress(standing)
                return standing

    def _tell(self, text: str) -> None:
        """Tell it once: a question a minute has mostly the same answer."""
        if text not in self._told:
            self._told.add(text)
            self.tell(text)


def _progress(standing: Standing) -> str:
    counts = {"logins": standing.logins, "refusals": standing.refusals}
    told = ", ".join(f"{what} in a row: {count}" for what, count in counts.items() if count)
    return f"{standing.words} ({told})" if told else standing.words
