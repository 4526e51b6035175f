"""Execution environments whose clocks disagree: a little is safe, a lot is found out."""

import re

import pytest

from races.race import Race, fingerprint_of, tokens_of


@pytest.mark.parametrize("instant", ["soft_expiry", "hard_expiry"])
def test_clocks_three_seconds_off_are_safe(race: Race, instant: str) -> None:
    callers = [caller for skew_s in (-3.0, 0.0, 3.0) for caller in race.callers(8, skew_s=skew_s)]

    (token,) = tokens_of(race.ask(callers))
    assert race.is_live(token)
    assert race.logins == 1

    race.move_to(instant)
    assert all(race.is_live(token) for token in tokens_of(race.ask(callers)))
    assert race.logins == 2


@pytest.mark.parametrize(("skew_s", "side"), [(120.0, "ahead of"), (-120.0, "behind")])
def test_a_clock_two_minutes_off_logs_nobody_in_and_is_named(race: Race, skew_s: float, side: str) -> None:
    replies = race.ask(race.callers(5, skew_s=skew_s))

    assert {reply.error for reply in replies} == {"CacheUnavailable"}
    for reply in replies:
        assert re.search(rf"clock is (2 minutes|1[12]\d seconds) {side} AWS's", reply.answer["errorMessage"])
        assert reply.counted("ClockOff") == 1
    assert race.logins == 0


@pytest.mark.parametrize("skew_s", [120.0, -120.0])
def test_who_holds_a_good_token_is_served_though_the_clock_is_two_minutes_off(race: Race, skew_s: float) -> None:
    (holder,) = race.callers(1)
    (held,) = race.ask([holder])
    holder.skew_s = skew_s
    race.move_to("soft_expiry")
    race.move_on(121.0)  # a slow clock says so too

    (served,) = race.ask([holder])

    assert fingerprint_of(served) == fingerprint_of(held)
    assert race.is_live(served.answer["access_token"])
    assert served.counted("ClockOff") == 1
    assert served.counted("Degraded") == 1
    assert race.logins == 1

    # Whose clock is right logs in.
    (fresh,) = race.ask(race.callers(1))
    assert fresh.answer["source"] == "minted"
    assert race.logins == 2
