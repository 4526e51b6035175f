"""The simulation against real processes, on the embedded AWS and the embedded org."""

from collections import Counter
from collections.abc import Iterator

import pytest

from sfmint_bench.growth.replay import Counted, by_simulation, count_twice, differing
from sfmint_bench.growth.schedule import schedules
from sfmint_local.environments import BareStack, Environments


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    with BareStack("growth") as stack, Environments(stack.folder) as environments:
        yield count_twice(stack, environments)


def test_real_processes_call_aws_and_log_in_as_often_as_the_simulation_says(counted: Counted) -> None:
    assert differing(counted) == set()
    assert all(real["logins"] > 5 for _, real in counted.values())


def test_the_client_layer_invokes_seldom(counted: Counted) -> None:
    (layered,) = [schedule for schedule in counted if schedule.way == "client"]
    calls = sum(each.environment is not None for each in layered.happenings)
    assert 0 < counted[layered][1]["invocations"] < calls / 3


def test_a_count_that_differs_is_found() -> None:
    one = schedules()[0]
    counts = by_simulation(one)
    assert differing({one: (counts, counts)}) == set()
    assert differing({one: (counts, counts + Counter(GetItem=1, CreateKey=1))}) == {
        (one.title, "GetItem"),
        (one.title, "CreateKey"),
    }
