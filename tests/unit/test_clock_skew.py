import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint import clock_skew
from sfmint_testing.fakes import NOON


def header(instant: float) -> str:
    return format_datetime(datetime.fromtimestamp(instant, UTC), usegmt=True)


@pytest.mark.parametrize("behind_s", [0, 1, 900, -900, 86_400 * 400])
def test_the_header_shows_how_far_this_clock_is_behind(behind_s: int) -> None:
    assert clock_skew.behind_s(header(NOON + behind_s), NOON) == behind_s


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose local time is not UTC."""
    with monkeypatch.context() as abroad:
        abroad.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000", ""])
def test_a_header_without_a_place_is_read_as_utc_wherever_this_machine_stands(zone: str) -> None:
    date = header(NOON + 900).replace("GMT", zone).strip()
    assert clock_skew.behind_s(date, NOON) == 900


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026 12:00:00 GMT", "Mon, 23 Nov 99999 12:00:00 GMT"])
def test_what_is_no_date_shows_nothing(date: str) -> None:
    assert clock_skew.behind_s(date, NOON) is None


@given(st.one_of(st.text(max_size=60), st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ ([+-]?\d+|GMT)")))
def test_no_header_does_any_harm(date: str) -> None:
    behind_s = clock_skew.behind_s(date, NOON)
    assert behind_s is None or isinstance(clock_skew.in_words(behind_s), str)


@pytest.mark.parametrize(
    ("behind_s", "words"),
    [
        (0, "yet this machine's clock agrees with Salesforce's"),
        (-5, "yet this machine's clock agrees with Salesforce's"),
        (6, "this machine's clock is 6 seconds behind Salesforce's"),
        (119.6, "this machine's clock is 120 seconds behind Salesforce's"),
        (120, "this machine's clock is 2 minutes behind Salesforce's"),
        (899.6, "this machine's clock is 15 minutes behind Salesforce's"),
        (-900, "this machine's clock is 15 minutes ahead of Salesforce's"),
        (7200, "this machine's clock is 2 hours behind Salesforce's"),
        (-86_400 * 2, "this machine's clock is 2 days ahead of Salesforce's"),
    ],
)
def test_the_difference_is_said_in_words(behind_s: float, words: str) -> None:
    assert clock_skew.in_words(behind_s) == words
