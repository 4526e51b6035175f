"""The simulation against real processes, on the embedded AWS and the embedded org."""

from collections import Counter
from collections.abc import Iterator

import pytest

from sfmint_bench.growth.replay import Schedule, by_processes, by_simulation, differing, schedules
from sfmint_local.environments import BareStack, Environments


@pytest.fixture(scope="module")
def bare_stack() -> Iterator[BareStack]:
    with BareStack("growth") as stack:
        yield stack


@pytest.fixture
def environments(bare_stack: BareStack) -> Iterator[Environments]:
    with Environments(bare_stack.folder) as environments:
        yield environments


@pytest.mark.parametrize("schedule", schedules(), ids=lambda schedule: schedule.title)
def test_real_processes_call_aws_and_log_in_as_often_as_the_simulation_says(
    schedule: Schedule, bare_stack: BareStack, environments: Environments
) -> None:
    counted = by_processes(schedule, bare_stack, environments)
    assert counted == by_simulation(schedule)
    assert counted["logins"] > 5


def test_a_count_that_differs_is_found() -> None:
    assert differing(Counter(logins=1, GetItem=2), Counter(logins=1, GetItem=3, Encrypt=1)) == {"GetItem", "Encrypt"}
