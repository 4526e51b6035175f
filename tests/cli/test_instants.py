"""Instants as people write them, in every zone, also where the clock goes forward or back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.salesforce.access_token import iso8601
from sfmint_cli.instants import Moment, NoInstant, instant_of, read_moment, shown

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
).map(ZoneInfo)
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC).timestamp()
INSTANTS = st.integers(min_value=int(NOW) - 5 * 366 * 86400, max_value=int(NOW))


def at(text: str, *, utc: bool = False, now: float = NOW, zone: ZoneInfo = BERLIN) -> str:
    return iso8601(read_moment(text, now=now, utc=utc, zone=zone).at)


def outcome(text: str, zone: ZoneInfo) -> Moment | str:
    """Return the moment, or what is said instead."""
    try:
        return read_moment(text, now=NOW, utc=False, zone=zone)
    except NoInstant as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("10:42", "2026-11-28T09:42:00Z"),
        ("10:42:30", "2026-11-28T09:42:30Z"),
        ("12:59", "2026-11-28T11:59:00Z"),
        ("13:30", "2026-11-27T12:30:00Z"),  # not yet today
        ("2026-11-27 10:42", "2026-11-27T09:42:00Z"),
        ("2026-11-27T10:42:30", "2026-11-27T09:42:30Z"),
        ("2026-11-27T10:42:30Z", "2026-11-27T10:42:30Z"),
        ("2026-11-27T10:42:30.123456+05:45", "2026-11-27T04:57:30Z"),
        ("2026-07-27T10:42", "2026-07-27T08:42:00Z"),  # in summer
        (" 10:42 ", "2026-11-28T09:42:00Z"),
    ],
)
def test_what_people_write_is_read_by_the_clock_on_their_wall(text: str, means: str) -> None:
    assert at(text) == means


def test_in_utc_the_wall_has_no_say() -> None:
    assert at("10:42", utc=True) == "2026-11-28T10:42:00Z"
    assert at("10:42Z") == "2026-11-28T10:42:00Z"
    assert at("12:30", utc=True) == "2026-11-27T12:30:00Z"


@pytest.mark.parametrize(
    ("text", "width_s"),
    [
        *((f"{date}10:42{offset}", 60) for date in ("", "2026-11-27T") for offset in ("", "Z", "+05:45", "-03:30")),
        *((f"{date}10:42:30{offset}", 1) for date in ("", "2026-11-27 ") for offset in ("", "Z", "+05:45", "-03:30")),
        ("10:42:30.5", 1),
    ],
)
def test_a_minute_is_as_wide_as_it_was_written(text: str, width_s: int) -> None:
    assert read_moment(text, now=NOW, utc=True).width_s == width_s


def test_an_hour_that_comes_twice_is_refused_with_both() -> None:
    with pytest.raises(NoInstant, match="was twice") as refused:
        at("2026-10-25T02:30")
    assert "2026-10-25T00:30:00Z or 2026-10-25T01:30:00Z" in str(refused.value)
    assert at("2026-10-25T02:30", utc=True) == "2026-10-25T02:30:00Z"
    assert at("2026-10-25T02:30+01:00") == "2026-10-25T01:30:00Z"


def test_an_hour_that_never_was_is_refused() -> None:
    with pytest.raises(NoInstant, match="never was"):
        at("2026-03-29T02:30")
    with pytest.raises(NoInstant, match="never was"):
        at("02:30", now=datetime(2026, 3, 29, 12, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "text", ["", "noon", "2026-11-28", "25:00", "10:60", "1", "1764326520", "2026-02-30T10:00", "9" * 99]
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoInstant, match="10:42"):
        at(text)


@given(INSTANTS, ZONES)
def test_what_is_shown_reads_back_as_the_same_instant_or_is_refused_as_one_of_two(instant: int, zone: ZoneInfo) -> None:
    wall = datetime.fromtimestamp(instant, UTC).astimezone(zone).replace(tzinfo=None).isoformat()
    said = outcome(wall, zone)
    assert said == Moment(at=instant, width_s=1) or iso8601(instant) in str(said)
    assert datetime.fromtimestamp(instant, UTC).strftime("%H:%M:%S") in shown(instant, zone=zone)
    assert shown(instant, utc=True) == iso8601(instant)
    assert instant_of(iso8601(instant)) == instant


@given(st.times(), ZONES, INSTANTS)
def test_a_time_of_day_is_the_last_one_before_now(clock: object, zone: ZoneInfo, now: int) -> None:
    try:
        moment = read_moment(str(clock), now=now, utc=False, zone=zone)
    except NoInstant:
        return
    assert now - timedelta(days=1, hours=2).total_seconds() <= moment.at <= now


@given(st.text() | st.from_regex(r"[0-9TZ:+ .-]{1,30}", fullmatch=True))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    said = outcome(text, BERLIN)
    assert isinstance(said, Moment) or not said.endswith(".")


@given(st.integers(0, 24 * 60 - 1), INSTANTS, ZONES)
def test_a_time_of_day_is_the_last_one_that_a_clock_has_shown(minute: int, now: int, zone: ZoneInfo) -> None:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    try:
        found = read_moment(clock, now=now, utc=False, zone=zone).at
    except NoInstant:
        # Within a day it was twice, or never.
        ago = {datetime.fromtimestamp(now - hours * 3600, zone).utcoffset() for hours in range(49)}
        assert len(ago) > 1
        return
    assert 0 <= now - found <= 25 * 3600
    assert f"{datetime.fromtimestamp(found, zone):%H:%M}" == clock


@pytest.mark.parametrize(
    ("now", "clock", "means"),
    [
        ("2026-10-25T00:45Z", "02:30", "2026-10-25T00:30:00Z"),  # it comes again, and has not yet
        ("2026-10-24T22:30Z", "02:30", "2026-10-24T00:30:00Z"),  # today's are to come
        ("2026-03-29T00:30Z", "02:30", "2026-03-28T01:30:00Z"),  # today it will not be
    ],
)
def test_a_time_to_come_is_yesterdays_whatever_the_clock_will_do(now: str, clock: str, means: str) -> None:
    assert at(clock, now=datetime.fromisoformat(now).timestamp()) == means


@given(st.datetimes().map(datetime.isoformat), st.sampled_from(["", "Z", "+23:59", "-23:59"]), ZONES)
def test_any_moment_and_any_instant_that_is_read_can_be_shown(text: str, offset: str, zone: ZoneInfo) -> None:
    read = instant_of(text + offset)
    try:
        named = read_moment(text + offset, now=NOW, utc=False, zone=zone).at
    except NoInstant:
        named = None
    for found in filter(None, (read, named)):
        assert shown(found, zone=zone)
        assert instant_of(iso8601(found)) == int(found)
