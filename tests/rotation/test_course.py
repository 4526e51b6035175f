"""How far rotations get in one run: each step when it is due, nothing that would not end in time, and nobody holds up another."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_rotation.course import AGAIN_S, LAST_S, Course
from key_rotation.errors import RotationError, RotationPending
from key_rotation.standing import ENDED, Phase, Standing
from key_rotation.use_case.work import Run
from sfmint_testing.fakes import NOON, FakeClock

REMAINING_S = 900.0
UNTIL = ENDED


@dataclass
class Steps:
    """A use case that takes so many steps, each after a pause, and then has finished.

    Attributes:
        clock: time.
        pauses: what is waited for after each step, in seconds, by connection.
        taken: when which step was taken, in seconds since noon.
        lasts_s: how long a step takes.
    """

    clock: FakeClock
    pauses: dict[str, list[float]]
    taken: list[tuple[str, float]] = field(default_factory=list)
    lasts_s: float = 1.0
    error: RotationError | None = None

    def advance(self, name: str, _run: Run) -> Standing:
        self.taken.append((name, self.clock.time - NOON))
        self.clock.time += self.lasts_s
        if self.error is not None and name == "a":
            raise self.error
        left = self.pauses[name]
        if not left:
            return Standing(connection=name, phase=Phase.FINISHED)
        pause_s = left.pop(0)
        return Standing(connection=name, phase=Phase.TESTING, next_at=self.clock.time + pause_s, has_moved=pause_s == 0)

    def follow(
        self,
        *,
        waits: bool = True,
        until: Collection[Phase] = UNTIL,
        failed: Callable[[str, Exception], object] | None = None,
        phase: Phase = Phase.TESTING,
    ) -> dict[str, Standing]:
        run = Run(id="run", ends_at=self.clock.time + REMAINING_S)
        course = Course(advance=self.advance, clock=self.clock, run=run, until=until, waits=waits, failed=failed)
        begun = {name: Standing(connection=name, phase=phase, next_at=self.clock.time) for name in sorted(self.pauses)}
        return course.follow(begun)


def steps(**pauses: list[float]) -> Steps:
    return Steps(FakeClock(), pauses)


def test_whoever_waits_sees_it_to_its_end() -> None:
    taken = steps(a=[75.0] * 4)
    assert taken.follow()["a"].phase is Phase.FINISHED
    assert [at for _, at in taken.taken] == [0, 76, 152, 228, 304]


def test_an_order_takes_what_is_due_and_waits_for_nothing() -> None:
    taken = steps(a=[0.0, 0.0, 75.0])
    standing = taken.follow(waits=False)["a"]
    assert (standing.phase, len(taken.taken)) == (Phase.TESTING, 3)
    assert standing.next_at == taken.clock.time + 75


def test_nothing_is_begun_that_would_not_end_in_the_functions_time() -> None:
    taken = steps(a=[200.0] * 9)
    assert taken.follow()["a"].phase is Phase.TESTING
    assert max(at for _, at in taken.taken) <= REMAINING_S - LAST_S
    assert taken.clock.time <= NOON + REMAINING_S


@pytest.mark.parametrize("phase", sorted(ENDED))
def test_what_has_ended_is_left_alone(phase: Phase) -> None:
    taken = steps(a=[])
    assert taken.follow(phase=phase)["a"].phase is phase
    assert taken.taken == []


def test_for_a_person_nobody_waits() -> None:
    taken = steps(a=[60.0])
    clock, run = taken.clock, Run(id="run", ends_at=NOON + REMAINING_S)

    def advance(name: str, run: Run) -> Standing:
        return replace(taken.advance(name, run), phase=Phase.WAITING)

    course = Course(advance=advance, clock=clock, run=run, until=ENDED, waits=True, failed=None)
    course.follow({"a": Standing(connection="a", phase=Phase.WAITING, next_at=NOON)})
    assert len(taken.taken) == 1
    assert clock.time == NOON + 1


def test_where_somebody_else_is_at_work_it_is_looked_at_now_and_then() -> None:
    clock, seen = FakeClock(), list[float]()

    def advance(name: str, _run: Run) -> Standing:
        seen.append(clock.time - NOON)
        return Standing(connection=name, phase=Phase.SETTING, next_at=0.0)

    run = Run(id="run", ends_at=NOON + REMAINING_S)
    begun = {"a": Standing(connection="a", phase=Phase.SETTING, next_at=0.0)}
    Course(advance=advance, clock=clock, run=run, until=ENDED, waits=True, failed=None).follow(begun)
    assert len(seen) <= (REMAINING_S - LAST_S) / AGAIN_S + 1
    seen.clear()
    clock.time = NOON
    begun = {"a": Standing(connection="a", phase=Phase.SETTING, next_at=0.0)}
    Course(advance=advance, clock=clock, run=run, until=ENDED, waits=False, failed=None).follow(begun)
    assert seen == [0]


def test_an_error_goes_out_where_one_is_asked_for_and_stops_no_other_in_a_tick() -> None:
    error = RotationPending("The cause.", remedy="The remedy.")
    alone = steps(a=[75.0])
    alone.error = error
    with pytest.raises(RotationPending):
        alone.follow()
    told: list[tuple[str, Exception]] = []
    together = steps(a=[75.0], b=[75.0])
    together.error = error
    standings = together.follow(failed=lambda name, failed: told.append((name, failed)))
    assert standings["a"].phase is Phase.TESTING
    assert standings["b"].phase is Phase.FINISHED
    assert told == [("a", error)]


PAUSES = st.lists(st.integers(0, 300).map(float), max_size=6)


@given(pauses=st.dictionaries(st.sampled_from("abcd"), PAUSES, min_size=1), lasts_s=st.integers(0, 60))
def test_each_gets_as_far_as_it_would_alone_if_steps_take_no_time(pauses: dict[str, list[float]], lasts_s: int) -> None:
    together = Steps(FakeClock(), {name: list(each) for name, each in pauses.items()}, lasts_s=float(lasts_s))
    standings = together.follow()
    assert together.clock.time <= NOON + REMAINING_S  # whatever was begun has ended
    if lasts_s:
        return
    for name, each in pauses.items():
        alone = Steps(FakeClock(), {name: list(each)}, lasts_s=0.0)
        assert alone.follow()[name].phase == standings[name].phase
        assert [at for taken, at in together.taken if taken == name] == [at for _, at in alone.taken]
