"""What an event asks for, as far as it gets in one run: steps are taken while they are due, and waited for where nobody else does.

A step of Secrets Manager's and the tick of the schedule wait for what is due next, as long as the function's time lasts. An order
of an operator's does not: whoever has ordered sees how it stands, and asks again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from key_rotation.course import Course
from key_rotation.errors import RotationPending, RotationVoid
from key_rotation.event import OrderRequest, RotationRequest, StepRequest, TickRequest
from key_rotation.standing import ENDED, Phase, Standing
from key_rotation.telemetry import CertificateSeen, RotationCancelled, RotationFinished, StillPending
from key_rotation.use_case.work import Run
from sfmint.lifetime import days_left
from sfmint.ports import Chance, Clock, Telemetry

# What a step of Secrets Manager's leaves behind.
_UNTIL: Mapping[str, frozenset[Phase]] = {
    "createSecret": frozenset(Phase) - {Phase.CREATING},
    "setSecret": frozenset(Phase) - {Phase.CREATING, Phase.SETTING},
    "testSecret": ENDED | {Phase.FINISHING},
    "finishSecret": ENDED,
}
_WITHOUT_NEW_KEY = frozenset({Phase.CANCELLED, Phase.NONE, Phase.VOID})


class Rotations(Protocol):
    """The use case: `key_rotation.use_case.rotation.Rotation`."""

    def standing(self, connection: str) -> Standing:
        """Return how a rotation stands."""

    def status(self, connection: str) -> Standing:
        """Return how a rotation stands, and which certificate is to be uploaded to which app."""

    def check(self, connection: str) -> Standing:
        """Return how a rotation stands, if another one could begin."""

    def begin(self, connection: str, rotation: str, run: Run) -> Standing:
        """Begin a rotation."""

    def advance(self, connection: str, run: Run) -> Standing:
        """Take the step that is due."""

    def finish(self, connection: str, run: Run) -> Standing:
        """Note that a person says it is to go on."""

    def cancel(self, connection: str, run: Run) -> Standing:
        """Note that a person says it is to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs rotations.

    Attributes:
        rotations: the use case.
        connections: of the stack.
        certificate_ends: returns when the certificates end of the keys that log in, by connection; epoch seconds.
        clock: time.
        chance: names runs and rotations.
        telemetry: is told how rotations stand and end.
        told: tells of an error in a tick, where the others go on.
    """

    rotations: Rotations
    connections: Collection[str]
    certificate_ends: Callable[[], Mapping[str, float]]
    clock: Clock
    chance: Chance
    telemetry: Telemetry
    told: Callable[[str, Exception], object]

    def run(self, request: RotationRequest, *, remaining_s: float) -> dict[str, Any]:
        """Do what an event asks for, and return how things stand.

        Args:
            request: the checked event.
            remaining_s: what is left of the function's own time-out, in seconds.

        Raises:
            RotationError: the rotation cannot begin, has ended otherwise, or is not as far yet as a step has to bring it.
            SfmintError: AWS does not answer, or there is no such secret.
        """
        run = Run(id=self.chance.unique(), ends_at=self.clock.now() + remaining_s)
        match request:
            case StepRequest():
                return _answer(self._take_step(request, run))
            case OrderRequest():
                return _answer(self._obey(request, run))
            case TickRequest():
                return {"rotations": [_answer(standing) for standing in self._tick(run)]}

    def _obey(self, order: OrderRequest, run: Run) -> Standing:
        name = order.connection
        match order.action:
            case "status":
                return self.rotations.status(name)
            case "check":
                return self.rotations.check(name)
            case "start":
                standing = self.rotations.begin(name, self.chance.unique(), run)
            case "finish":
                standing = self.rotations.finish(name, run)
            case "cancel":
                standing = self.rotations.cancel(name, run)
            case _:
                standing = self.rotations.standing(name)
        return self._one(standing, run, until=ENDED, waits=False)

    def _take_step(self, request: StepRequest, run: Run) -> Standing:
        if request.step == "createSecret":
            standing = self.rotations.begin(request.connection, request.version, run)
        else:
            standing = self.rotations.standing(request.connection)
        if request.step == "testSecret" and not standing.is_open and standing.rotation != request.version:
            return standing  # Secrets Manager tries the function alone where a schedule is set: nothing is pending
        until = _UNTIL[request.step]
        standing = self._one(standing, run, until=until, waits=True)
        if standing.phase in _WITHOUT_NEW_KEY:
            raise RotationVoid(
                standing.words or "No rotation is under way.",
                remedy=f"Begin another one: sfmint rotate start {request.connection}.",
            )
        if standing.phase not in until:
            raise RotationPending(
                standing.words or f"The rotation is still {standing.phase}.",
                remedy=f"The next run goes on; see sfmint rotate status {request.connection}.",
            )
        return standing

    def _tick(self, run: Run) -> Collection[Standing]:
        """Go on with all that is pending, each when it is due."""
        found: dict[str, Standing] = {}
        for name in sorted(self.connections):
            try:
                found[name] = self.rotations.standing(name)
                if not found[name].is_open:
                    self.rotations.advance(name, run)  # what has arrived after its end is taken away
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                self.told(name, error)
        self._see_certificates()
        pending = {name: standing for name, standing in found.items() if standing.is_open}
        return self._all(pending, run, until=ENDED, waits=True, failed=self.told).values()

    def _see_certificates(self) -> None:
        for name, ends_at in self.certificate_ends().items():
            self.telemetry.emit(CertificateSeen(connection=name, days=days_left(ends_at, self.clock.now())))

    def _one(self, standing: Standing, run: Run, *, until: Collection[Phase], waits: bool) -> Standing:
        return self._all({standing.connection: standing}, run, until=until, waits=waits)[standing.connection]

    def _all(
        self,
        standings: dict[str, Standing],
        run: Run,
        *,
        until: Collection[Phase],
        waits: bool,
        failed: Callable[[str, Exception], object] | None = None,
    ) -> Mapping[str, Standing]:
        before = dict(standings)
        course = Course(
            advance=self.rotations.advance, clock=self.clock, run=run, until=until, waits=waits, failed=failed
        )
        try:
            return course.follow(standings)
        finally:
            for name, standing in standings.items():
                self._tell(before[name], standing)

    def _tell(self, before: Standing, after: Standing) -> None:
        """Say how a rotation stands, or how it has ended in this run."""
        name = after.connection
        if after.is_open:
            pending_s = int(self.clock.now() - (after.began_at or self.clock.now()))
            counted = {"logins": after.logins, "refusals": after.refusals, "pending_s": pending_s}
            self.telemetry.emit(StillPending(connection=name, phase=after.phase, why=after.words, **counted))
        elif before.is_open and after.phase is Phase.FINISHED:
            self.telemetry.emit(RotationFinished(connection=name, version=after.version))
        elif before.is_open:
            self.telemetry.emit(RotationCancelled(connection=name, version=after.version, why=after.words))


def _answer(standing: Standing) -> dict[str, Any]:
    return asdict(standing)
