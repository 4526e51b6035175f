"""The rules of a rotation, each to be left out, and where that is found: no rule is idle."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, Literal
from unittest.mock import patch

from key_rotation.note import Note
from key_rotation.use_case import cancelling, look, pace, rotation, testing, work
from key_rotation.versions import CURRENT, PENDING
from rotation.deeds import DEEDS
from rotation.explorer import Scenario, Turmoil, walk
from rotation.machine import Actor, Machine, Outcome, tick_run
from rotation.machine import cancelling as cancel
from rotation.machine import finishing as finishing_run
from rotation.scenarios import rotation as begun
from sfmint_testing.rotation.account import FakeNotes
from sfmint_testing.rotation.org import Manner

LATE, BY_TURNS = Manner.LATE, Manner.BY_TURNS


type Search = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule.

    Attributes:
        place: the module or class that has it.
        name: of what is replaced there.
        without: what takes its place.
        search: finds a broken promise without it.
    """

    place: Any
    name: str
    without: Any
    search: Search

    @contextmanager
    def left_out(self) -> Iterator[None]:
        """Leave it out for a while."""
        with patch.object(self.place, self.name, self.without):
            yield


def walks(scenario: Scenario, turmoil: Turmoil, seeds: int = 150) -> Search:
    """Return a search at random."""

    def search() -> None:
        for seed in range(seeds):
            walk(scenario, Random(seed), turmoil)  # noqa: S311 - it chooses ways, not secrets

    return search


def story(scenario: Scenario, call: str, outcome: Outcome, *then: Callable[[Machine], Any], number: int = 1) -> Search:
    """Return what happens where the first actor's first (or later) call of a name has an outcome, and then something else."""

    def search() -> None:
        with scenario.begun() as machine:
            actor, met = machine.actors[0], 0
            while True:
                met += actor.call is not None and actor.call.name == call
                if met == number:
                    break
                assert not actor.ended, f"it never comes to {call}"
                machine.proceed(actor) if actor.call is not None else machine.sleep_on()
            machine.proceed(actor, outcome)
            for happen in then:
                happen(machine)
            scenario.settle(machine)

    return search


def frozen(scenario: Scenario, call: str, seconds: float, *then: Callable[[Machine], Any]) -> Search:
    """Return what happens where the first actor stands still before a call while others go on, and then makes it."""

    def search() -> None:
        with scenario.begun() as machine:
            actor = machine.actors[0]
            while actor.call is None or actor.call.name != call:
                assert not actor.ended, f"it never comes to {call}"
                machine.proceed(actor) if actor.call is not None else machine.sleep_on()
            for happen in then:
                happen(machine)
            _go_on_without(actor, machine, seconds)
            machine.proceed(actor)
            scenario.settle(machine)

    return search


def _go_on_without(actor: Actor, machine: Machine, seconds: float) -> None:
    while (left_s := seconds - machine.promises.elapsed) > 0:
        wakes = [each.wakes_at for each in machine.actors if each.wakes_at is not None]
        if others := [each for each in machine.waiting() if each is not actor]:
            machine.proceed(others[0])
        else:
            machine.tick(min([left_s, *(at - machine.world.time for at in wakes)]))


def _put_anyway(notes: FakeNotes, connection: str, note: Note) -> bool:
    return _PUT(notes, connection, replace(note, revision=notes.revision))


def _login_unnoted(these: work.Work, credentials: Any) -> Any:
    stage: Literal["AWSCURRENT", "AWSPENDING"] = PENDING if these.note.decision is None else CURRENT
    return these, these.ports.keeper.try_login(these.name, stage)


def _hold_nothing(these: work.Work, late_s: float, **changes: Any) -> work.Work:
    return replace(these, note=these.save(hold_by=these.run.id, **changes))


def _cancel_in(machine: Machine) -> None:
    machine.join(cancel)


def _somebody_stages(machine: Machine) -> None:
    DEEDS["stages another version"](machine)


def _note_it(machine: Machine) -> None:
    machine.proceed(machine.actors[0])


def _say_uploaded(machine: Machine) -> None:
    machine.join(finishing_run)


def _run_beside(machine: Machine) -> None:
    machine.join(tick_run)


def _nothing(*_: Any, **__: Any) -> None:
    return None


_PUT: Final = FakeNotes.put
_HARD = Turmoil(faults=4, runs=3)
_CANCELLED = Turmoil(faults=3, runs=2, deeds=(_cancel_in,))


def _deeds(*names: str, faults: int = 0) -> Turmoil:
    return Turmoil(faults=faults, runs=1, deeds=tuple(DEEDS[name] for name in names))


RULES: Final[dict[str, Rule]] = {
    "a note is written over the revision that was read": Rule(
        place=FakeNotes,
        name="put",
        without=_put_anyway,
        search=walks(begun("unattended"), Turmoil(runs=3, deeds=(_cancel_in,))),
    ),
    "five logins": Rule(
        place=pace, name="LOGINS_WANTED", without=2, search=walks(begun("unattended", BY_TURNS), Turmoil())
    ),
    "over five minutes": Rule(
        place=pace,
        name="LOGINS_OVER_S",
        without=0.0,
        search=story(begun("unattended"), "keeper.try_login", Outcome.DONE, _note_it, _say_uploaded, _run_beside),
    ),
    "a login is noted before it is tried": Rule(
        place=testing, name="try_login", without=_login_unnoted, search=walks(begun("unattended", BY_TURNS), _HARD)
    ),
    "a deployment is held until it can arrive no more": Rule(
        place=work.Work,
        name="hold",
        without=_hold_nothing,
        search=frozen(begun("unattended", LATE), "apps.replace", 890, _cancel_in, _run_beside),
    ),
    "the old key is back when everything has arrived": Rule(
        place=pace, name="PROPAGATION_S", without=0.0, search=walks(begun("unattended", LATE), _CANCELLED)
    ),
    "a cancelled rotation gives the app its certificate back": Rule(
        place=cancelling,
        name="_return_certificate",
        without=lambda these, seen: these.save(returned_at=these.now),
        search=walks(begun("unattended"), _CANCELLED),
    ),
    "the new key stays a candidate until the old one logs in": Rule(
        place=cancelling, name="_logins_wanted", without=lambda *_: 0, search=walks(begun("unattended"), _CANCELLED)
    ),
    "a tainted key is not promoted": Rule(
        place=look,
        name="_hindered",
        without=_nothing,
        search=story(
            begun("unattended"), "keeper.try_login", Outcome.DONE, _note_it, DEEDS["taints the new key"], number=5
        ),
    ),
    "what somebody has edited is carried over": Rule(
        place=look,
        name="follows",
        without=lambda *_: True,
        search=story(begun("unattended"), "keeper.try_login", Outcome.DONE, DEEDS["edits the secret"]),
    ),
    "what arrives after the end is swept": Rule(
        place=rotation.Rotation,
        name="_sweep",
        without=_nothing,
        search=story(begun("unattended"), "secrets.move", Outcome.LATE, _cancel_in),
    ),
    "it cancels itself without a login in half an hour": Rule(
        place=testing,
        name="_too_long",
        without=lambda _: "",
        search=story(begun("unattended"), "apps.replace", Outcome.DONE, DEEDS["spoils the app"]),
    ),
}
