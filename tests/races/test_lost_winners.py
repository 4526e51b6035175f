"""Whoever holds the lease may die, or sleep through it."""

from races.race import Race, fingerprint_of, tokens_of
from sfmint_local.org.values import Fault


def test_a_winner_killed_in_mid_mint_costs_one_more_login_and_everybody_is_answered(race: Race) -> None:
    race.stack.control.add_fault(Fault(where="token", kind="hang", params={"seconds": 6.0}))
    winner, *others = race.callers(25)
    so_far = race.stack.control.counters().token_requests
    race.begin([winner])
    race.wait_for_token_requests(so_far + 1)
    race.begin(others)
    winner.kill()

    (token,) = tokens_of(race.finish(others))

    assert race.is_live(token)
    assert race.logins == 2


def test_a_winner_stopped_past_its_lease_is_fenced_out_and_the_newer_token_stays(race: Race) -> None:
    (winner,) = race.callers(1, stops_before="Encrypt")
    (successor,) = race.callers(1)
    race.begin([winner])
    winner.wait_frozen()
    (newer,) = race.ask([successor])
    assert newer.answer["source"] == "minted"

    winner.thaw()
    (woken,) = race.finish([winner])

    assert woken.counted("FencedOut") == 1
    assert (woken.answer["source"], fingerprint_of(woken)) == ("cache", fingerprint_of(newer))
    row = race.stack.row(race.connection)
    assert row is not None
    assert (row["fingerprint"], row["token_fence"]) == (fingerprint_of(newer), 2)
    assert race.logins == 2
