"""Every order in which a scenario can go, within its bounds; or one drawn at random."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final

from model.actor import Actor, Outcome, Scope
from model.machine import PATIENCE_S, Machine
from model.promises import BrokenPromiseError, Promise

STRIDE_S: Final = 5.0
LONGEST: Final = 400  # events; whatever takes more goes round in circles

# What may become of a call beside being done; of every other call, anything.
_READ_FAULTS = (Outcome.FAILED, Outcome.DIES)
_WRITE_FAULTS = (Outcome.FAILED, Outcome.LOST, Outcome.LATE, Outcome.DIES, Outcome.DIES_AFTER)
_REPEATED_FAULTS = (*_WRITE_FAULTS, Outcome.TWICE, Outcome.STRAY)
_FAULTS = {
    "acquire": _REPEATED_FAULTS,
    "arrive": (),
    "budget": _REPEATED_FAULTS,
    "deed": (),
    "exchange": (Outcome.FAILED, Outcome.LOST, Outcome.DIES, Outcome.DIES_AFTER),
    "load": _READ_FAULTS,
    "peek": _READ_FAULTS,
    "pending": (),
    "read": _READ_FAULTS,
    "reject": _REPEATED_FAULTS,
    "reject-again": _REPEATED_FAULTS,
    "seal": (Outcome.FAILED,),
}

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
            raise BrokenPromiseError(Promise.END, "it goes round in circles")
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
        waiting = list(self.machine.waiting())
        faulty, timed = self.faults < self.bounds.faults, self.ticks < self.bounds.ticks
        if not faulty:
            for actor in waiting:
                if _scope(actor) is Scope.TIMED and not timed:
                    return [(actor.index, Outcome.DONE)]
        waiting = _without_doubles(waiting)
        found: list[Event] = [(actor.index, Outcome.DONE) for actor in waiting]
        if self.machine.late:
            found.append(None)
        if timed and not self.machine.ended:
            found += self.bounds.jumps
        if faulty:
            for actor in waiting:
                if _scope(actor) is not Scope.PAUSE:
                    found += [(actor.index, outcome) for outcome in _FAULTS.get(actor.call, _WRITE_FAULTS)]
        return found

    def settle(self) -> None:
        """Let everyone finish, without further faults.

        Raises:
            BrokenPromiseError: somebody waits for ever.
        """
        machine, ends_at = self.machine, self.machine.stack.time + PATIENCE_S
        while not machine.ended:
            if waiting := list(machine.waiting()):
                for actor in waiting:
                    self.take((actor.index, Outcome.DONE))
            elif machine.stack.time > ends_at:
                raise BrokenPromiseError(Promise.END, "somebody waits for ever")
            else:
                machine.tick(STRIDE_S)

    def state(self) -> object:
        """Return what tells this point from every other."""
        return self.faults, self.ticks, self.machine.state()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is explored.

    Attributes:
        make: makes the machine.
        begin: brings it to where everything may happen.
        bounds: how much may happen from there on.
        at_rest: checks a machine in which everyone has finished.
    """

    make: Callable[[], Machine]
    begin: Callable[[Machine], None]
    bounds: Bounds
    at_rest: Callable[[Machine], None]

    @contextmanager
    def begun(self, events: list[Event]) -> Iterator[Run]:
        """Give a run after some events; end it in any case."""
        with self.make() as machine:
            self.begin(machine)
            run = Run(machine, self.bounds)
            for event in events:
                run.take(event)
            yield run

    def end(self, run: Run) -> None:
        """Let everyone finish, and check what has become of it."""
        run.settle()
        self.at_rest(run.machine)


def explore(plot: Plot) -> int:
    """Go through every order of events; return how many states there are.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """
    seen: set[int] = set()
    prefixes: list[list[Event]] = [[]]
    while prefixes:
        with plot.begun(prefixes.pop()) as run:
            while (state := hash(run.state())) not in seen:
                seen.add(state)
                events = run.choices()
                if not events:
                    plot.end(run)
                    break
                prefixes += [[*run.events, event] for event in events[1:]]
                run.take(events[0])
    return len(seen)


def walk(plot: Plot, chance: Random) -> None:
    """Go one way at random, to its end.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """
    with plot.begun([]) as run:
        while events := run.choices():
            run.take(chance.choice(events))
        plot.end(run)


def _scope(actor: Actor) -> Scope | None:
    return actor.waiting.scope if actor.waiting else None


def _without_doubles(waiting: list[Actor]) -> list[Actor]:
    """Leave out actors that have yet to arrive, with the clock and the requests of one before: they are the same."""
    found: list[Actor] = []
    for actor in waiting:
        same = (each for each in found if (each.requests, each.skew_s) == (actor.requests, actor.skew_s))
        if actor.history or all(each.history for each in same):
            found.append(actor)
    return found
