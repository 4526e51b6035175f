"""Every order in which a scenario can go, within its bounds; or one drawn at random."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from model.machine import BrokenPromiseError, Machine, Outcome, Scope

PATIENCE_S = 65.0  # two leases and a failure's wait: by then everyone has an answer
STRIDE_S = 5.0
LONGEST = 400  # events; whatever takes more goes round in circles

# What may become of a call beside being done; of every other call, anything.
_FAULTS = {
    "arrive": (),
    "change secret": (),
    "exchange": (Outcome.FAILED, Outcome.LOST, Outcome.DIES, Outcome.DIES_AFTER),
    "load": (Outcome.FAILED, Outcome.DIES),
    "peek": (Outcome.FAILED, Outcome.DIES),
    "read": (Outcome.FAILED, Outcome.DIES),
    "seal": (Outcome.FAILED,),
}
_WRITE_FAULTS = (Outcome.FAILED, Outcome.LOST, Outcome.LATE, Outcome.DIES, Outcome.DIES_AFTER)

type Event = tuple[int, Outcome] | float | None  # an actor's call has an outcome; time passes; a late write arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may happen.

    Attributes:
        faults: how many calls may go wrong.
        ticks: how often time may jump.
        jumps: by how many seconds.
    """

    faults: int = 0
    ticks: int = 0
    jumps: tuple[float, ...] = ()


@dataclass(slots=True)
class Run:
    """A machine, and what of its bounds is left."""

    machine: Machine
    bounds: Bounds
    faults: int = 0
    ticks: int = 0
    events: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Let an event happen."""
        if len(self.events) > LONGEST:
            raise BrokenPromiseError("goes round in circles")
        self.events.append(event)
        match event:
            case None:
                self.machine.arrive()
            case float():
                self.ticks += 1
                self.machine.tick(event)
            case index, outcome:
                self.faults += outcome is not Outcome.DONE
                self.machine.proceed(self.machine.actors[index], outcome)

    def choices(self) -> list[Event]:
        """Return what may happen next."""
        waiting = [(actor.index, actor.waiting) for actor in self.machine.waiting() if actor.waiting]
        faulty = self.faults < self.bounds.faults
        for index, call in waiting:
            if call.scope is Scope.OWN and not faulty:
                return [(index, Outcome.DONE)]
        found: list[Event] = [(index, Outcome.DONE) for index, _ in waiting]
        if self.machine.late:
            found.append(None)
        if self.ticks < self.bounds.ticks and any(not actor.ended for actor in self.machine.actors):
            found += self.bounds.jumps
        if faulty:
            for index, call in waiting:
                if call.scope is not Scope.PAUSE:
                    found += [(index, outcome) for outcome in _FAULTS.get(call.name, _WRITE_FAULTS)]
        return found

    def settle(self) -> None:
        """Let everyone finish, without further faults.

        Raises:
            BrokenPromiseError: somebody waits for ever.
        """
        machine, ends_at = self.machine, self.machine.time + PATIENCE_S
        while any(not actor.ended for actor in machine.actors):
            if waiting := list(machine.waiting()):
                for actor in waiting:
                    self.take((actor.index, Outcome.DONE))
            elif machine.time > ends_at:
                raise BrokenPromiseError("somebody waits for ever")
            else:
                machine.tick(STRIDE_S)

    def state(self) -> object:
        """Return what tells this point from every other."""
        return self.faults, self.ticks, self.machine.state()


def explore(make: Callable[[], Machine], bounds: Bounds, at_rest: Callable[[Machine], None]) -> int:
    """Go through every order of events; return how many states there are.

    Args:
        make: makes the machine at the scenario's beginning.
        bounds: how much may happen.
        at_rest: checks a machine in which everyone has finished.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """
    seen: set[int] = set()
    prefixes: list[list[Event]] = [[]]
    while prefixes:
        run = _replayed(make, bounds, prefixes.pop())
        while (state := hash(run.state())) not in seen:
            seen.add(state)
            events = run.choices()
            if not events:
                run.settle()
                at_rest(run.machine)
                break
            prefixes += [[*run.events, event] for event in events[1:]]
            run.take(events[0])
    return len(seen)


def walk(make: Callable[[], Machine], bounds: Bounds, at_rest: Callable[[Machine], None], chance: Random) -> None:
    """Go one way at random, to its end.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """
    run = _replayed(make, bounds, [])
    while events := run.choices():
        run.take(chance.choice(events))
    run.settle()
    at_rest(run.machine)


def _replayed(make: Callable[[], Machine], bounds: Bounds, events: list[Event]) -> Run:
    run = Run(make(), bounds)
    for event in events:
        run.take(event)
    return run
