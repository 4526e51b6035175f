"""The plots: the same from the same numbers, everything that they show in words too, and read on white and on dark."""

import re

import pytest

from sfmint_bench import plots

STARTS = {
    "sfmint, row hit": {"interpreter": 0.01, "import": 0.09, "first call": 0.05},
    "naive": {"interpreter": 0.01, "import": 0.7, "first call": 0.3},
}
LOGINS = {"sfmint": {1: 1, 10: 1, 100: 1}, "naive": {1: 1, 10: 10, 100: 98}}
KINDS = ("memory hit", "trust renewal", "row hit", "mint", "simple-salesforce", "cached secret", "naive")
CALLS_S = {name: [10**power, 1.1 * 10**power, 1.3 * 10**power] for power, name in enumerate(KINDS, -5)}
DOLLARS = {"invoke": {1: 4.9, 10: 0.9, 100: 0.5}, "client": {1: 4.4, 10: 0.4, 100: 0.09}}
DRAWN = {
    "cold starts": lambda: plots.cold_starts(STARTS),
    "logins": lambda: plots.logins(LOGINS),
    "latencies": lambda: plots.latencies(CALLS_S),
    "growth": lambda: plots.growth({1: 12, 10: 12, 100: 12}, DOLLARS, calls=60.0, limit=3600),
}
WHITE, DARK = "#ffffff", "#0d1117"
READABLE = 3.0  # of lines and large letters (WCAG 2.2, 1.4.11)


@pytest.mark.parametrize("plot", DRAWN)
def test_equal_numbers_give_equal_files_without_a_date(plot: str) -> None:
    drawn = DRAWN[plot]()
    assert drawn == DRAWN[plot]()
    assert b"<dc:date>" not in drawn
    assert b"<dc:creator>" not in drawn


def test_other_numbers_give_another_file() -> None:
    assert plots.logins(LOGINS) != plots.logins({**LOGINS, "naive": {1: 1, 10: 10, 100: 99}})


@pytest.mark.parametrize(
    ("plot", "words"),
    [
        ("cold starts", ("sfmint, row hit", "naive", "interpreter", "import", "first call", "150 ms", "1,010 ms")),
        ("logins", ("sfmint: 1", "naive: 98")),
        ("latencies", KINDS),
        ("growth", ("sfmint", "limit for a user", "a login for each call", "invoke", "client")),
    ],
)
def test_a_plot_names_what_it_shows(plot: str, words: tuple[str, ...]) -> None:
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", DRAWN[plot]().decode())
    assert set(words) <= set(texts)


def test_no_two_lines_look_alike() -> None:
    with pytest.raises(ValueError, match="shorter"):
        plots.latencies({**CALLS_S, "an eighth kind": [1.0, 2.0], "a ninth kind": [1.0, 2.0]})


@pytest.mark.parametrize("plot", DRAWN)
@pytest.mark.parametrize("behind", [WHITE, DARK])
def test_every_colour_can_be_read_on_white_and_on_dark(plot: str, behind: str) -> None:
    colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})\b(?!; opacity: 0)", DRAWN[plot]().decode()))
    assert colours
    assert {colour for colour in colours if contrast(colour, behind) < READABLE} == set()


def contrast(one: str, other: str) -> float:
    """Of two colours (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
