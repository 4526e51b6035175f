"""docs/scaling.md says what the simulation gives: its smaller hours are simulated again."""

import pytest

from scaling_page import BY_CALLERS, BY_CONNECTIONS, BY_LIFETIME, BY_METRICS, PAGE, Used, page, plot
from sfmint_bench.growth import limits
from sfmint_bench.growth.hour import simulated_hour
from sfmint_bench.growth.replay import by_simulation, schedules
from sfmint_local import places

README = places.ROOT / "README.md"
SMALL = 1000  # callers: what is simulated in seconds


@pytest.fixture(scope="module")
def used() -> Used:
    loads = (*BY_CALLERS, *BY_CONNECTIONS, *BY_METRICS, *BY_LIFETIME)
    small = (each for each in loads if each.callers <= SMALL and each.stacks == 1 and each.connections <= 20)
    return {load: simulated_hour(load) for load in small}


@pytest.fixture(scope="module")
def made(used: Used) -> list[str]:
    counted = {schedule: by_simulation(schedule) for schedule in schedules()}  # by processes: test_growth_real
    return page(used, {schedule: (counts, counts) for schedule, counts in counted.items()}).splitlines()


def test_the_page_has_every_row_that_is_made_in_seconds(made: list[str]) -> None:
    told = PAGE.read_text().splitlines()
    assert [line for line in made if line not in told] == [], "Run make docs, and read what has changed."


def test_the_page_has_the_words_of_its_maker(made: list[str]) -> None:
    told = PAGE.read_text().splitlines()
    assert [line for line in told if not line.startswith("| ")] == [line for line in made if not line.startswith("| ")]


def test_every_load_has_a_row_on_the_page() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if "| invoke |" in line or "| client layer |" in line]
    assert len(rows) == len(BY_CALLERS + BY_CONNECTIONS + BY_METRICS)


def test_the_plot_has_both_ways_and_the_limit(used: Used) -> None:
    drawn = plot(used).decode()
    assert "with the client layer" in drawn
    assert "each call invokes the broker" in drawn
    assert "limit for a user" in drawn


def test_the_readme_has_the_most_connections_of_a_stack() -> None:
    told = f"\n- {limits.MOST_CONNECTIONS} connections fit one stack ({limits.MOST_RESOURCES} resources)"
    assert told in README.read_text()
