"""The model's machine: runs of a rotation stopped before each call of a port, so that a test decides what becomes of it.

Nothing of a rotation is told again here. An actor is one invocation, or one deed of a person's; it runs the code that is deployed,
on ports that hand each call to the machine and wait. Time passes while everybody sleeps; Lambda ends an invocation when its time
is over, and what it has sent may arrive for some time after that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Self, cast

from greenlet import greenlet

from key_rotation.errors import RotationError
from key_rotation.logins import LoginUnanswered
from key_rotation.ports import RotationPorts, SetupUnansweredError
from key_rotation.use_case.pace import LATE_CALL_S, LATE_DEPLOYMENT_S
from key_rotation.use_case.rotation import Rotation
from key_rotation.use_case.work import Run
from rotation.promises import Promises
from sfmint.errors import CacheUnavailable, SfmintError
from sfmint_testing.rotation.account import NAME
from sfmint_testing.rotation.world import RotationWorld

LIVES_S: Final = 900.0  # an invocation, at most
AFTER_ERROR_S: Final = 20.0
MOST_ERRORS: Final = 6  # of one run
WRITES: Final = frozenset({"put", "move", "publish", "withdraw", "replace"})  # what may arrive late


class Outcome(Enum):
    """What becomes of a call."""

    DONE = "done"
    FAILED = "failed"  # it never arrived, and its caller hears nothing
    LOST = "lost"  # it is done, and its caller hears nothing
    LATE = "late"  # its caller hears nothing, and then it is done
    DIES = "dies"  # the run ends before it
    DIES_AFTER = "dies after"


FAULTS = tuple(outcome for outcome in Outcome if outcome is not Outcome.DONE)


@dataclass
class Call:
    """A call that waits for the machine.

    Attributes:
        name: of the port and the method.
        perform: does it.
        failure: what its caller meets without an answer: raised, or returned if it is no exception.
    """

    name: str
    perform: Callable[[], Any]
    failure: Any = None

    @property
    def method(self) -> str:
        return self.name.partition(".")[2]


@dataclass
class Actor:
    """An invocation, or a person's deed.

    Attributes:
        index: which one.
        run: its id and its end.
        call: what it waits to be done.
        wakes_at: until when it sleeps; None: it does not.
    """

    index: int
    run: Run
    call: Call | None = None
    wakes_at: float | None = None
    greenlet: greenlet = field(default=None)  # made with its ports

    @property
    def ended(self) -> bool:
        return self.call is None and self.wakes_at is None


type Program = Callable[["Machine", Actor, Rotation], None]


class Machine:
    """A world, and who acts in it."""

    def __init__(self, world: RotationWorld, *programs: Program) -> None:
        self.world = world
        self.promises = Promises(world)
        self.actors: list[Actor] = []
        self.late: list[tuple[float, Call]] = []
        self.told: list[str] = []
        for program in programs:
            self.join(program)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AssertionError):
            error.add_note("\n".join(self.told))
        for actor in self.actors:
            if not actor.ended:
                self._end(actor)

    def join(self, program: Program) -> Actor:
        """Add an actor."""
        index = len(self.actors)
        actor = Actor(index=index, run=Run(id=f"run-{index}", ends_at=self.world.time + LIVES_S))
        self.actors.append(actor)
        rotation = Rotation(ports=stopping(self.world.ports(), actor))
        actor.greenlet = greenlet(lambda _: program(self, actor, rotation))
        self._resume(actor, None)
        return actor

    def waiting(self) -> list[Actor]:
        """Return the actors whose call can be carried out now."""
        return [actor for actor in self.actors if actor.call is not None]

    def proceed(self, actor: Actor, outcome: Outcome = Outcome.DONE) -> None:
        """Let an actor's call come to its outcome."""
        call = actor.call
        assert call is not None
        self._tell(f"actor {actor.index}: {call.name}: {outcome.value}")
        result = call.failure
        if outcome not in {Outcome.FAILED, Outcome.LATE, Outcome.DIES}:
            answer = self._perform(call)
            result = answer if outcome is Outcome.DONE else result
        if outcome is Outcome.LOST and call.method == "try_login":
            self.world.tries.pop()  # an answer that nobody heard proves nothing, and refutes nothing
        if outcome is Outcome.LATE:
            late_s = LATE_DEPLOYMENT_S if call.method == "replace" else LATE_CALL_S
            self.late.append((self.world.time + late_s, call))
        if outcome in {Outcome.DIES, Outcome.DIES_AFTER}:
            return self._end(actor)
        return self._resume(actor, result)

    def arrive(self, index: int = 0) -> None:
        """Let a late call arrive."""
        _, call = self.late.pop(index)
        self._tell(f"{call.name} arrives")
        self._perform(call)

    def tick(self, seconds: float) -> None:
        """Let time pass, whoever could go on meanwhile; whose time is over is ended, and what is late arrives in time."""
        until = self.world.time + seconds
        for index in reversed(range(len(self.late))):
            if self.late[index][0] <= until:
                self.arrive(index)
        self._tell(f"{seconds:g} s pass")
        self.world.time = until
        for actor in self.actors:
            if not actor.ended and actor.run.ends_at <= until:
                self._end(actor)
            elif actor.wakes_at is not None and actor.wakes_at <= until:
                actor.wakes_at = None
                self._resume(actor, None)
        self.promises.check()

    def somebody(self, do: Callable[[], None]) -> None:
        """Let somebody do something by other means than ours."""
        self._tell("somebody does something")
        do()
        self.promises.check()

    def sleep_on(self) -> bool:
        """Let time pass until somebody wakes; False: nobody ever does."""
        times = [actor.wakes_at for actor in self.actors if actor.wakes_at is not None]
        if not times:
            return False
        self.tick(max(min(times) - self.world.time, 0.0))
        return True

    def _perform(self, call: Call) -> Any:
        with self.promises.watching(call.method):
            try:
                return call.perform()
            except Exception as error:  # noqa: BLE001 - it is the caller's, who waits for it
                return error

    def _resume(self, actor: Actor, result: Any) -> None:
        stop = actor.greenlet.switch(result)
        actor.call = stop if isinstance(stop, Call) else None
        actor.wakes_at = stop if isinstance(stop, float) else None

    def _end(self, actor: Actor) -> None:
        self._tell(f"actor {actor.index} ends")
        actor.call = actor.wakes_at = None
        actor.greenlet.throw()

    def _tell(self, what: str) -> None:
        self.told.append(f"{self.promises.elapsed:7.0f} s  {what}")


