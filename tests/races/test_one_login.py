"""However many callers there are, one logs in."""

from collections import Counter

from races.race import Race, fingerprint_of, tokens_of


def test_a_hundred_cold_callers_cost_one_login_and_get_one_token(race: Race) -> None:
    replies = race.ask(race.callers(100))

    assert race.logins == 1
    (token,) = tokens_of(replies)
    assert race.is_live(token)
    assert Counter(reply.answer["source"] for reply in replies) == {"minted": 1, "cache": 99}


def test_of_a_hundred_callers_around_soft_expiry_one_logs_in_and_nobody_else_waits(race: Race) -> None:
    (first,) = race.ask(race.callers(1))
    early = race.callers(50, skew_s=-2.0, stops_before="Encrypt")
    late = race.callers(50, skew_s=2.0, stops_before="Encrypt")
    race.move_to("soft_expiry")

    race.begin(early + late)
    replies, winner = race.finish_but_one(early + late)

    # The winner stands still in the middle of its mint: whoever waited for it would not have answered.
    winner.wait_frozen()
    assert {(reply.answer["source"], fingerprint_of(reply)) for reply in replies} == {("cache", fingerprint_of(first))}
    winner.thaw()
    (fresh,) = race.finish([winner])
    assert fresh.answer["source"] == "minted"
    assert fingerprint_of(fresh) != fingerprint_of(first)
    assert race.logins == 2


def test_thirty_cold_callers_cost_one_login_in_parameter_store_too(race: Race) -> None:
    replies = race.ask(race.callers(30, SFMINT_CACHE_BACKEND="parameter-store", SFMINT_TABLE=""))

    assert race.logins == 1
    (token,) = tokens_of(replies)
    assert race.is_live(token)
    assert race.stack.row(race.connection) is None
