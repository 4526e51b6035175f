"""The benchmark's own parts: gates, turns, the simulated day."""

import pytest

from sfmint_bench.gates import COLD_CALLERS, MEMORY_HIT, ROW_AGAINST_NAIVE, Gate
from sfmint_bench.pairs import Contender, in_turns, ratio
from sfmint_bench.simulated_day import simulated_day


@pytest.mark.parametrize(
    ("gate", "value", "passes"),
    [
        (MEMORY_HIT, 100.0, True),
        (MEMORY_HIT, 100.1, False),
        (ROW_AGAINST_NAIVE, 15.0, True),
        (ROW_AGAINST_NAIVE, 14.9, False),
        (COLD_CALLERS, 1, True),
        (COLD_CALLERS, 0, False),
        (COLD_CALLERS, 2, False),
    ],
)
def test_a_gate_admits_its_limit_and_what_is_better(gate: Gate, value: float, *, passes: bool) -> None:
    assert gate.admits(value) is passes


def test_contenders_take_turns_and_the_warm_up_does_not_count() -> None:
    said: list[str] = []

    def measuring(name: str) -> Contender:
        def measure() -> float:
            said.append(name)
            return 2.0

        return Contender(name=name, measure=measure)

    samples = in_turns([measuring("one"), measuring("other")], rounds=2, warm_up=1)
    assert said == ["one", "other", "other", "one", "one", "other"]
    assert {name: len(times) for name, times in samples.items()} == {"one": 2, "other": 2}
    assert ratio(samples, "one", "other") == 1.0


def test_two_hours_of_a_simulated_day_cost_one_login_for_each_tick_of_the_schedule() -> None:
    result = simulated_day(7200)
    assert result.value == 1
    assert "24 logins" in result.seen
