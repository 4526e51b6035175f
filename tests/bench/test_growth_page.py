"""docs/scaling.md says what the simulation gives: its smaller hours are simulated again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from scaling_page import PAGE, page
from sfmint_bench.growth.hour import Load, simulated_hour
from sfmint_bench.growth.plot import draw
from sfmint_bench.growth.points import Points
from sfmint_bench.growth.replay import by_simulation
from sfmint_bench.growth.schedule import schedules
from sfmint_bench.growth.template_size import MOST_RESOURCES, TemplateSize
from sfmint_bench.growth.usage import Usage
from sfmint_local import places

README = places.ROOT / "README.md"
SMALL = 1000  # callers: what is simulated in seconds

type Used = Mapping[Load, Usage]


def smaller(loads: tuple[Load, ...]) -> tuple[Load, ...]:
    return tuple(load for load in loads if load.callers <= SMALL and load.stacks == 1 and load.connections <= 20)


@pytest.fixture(scope="module")
def points() -> Points:
    every = Points.of_the_page()
    return replace(every, by_callers=smaller(every.by_callers), by_connections=smaller(every.by_connections))


@pytest.fixture(scope="module")
def used(points: Points) -> Used:
    return {load: simulated_hour(load) for load in points.all}


@pytest.fixture(scope="module")
def made(points: Points, used: Used) -> list[str]:
    counted = {schedule: by_simulation(schedule) for schedule in schedules()}  # by processes: test_growth_real
    return page(points, used, {schedule: (counts, counts) for schedule, counts in counted.items()}).splitlines()


def test_the_page_has_every_row_that_is_made_in_seconds(made: list[str]) -> None:
    told = PAGE.read_text().splitlines()
    assert [line for line in made if line not in told] == [], "Run make docs, and read what has changed."


def test_the_page_has_the_words_of_its_maker(made: list[str]) -> None:
    told = PAGE.read_text().splitlines()
    assert [line for line in told if not line.startswith("| ")] == [line for line in made if not line.startswith("| ")]


def test_every_load_has_a_row_on_the_page() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if "| invoke |" in line or "| client layer |" in line]
    every = Points.of_the_page()
    assert len(rows) == len(every.by_callers + every.by_connections)


def test_the_same_numbers_give_the_same_plot(points: Points, used: Used, tmp_path: Path) -> None:
    for name in ("one.svg", "other.svg"):
        draw(tmp_path / name, points.by_callers, used)
    one, other = ((tmp_path / name).read_bytes() for name in ("one.svg", "other.svg"))
    assert one == other
    assert b"<dc:date>" not in one
    assert b"<dc:creator>" not in one


def test_the_readme_has_the_most_connections_of_a_stack() -> None:
    most = TemplateSize.of_template().most_connections
    assert f"\n- {most} connections fit one stack ({MOST_RESOURCES} resources)" in README.read_text()
