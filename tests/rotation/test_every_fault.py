"""Whatever happens at whichever call, every promise of a rotation is kept, and it ends."""

from random import Random

import pytest

from rotation.deeds import DEEDS
from rotation.explorer import Turmoil, at_each_call, walk, with_each_fault
from rotation.machine import FAULTS, Machine, Outcome, cancelling, starting
from rotation.scenarios import ANOTHER, SETTINGS, TOKEN, rotation
from sfmint_testing.rotation.org import Manner

NAMES = list(DEEDS)


def _cancel(machine: Machine) -> None:
    machine.join(cancelling)


def _stage_empty(machine: Machine) -> None:
    """Do what Secrets Manager does before it calls createSecret."""
    machine.world.secrets.labels["AWSPENDING"] = TOKEN


@pytest.mark.parametrize("outcome", FAULTS)
def test_each_call_may_go_wrong_in_each_way(outcome: Outcome) -> None:
    assert with_each_fault(rotation("unattended", prepare=_stage_empty), (outcome,)) > 20


def test_it_may_be_cancelled_before_each_call() -> None:
    assert at_each_call(rotation("unattended", Manner.LATE), _cancel) > 40


@pytest.mark.parametrize("name", NAMES)
def test_somebody_may_do_anything_before_any_call(name: str) -> None:
    assert at_each_call(rotation("unattended", Manner.BY_TURNS), DEEDS[name], stride=6) > 10


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("manner", Manner)
def test_runs_faults_and_people_may_come_in_any_order(setting: str, manner: Manner) -> None:
    for seed in range(8):
        chance = Random(seed)  # noqa: S311 - it chooses ways, not secrets
        deeds = tuple(DEEDS[name] for name in chance.sample(NAMES, chance.randrange(3)))
        others = (starting(ANOTHER),) if chance.random() < 0.3 else ()
        turmoil = Turmoil(
            faults=chance.choice((0, 1, 4)),
            runs=chance.choice((0, 1, 3)),
            deeds=(*deeds, *(_cancel,) * (seed % 3 == 0)),
        )
        walk(rotation(setting, manner, *others), chance, turmoil)