def stopping(ports: RotationPorts, actor: Actor) -> RotationPorts:
    """Return the ports of an actor, which wait for the machine."""

    def stopped(name: str, port: object, failures: Callable[[str], Any]) -> Any:
        return _Stopping(name, port, actor, failures)

    return RotationPorts(
        clock=ports.clock,
        keys=ports.keys,
        secrets=stopped("secrets", ports.secrets, lambda _: no_answer()),
        notes=stopped("notes", ports.notes, lambda _: no_answer()),
        keeper=stopped("keeper", ports.keeper, _unanswered),
        apps=stopped("apps", ports.apps, lambda _: SetupUnansweredError()),
        announcer=stopped("announcer", ports.announcer, lambda _: False),
    )


def no_answer() -> CacheUnavailable:
    """Return the error of AWS that does not answer."""
    return CacheUnavailable("AWS did not answer.", remedy="Call again.")


def _unanswered(method: str) -> Any:
    match method:
        case "refresh":
            return LoginUnanswered("The keeper did not answer.")
        case "try_login":
            return LoginUnanswered("The keeper did not answer.")
        case _:
            return no_answer()


class _Stopping:
    """A port of an actor's."""

    def __init__(self, name: str, port: object, actor: Actor, failures: Callable[[str], Any]) -> None:
        self._name, self._port, self._actor, self._failures = name, port, actor, failures

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def ask_machine(*args: Any, **named: Any) -> Any:
            call = Call(
                f"{self._name}.{method}",
                lambda: getattr(self._port, method)(*args, **named),
                self._failures(method),
            )
            return ask(self._actor, call)

        return ask_machine


def ask(actor: Actor, stop: Call | float) -> Any:
    """Wait for the machine: until a call has its outcome, or until a time."""
    result = cast("Any", actor.greenlet.parent).switch(stop)
    if isinstance(result, Exception):
        raise result
    return result


def tick_run(machine: Machine, actor: Actor, rotation: Rotation) -> None:
    """Go on with the rotation, as a run of the schedule does, until it has ended or the run's time is over."""
    errors = 0
    while errors < MOST_ERRORS:
        try:
            standing = rotation.advance(NAME, actor.run)
        except SfmintError:
            errors += 1
            ask(actor, machine.world.time + AFTER_ERROR_S)
            continue
        if not standing.is_open or standing.next_at is None:
            return
        if not standing.has_moved:
            wakes_at = max(standing.next_at, machine.world.time + 1.0)
            if wakes_at >= actor.run.ends_at:
                return
            ask(actor, wakes_at)


def starting(token: str) -> Program:
    """Return the program of a run that begins a rotation and goes on with it."""

    def program(machine: Machine, actor: Actor, rotation: Rotation) -> None:
        for _ in range(MOST_ERRORS):
            try:
                rotation.begin(NAME, token, actor.run)
            except SfmintError:
                ask(actor, machine.world.time + AFTER_ERROR_S)
                continue
            except RotationError:
                return
            tick_run(machine, actor, rotation)
            return

    return program


def cancelling(machine: Machine, actor: Actor, rotation: Rotation) -> None:
    """Cancel, as a person does."""
    try:
        rotation.cancel(NAME, actor.run)
    except (SfmintError, RotationError):
        return


def finishing(machine: Machine, actor: Actor, rotation: Rotation) -> None:
    """Say that the certificate is uploaded, as a person does."""
    try:
        rotation.finish(NAME, actor.run)
    except (SfmintError, RotationError):
        return
