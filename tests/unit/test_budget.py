"""Shares of time: they end by the wall clock, go on where they were left, and hold inside each other."""

from concurrent.futures import ThreadPoolExecutor
from math import inf

import pytest

from sfmint.aws_access.budget import CALL_S, Budget
from sfmint_testing.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def budget(clock: FakeClock) -> Budget:
    return Budget(clock)


def test_a_call_outside_all_shares_has_a_calls_time(budget: Budget, clock: FakeClock) -> None:
    clock.time += 100
    assert (budget.left_s(), budget.tries()) == (CALL_S, inf)


def test_all_calls_of_a_share_use_it_up(budget: Budget, clock: FakeClock) -> None:
    with budget.share(4.0):
        clock.time += 1.5
        assert budget.left_s() == pytest.approx(2.5)
        clock.time += 5
        assert budget.left_s() < 0


def test_a_share_that_is_entered_again_goes_on(budget: Budget, clock: FakeClock) -> None:
    share = budget.share(4.0)
    clock.time += 9  # it has not begun
    with share:
        clock.time += 1
    clock.time += 1
    with share:
        assert budget.left_s() == pytest.approx(2.0)


def test_a_share_inside_another_ends_with_it_and_gives_it_back(budget: Budget, clock: FakeClock) -> None:
    with budget.share(2.0, tries=3):
        with budget.share(9.0, tries=5):
            assert [budget.left_s(), budget.tries()] == pytest.approx([2.0, 3])
        with budget.share(1.0, tries=2):
            assert [budget.left_s(), budget.tries()] == pytest.approx([1.0, 2])
        clock.time += 1
        assert [budget.left_s(), budget.tries()] == pytest.approx([1.0, 3])
    assert budget.left_s() == CALL_S


def test_what_was_left_of_a_share_inside_another_is_its_own_outside(budget: Budget, clock: FakeClock) -> None:
    share = budget.share(4.0)
    with budget.share(1.0, tries=2), share:
        clock.time += 1
    with share:
        assert budget.left_s() == pytest.approx(3.0)
        assert budget.tries() == inf


def test_an_error_ends_a_share_too(budget: Budget) -> None:
    with pytest.raises(ZeroDivisionError), budget.share(0.1):
        raise ZeroDivisionError
    assert budget.left_s() == CALL_S


def test_a_thread_has_shares_of_its_own(budget: Budget) -> None:
    with budget.share(0.1), ThreadPoolExecutor(1) as pool:
        assert pool.submit(budget.left_s).result() == CALL_S
