"""An org that hands out one session again and again, and one that refuses for good."""

from races.race import Race, tokens_of
from sfmint_local.org.values import User

STEP_S = 60.0


def test_an_org_that_hands_out_the_same_session_again_is_served_without_interruption(race: Race) -> None:
    race.stack.control.change_settings(reuse_sessions=True)
    callers = race.callers(10)
    seen = set()
    steps = 20

    for _ in range(steps):
        (token,) = tokens_of(race.ask(callers))
        assert race.is_live(token)
        seen.add(token)
        race.move_on(STEP_S)

    assert len(seen) == 1
    assert 1 < race.logins <= steps


def test_a_refused_connection_costs_two_logins_in_a_minute_of_two_hundred_calls(race: Race) -> None:
    race.stack.control.put_user(User(username=race.username, status="inactive"))
    callers = race.callers(20)
    rounds = 10

    replies = []
    for number in range(rounds):
        replies += race.ask(callers)
        if number < rounds - 1:
            race.move_on(60 / (rounds - 1))

    assert len(replies) == 200
    assert {reply.error for reply in replies} == {"AssertionRejected"}
    assert race.logins <= 2
