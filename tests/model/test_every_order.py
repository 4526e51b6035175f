"""The deployed code in every order in which a few callers, operators, faults and jumps of time can meet."""

from random import Random

import pytest

from model.clauses import every_write, write_of
from model.explorer import Bounds
from model.operators import NEXT_KEY, TAINT_NEXT
from model.salesforce import Refusal
from model.scenario import (
    FINISH,
    FIRST,
    FLUSH,
    NEW_USER,
    REFRESH,
    SECOND,
    TAINT,
    TAINT_ANOTHER,
    TAINT_IN_SECRET,
    Scenario,
    get,
)
from model.scenarios import SCENARIOS
from model.stack import Setting
from sfmint.errors import (
    AssertionRejected,
    CacheUnavailable,
    InvalidCredentials,
    RejectionLimited,
    SalesforceUnavailable,
)
from sfmint.row import looks
from sfmint.row.conditional_write import ConditionalWrite
from sfmint.salesforce.connection import Connection

REQUESTS = (get(), get(), get(), get(min_ttl=600), get(FIRST), get(SECOND), REFRESH, FLUSH, NEW_USER, TAINT_ANOTHER)
ERRORS = (CacheUnavailable, InvalidCredentials, RejectionLimited, SalesforceUnavailable)
IN_ROTATION = (get(), get(), get(min_ttl=600), get(FIRST), get(SECOND), REFRESH, FLUSH)
MUCH = Bounds(faults=5, ticks=8, jumps=(2.0, 7.0, 21.0, 61.0, 460.0))


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_that_must_not_happen_happens_in_any_order(name: str) -> None:
    assert SCENARIOS[name].explore() > 0


@pytest.mark.parametrize("seed", range(1500))
def test_nor_when_much_goes_wrong_at_once(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    drawn(chance).walk(chance)


@pytest.mark.parametrize("seed", range(100))
def test_nor_in_a_rotation_in_which_keys_are_refused_leak_and_are_replaced(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    rotating(chance).walk(chance)


def test_every_write_of_the_code_is_sent_in_some_scenario() -> None:
    sent: set[str] = set()

    def note(update: ConditionalWrite) -> ConditionalWrite:
        sent.add(write_of(update))
        return update

    for scenario in SCENARIOS.values():
        scenario.walk(Random(0), note)  # noqa: S311 - a test's dice
    assert sent == set(
        map(write_of, (*every_write(), looks.note_look(0.0)))
    )  # the keeper's note has an item of its own


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


def rotating(chance: Random) -> Scenario:
    """Return a scenario in which callers meet a rotation, and perhaps a leak of one of its keys, but not of both."""
    leak = chance.choice([(), (TAINT,), (TAINT_IN_SECRET, TAINT), (TAINT_NEXT,)])
    callers = tuple(
        tuple(chance.choice(IN_ROTATION) for _ in range(chance.randint(1, 3))) for _ in range(chance.randint(2, 4))
    )
    return Scenario(
        actors=(*callers, (FINISH,), *([leak] if leak else [])),
        bounds=MUCH,
        logins=(0, 60),
        heals=leak != (TAINT_NEXT,),  # which may be the current one by then
        setting=Setting(
            next_key=NEXT_KEY, refuse=by_turns(chance.randrange(2, 5)), errors=(*ERRORS, AssertionRejected)
        ),
    )


def by_turns(turns: int) -> Refusal:
    """Refuse the first key, and every so many logins the next one in its place."""
    return lambda connection, login: "wrong_key" if is_next(connection) == (login % turns == 0) else None


def is_next(connection: Connection) -> bool:
    return connection.pem().reveal() == NEXT_KEY


def now_and_then(turn: int) -> Refusal:
    """Refuse every fifth login."""
    return lambda connection, login: "salesforce_fault" if login % 5 == turn else None
