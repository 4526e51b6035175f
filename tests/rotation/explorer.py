"""Every way in which a scenario can go wrong once; or one way at random, with several runs, faults and sleeps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from key_rotation.use_case.pace import LATE_DEPLOYMENT_S, LOOK_AGAIN_S
from rotation.machine import FAULTS, LIVES_S, WRITES, Machine, Outcome, Program, tick_run
from rotation.promises import Promise, require
from sfmint_testing.rotation.account import NAME
from sfmint_testing.rotation.world import RotationWorld

MOST_RUNS: Final = 60  # that go on with a rotation until it has ended
LONGEST: Final = 3_000  # events


def _nothing(machine: Machine) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who does what.

    Attributes:
        world: makes it.
        programs: of those who act from the beginning.
        prepare: what has happened before.
        repair: what somebody does whenever nobody acts: a person uploads a certificate.
    """

    world: Callable[[], RotationWorld]
    programs: tuple[Program, ...]
    prepare: Callable[[Machine], None] = _nothing
    repair: Callable[[Machine], None] = _nothing

    def after(self, prepare: Callable[[Machine], None]) -> "Scenario":
        """Return the same after something that has happened before."""
        return replace(self, prepare=prepare)

    def begun(self) -> Machine:
        """Return a machine in which nothing has happened yet."""
        world = self.world()
        machine = Machine(world)
        self.prepare(machine)
        for program in self.programs:
            machine.join(program)
        return machine

    def settle(self, machine: Machine) -> None:
        """Let everybody finish, and as many further runs as it takes; then check what has become of it."""
        runs = events = 0
        has_swept = False
        while True:
            events += 1
            require(events < LONGEST, Promise.END, "it goes round in circles")
            if waiting := machine.waiting():
                machine.proceed(waiting[0])
                continue
            if machine.sleep_on():
                continue
            note = machine.world.notes.find(NAME)
            if note is None or not note.is_open:
                if has_swept:
                    break
                has_swept = True
                machine.tick(LIVES_S + LATE_DEPLOYMENT_S)
                machine.join(tick_run)
                continue
            runs += 1
            require(runs < MOST_RUNS, Promise.END, f"{note.decision}: {note.why}")
            self.repair(machine)
            machine.tick(max(note.next_at, note.hold_until, machine.world.time + LOOK_AGAIN_S) - machine.world.time)
            machine.join(tick_run)
        machine.promises.at_rest()


def at_each_call(scenario: Scenario, happen: Callable[[Machine], None], *, stride: int = 1) -> int:
    """Let something happen before each call of the first actor's, each time anew; return how often.

    The third and the fourth of five logins are as the second, and are left out.

    Args:
        scenario: in which it happens.
        happen: what does.
        stride: 2: before every other call, and so on.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """
    count = 0
    for number in range(0, LONGEST, stride):
        with scenario.begun() as machine:
            if not _goes_to(machine, number):
                break
            note = machine.world.notes.find(NAME)
            if note is not None and note.logins in {2, 3}:
                continue
            happen(machine)
            scenario.settle(machine)
        count += 1
    return count


def with_each_fault(scenario: Scenario, outcomes: tuple[Outcome, ...] = FAULTS) -> int:
    """Let each call of the first actor's fail in each way, each time anew; return how often.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """

    def fail(outcome: Outcome) -> Callable[[Machine], None]:
        def happen(machine: Machine) -> None:
            actor = machine.actors[0]
            if actor.call is not None and outcome in _faults(actor.call.method):
                machine.proceed(actor, outcome)

        return happen

    return sum(at_each_call(scenario, fail(outcome)) for outcome in outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turmoil:
    """How much may happen in a walk.

    Attributes:
        faults: how many calls may go wrong.
        runs: how many runs may join.
        deeds: what may happen beside that, once each.
    """

    faults: int = 0
    runs: int = 0
    deeds: tuple[Callable[[Machine], None], ...] = ()


def walk(scenario: Scenario, chance: Random, turmoil: Turmoil) -> None:
    """Go one way at random, to its end.

    Raises:
        BrokenPromiseError: something happened that must never happen.
    """
    faults, further_runs, deeds = turmoil.faults, turmoil.runs, list(turmoil.deeds)
    with scenario.begun() as machine:
        for _ in range(chance.randrange(20, 200)):
            waiting = machine.waiting()
            if machine.late and chance.random() < 0.1:
                machine.arrive(chance.randrange(len(machine.late)))
            elif further_runs and chance.random() < 0.05:
                further_runs -= 1
                machine.join(tick_run)
            elif deeds and chance.random() < 0.04:
                deeds.pop(chance.randrange(len(deeds)))(machine)
            elif chance.random() < 0.03:
                machine.tick(chance.choice((30.0, 200.0, 700.0)))
            elif waiting:
                actor = chance.choice(waiting)
                allowed = _faults(actor.call.method if actor.call else "")
                outcome = chance.choice(allowed) if faults and allowed and chance.random() < 0.1 else Outcome.DONE
                faults -= outcome is not Outcome.DONE
                machine.proceed(actor, outcome)
            elif not machine.sleep_on():
                break
        scenario.settle(machine)


def _goes_to(machine: Machine, number: int) -> bool:
    """Go on to the first actor's call of a number; False: it has fewer."""
    actor, done = machine.actors[0], 0
    while not actor.ended:
        if actor.call is None:
            machine.sleep_on()
            continue
        if done == number:
            return True
        machine.proceed(actor)
        done += 1
    return False


def _faults(method: str) -> tuple[Outcome, ...]:
    return tuple(_faults_of(method))


def _faults_of(method: str) -> Iterator[Outcome]:
    yield from (Outcome.FAILED, Outcome.DIES)
    if method in WRITES:
        yield Outcome.LATE
    if method in {*WRITES, "try_login", "refresh"}:
        yield from (Outcome.LOST, Outcome.DIES_AFTER)
