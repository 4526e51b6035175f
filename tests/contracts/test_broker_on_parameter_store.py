"""The broker and the keeper on Parameter Store, end to end: real processes, the embedded AWS and the embedded org."""

from collections.abc import Iterator
from itertools import count

import pytest

from races.race import Race, fingerprint_of, tokens_of
from sfmint_local.environments import BareStack, Environment, Environments
from sfmint_local.org.values import Fault

_NUMBERS = count(1)


class ParameterRace(Race):
    """A connection whose token is kept in Parameter Store."""

    def environment(self) -> Environment:
        """Start an execution environment and wait until it is ready."""
        return self.callers(1)[0]

    def callers(self, count: int, *, skew_s: float = 0.0, stops_before: str = "", **settings: str) -> list[Environment]:
        on_parameters = {"SFMINT_CACHE_BACKEND": "parameter-store", "SFMINT_TABLE": "", **settings}
        return super().callers(count, skew_s=skew_s, stops_before=stops_before, **on_parameters)

    def names(self) -> list[str]:
        folder = f"/sfmint/sfmint/cache/t1/{self.connection}"
        return [each["Name"] for each in self.stack.aws.parameters.get_parameters_by_path(Path=folder)["Parameters"]]


@pytest.fixture(scope="module")
def environments(bare_stack: BareStack) -> Iterator[Environments]:
    with Environments(bare_stack.folder) as environments:
        yield environments


@pytest.fixture
def race(bare_stack: BareStack, environments: Environments) -> Iterator[ParameterRace]:
    name = f"parameters-{next(_NUMBERS)}"
    bare_stack.connect(name)
    race = ParameterRace(stack=bare_stack, environments=environments, connection=name)
    yield race
    race.end()


def test_a_token_is_minted_served_from_memory_and_to_another_environment(race: ParameterRace) -> None:
    first, second = race.callers(2)
    replies = [race.ask([caller])[0] for caller in (first, first, second)]
    assert [reply.answer["source"] for reply in replies] == ["minted", "memory", "cache"]
    assert race.is_live(*tokens_of(replies))
    assert race.logins == 1
    assert len(race.names()) == 1
    assert race.stack.row(race.connection) is None  # the table is not touched


def test_twenty_cold_callers_cost_one_login(race: ParameterRace) -> None:
    replies = race.ask(race.callers(20))
    assert len(tokens_of(replies)) == 1
    assert race.logins == 1


def test_callers_who_report_the_same_token_cost_one_login(race: ParameterRace) -> None:
    callers = race.callers(8)
    before = race.ask(callers)
    race.stack.control.end_sessions(username=race.username)
    replies = race.ask(callers, rejected=fingerprint_of(before[0]))
    [token] = tokens_of(replies)
    assert race.is_live(token)
    assert race.logins == 2


def test_callers_who_reject_every_token_cost_three_logins_in_ten_minutes(race: ParameterRace) -> None:
    caller = race.environment()
    [reply] = race.ask([caller])
    for _ in range(3):
        race.move_on(61)
        [reply] = race.ask([caller], rejected=fingerprint_of(reply))
    race.move_on(61)
    assert race.ask([caller], rejected=fingerprint_of(reply))[0].error == "RejectionLimited"
    assert race.logins == 1 + 3


def test_a_flushed_token_is_replaced_and_a_taint_is_refused(race: ParameterRace) -> None:
    caller, keeper = race.callers(2)
    before = race.ask([caller])
    flushed = keeper.ask({"action": "flush", "connection": race.connection}, function="token_keeper")
    assert flushed.answer["flushed"] is True
    race.move_on(30)
    after = race.ask([caller])
    assert tokens_of(before) != tokens_of(after)
    assert race.logins == 2
    event = {"action": "taint", "connection": race.connection, "key_id": "0" * 16}
    assert keeper.ask(event, function="token_keeper").error == "InvalidRequest"


def test_a_winner_killed_in_mid_mint_costs_one_more_login(race: ParameterRace) -> None:
    race.stack.control.add_fault(Fault(where="token", kind="hang", params={"seconds": 6.0}))
    winner, *others = race.callers(6)
    so_far = race.stack.control.counters().token_requests
    race.begin([winner])
    race.wait_for_token_requests(so_far + 1)
    winner.kill()
    race.move_on(21)  # the lease runs out
    [token] = tokens_of(race.ask(others))
    assert race.is_live(token)
    assert race.stack.control.counters().token_requests == so_far + 2
