"""The simulation against real processes, on the embedded AWS and the embedded org."""

from collections import Counter
from collections.abc import Iterator

import pytest

from sfmint_bench.growth.replay import Counted, by_simulation, confirmed, count_twice, schedules
from sfmint_local.environments import BareStack, Environments


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    with BareStack("growth") as stack, Environments(stack.folder) as environments:
        yield count_twice(stack, environments)


def test_real_processes_call_aws_and_log_in_as_often_as_the_simulation_says(counted: Counted) -> None:
    result = confirmed(counted)
    assert (result.passes, result.seen) == (True, "29 counts, all alike")


def test_every_schedule_has_logins_renewals_and_decryptions(counted: Counted) -> None:
    for _, real in counted.values():
        assert real["logins"] == real["TokenMinted"] > 5
        assert real["GetItem"] > real["Decrypt"] > 5


def test_the_client_layer_invokes_seldom(counted: Counted) -> None:
    (layered,) = [schedule for schedule in counted if schedule.way == "client"]
    calls = sum(environment is not None for _, _, environment in layered.happenings)
    assert 0 < counted[layered][1]["invocations"] < calls / 3


def test_a_count_that_differs_is_found() -> None:
    one = schedules()[0]
    counts = by_simulation(one)
    assert confirmed({one: (counts, counts)}).passes
    lie = confirmed({one: (counts, counts + Counter(GetItem=1, CreateKey=1))})
    assert (lie.passes, lie.value, lie.seen) == (False, 2, "with the keeper: CreateKey, with the keeper: GetItem")
