"""The deployed code in every order in which a few callers, operators, faults and jumps of time can meet."""

from random import Random

import pytest

from model.clauses import every_write, write_of
from model.explorer import Bounds
from model.salesforce import Refusal
from model.scenario import FIRST, FLUSH, NEW_USER, REFRESH, SECOND, TAINT, TAINT_ANOTHER, Scenario, get
from model.scenarios import SCENARIOS
from model.stack import Setting
from sfmint.errors import CacheUnavailable, InvalidCredentials, RejectionLimited, SalesforceUnavailable
from sfmint.row.conditional_write import ConditionalWrite

REQUESTS = (get(), get(), get(), get(min_ttl=600), get(FIRST), get(SECOND), REFRESH, FLUSH, NEW_USER, TAINT_ANOTHER)
ERRORS = (CacheUnavailable, InvalidCredentials, RejectionLimited, SalesforceUnavailable)
MUCH = Bounds(faults=5, ticks=8, jumps=(2.0, 7.0, 21.0, 61.0, 460.0))


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_that_must_not_happen_happens_in_any_order(name: str) -> None:
    assert SCENARIOS[name].explore() > 0


@pytest.mark.parametrize("seed", range(1500))
def test_nor_when_much_goes_wrong_at_once(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    drawn(chance).walk(chance)


def test_every_write_of_the_code_is_sent_in_some_scenario() -> None:
    sent: set[str] = set()

    def note(update: ConditionalWrite) -> ConditionalWrite:
        sent.add(write_of(update))
        return update

    for scenario in SCENARIOS.values():
        scenario.walk(Random(0), note)  # noqa: S311 - a test's dice
    assert sent == set(map(write_of, every_write()))


def drawn(chance: Random) -> Scenario:
    """Return a scenario of three to six actors, none of which anybody has thought of."""
    actors = tuple(
        tuple(chance.choice(REQUESTS) for _ in range(chance.randint(1, 3))) for _ in range(chance.randint(3, 6))
    )
    same_session, leaked = chance.random() < 0.25, chance.random() < 0.2
    if leaked:
        actors = (*actors, (TAINT,))
    return Scenario(
        actors=actors,
        bounds=MUCH,
        logins=(0, 60),
        heals=not (
            same_session or leaked
        ),  # neither a dead session that is handed out again nor a leaked key is served
        setting=Setting(
            skews_s=tuple(chance.uniform(-3.0, 3.0) for _ in actors),
            same_session=same_session,
            refuse=now_and_then(chance.randrange(5)),
            errors=ERRORS,
        ),
    )


def now_and_then(turn: int) -> Refusal:
    """Refuse every fifth login."""
    return lambda connection, login: "salesforce_fault" if login % 5 == turn else None
