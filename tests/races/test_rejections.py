"""Callers who say that Salesforce has refused their token: one, the same, an old one, every one."""

from collections import Counter

from races.race import Race, fingerprint_of, tokens_of

STEP_S, STEPS = 20.0, 28  # and the time that the calls themselves take: ten minutes at most
HASTE_MS = 2000  # time for a login of somebody else, and none to wait until a rejection counts


def test_fifty_callers_who_report_the_same_token_cost_one_login(race: Race) -> None:
    callers = race.callers(50)
    before = race.ask(callers)
    (dead,) = tokens_of(before)
    race.stack.control.end_sessions(username=race.username)

    replies = race.ask(callers, rejected=fingerprint_of(before[0]))

    assert race.logins == 2
    (token,) = tokens_of(replies)
    assert token != dead
    assert race.is_live(token)
    outcomes = Counter(line["outcome"] for reply in replies for line in reply.lines if "TokenRejected" in line)
    assert outcomes == {"dropped": 1, "known": 49}


def test_fifty_callers_who_report_an_old_token_cost_no_login(race: Race) -> None:
    callers = race.callers(50)
    (old,) = race.ask(callers[:1])
    (current,) = race.ask(callers[:1], rejected=fingerprint_of(old))
    logins = race.logins

    replies = race.ask(callers, rejected=fingerprint_of(old))

    assert race.logins == logins == 2
    assert tokens_of(replies) == {current.answer["access_token"]}


def test_callers_who_reject_every_fresh_token_cost_three_logins_in_ten_minutes(race: Race) -> None:
    callers = race.callers(5)
    held = [fingerprint_of(reply) for reply in race.ask(callers)]
    assert race.logins == 1

    errors = set()
    for _ in range(STEPS):
        for caller, fingerprint in zip(callers, held, strict=True):
            race.begin([caller], rejected=fingerprint, deadline_ms=HASTE_MS)
        replies = race.finish(callers)
        errors = {reply.error for reply in replies}
        held = [reply.answer.get("fingerprint", last) for reply, last in zip(replies, held, strict=True)]
        race.move_on(STEP_S)

    assert race.logins == 1 + 3
    assert errors == {"RejectionLimited"}

    # The breaker closes by itself.
    race.move_to("reject_window")
    race.move_on(601.0)
    (token,) = tokens_of(race.ask(callers, rejected=held[0]))
    assert race.is_live(token)
    assert race.logins == 1 + 3 + 1
