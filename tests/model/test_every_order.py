"""The deployed code in every order in which a few callers, operators, faults and jumps of time can meet."""

import hashlib
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from fakes import FakeSigners, a_connection
from model.explorer import Bounds, explore, walk
from model.machine import NAME, BrokenPromiseError, ChangeSecret, Machine, Request
from sfmint.request import FlushRequest, RefreshRequest, TaintRequest, TokenRequest
from sfmint.update import AllOf, Update

FIRST = hashlib.sha256(b"00Dxx0000000001!token-1").hexdigest()[:16]
FLUSH = FlushRequest(connection=NAME)
REFRESH = RefreshRequest(connection=NAME)
TAINT = TaintRequest(connection=NAME, key_id=FakeSigners().signer(a_connection()).key_id)
PAST_SOFT_EXPIRY_S = 460.0
LEASE_OVER = (21.0,)
AT_PEACE = Bounds()


def get(rejected: str | None = None) -> TokenRequest:
    return TokenRequest(connection=NAME, min_ttl=60, rejected=rejected, deadline_s=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who does what.

    Attributes:
        actors: the requests of each.
        first: how many actors, from the first on, have been answered when it begins.
        wait_s: how long ago.
        bounds: how much may happen.
        logins: how many logins at Salesforce it may cost at most.
        machine: further arguments of the machine.
    """

    actors: tuple[tuple[Request, ...], ...]
    first: int = 0
    wait_s: float = 0.0
    bounds: Bounds = AT_PEACE
    logins: int
    machine: tuple[tuple[str, Any], ...] = ()

    def begin(self) -> Machine:
        """Return the machine at the beginning."""
        machine = Machine(*self.actors, **dict(self.machine))
        for actor in machine.actors[: self.first]:
            while not actor.answers:
                machine.proceed(actor)
        if self.wait_s:
            machine.tick(self.wait_s)
        return machine

    def check(self, machine: Machine) -> None:
        """Check what it has cost."""
        if machine.logins > self.logins:
            raise BrokenPromiseError(f"{machine.logins} logins instead of {self.logins}")


def a_fault(*jumps: float) -> Bounds:
    return Bounds(faults=1, ticks=len(jumps), jumps=jumps)


SCENARIOS = {
    "two cold callers": Scenario(actors=((get(),), (get(),)), logins=1),
    "three cold callers": Scenario(actors=((get(),), (get(),), (get(),)), logins=1),
    "a lease runs out": Scenario(actors=((get(),), (get(),)), bounds=Bounds(ticks=2, jumps=LEASE_OVER), logins=3),
    "a fault among cold callers": Scenario(actors=((get(),), (get(),)), bounds=a_fault(), logins=3),
    "a fault, and a lease runs out": Scenario(actors=((get(),), (get(),)), bounds=a_fault(21.0), logins=4),
    "past soft expiry": Scenario(actors=((get(),), (get(),), (get(),)), first=1, wait_s=PAST_SOFT_EXPIRY_S, logins=2),
    "the keeper past soft expiry": Scenario(
        actors=((get(),), (get(),), (REFRESH,)),
        first=1,
        wait_s=PAST_SOFT_EXPIRY_S,
        bounds=Bounds(ticks=1, jumps=LEASE_OVER),
        logins=3,
    ),
    "a new secret": Scenario(actors=((get(),), (ChangeSecret("new"), FLUSH)), logins=2),
    "a new secret past soft expiry": Scenario(
        actors=((get(),), (get(),), (ChangeSecret("new"), FLUSH)), first=1, wait_s=PAST_SOFT_EXPIRY_S, logins=3
    ),
    "a leaked key": Scenario(actors=((get(),), (get(),), (TAINT,)), first=1, wait_s=PAST_SOFT_EXPIRY_S, logins=3),
    "a leaked key among cold callers": Scenario(actors=((get(),), (get(),), (TAINT,)), logins=2),
    "the same 401 twice": Scenario(actors=((get(),), (get(FIRST),), (get(FIRST),)), first=1, wait_s=61.0, logins=2),
    "the same 401 and a fault": Scenario(
        actors=((get(),), (get(FIRST),), (get(FIRST),)), first=1, wait_s=61.0, bounds=a_fault(), logins=4
    ),
    "a 401 past soft expiry": Scenario(
        actors=((get(),), (get(),), (get(FIRST),)), first=1, wait_s=PAST_SOFT_EXPIRY_S, logins=3
    ),
    "memory and a flush": Scenario(
        actors=((get(), get()), (FLUSH,)), first=1, bounds=Bounds(ticks=2, jumps=(16.0,)), logins=2
    ),
    "refused for good": Scenario(actors=((get(),), (get(),), (get(),)), logins=1, machine=(("refuses", "wrong_key"),)),
    "the same session again": Scenario(
        actors=((get(),), (get(),), (get(),)),
        first=1,
        wait_s=PAST_SOFT_EXPIRY_S,
        logins=2,
        machine=(("same_session", True),),
    ),
    "the same session again, though rejected": Scenario(
        actors=((get(),), (get(FIRST),), (get(),)),
        first=1,
        wait_s=61.0,
        bounds=Bounds(ticks=1, jumps=(601.0,)),
        logins=4,
        machine=(("same_session", True),),
    ),
    "clocks three seconds apart": Scenario(
        actors=((get(),), (get(),), (get(),)),
        first=1,
        wait_s=PAST_SOFT_EXPIRY_S,
        bounds=Bounds(ticks=1, jumps=(18.0,)),
        logins=3,
        machine=(("skews_s", (0.0, 3.0, -3.0)),),
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_that_must_not_happen_happens_in_any_order(name: str) -> None:
    scenario = SCENARIOS[name]
    assert explore(scenario.begin, scenario.bounds, scenario.check) > 10


@pytest.mark.parametrize(
    ("request_name", "scenario", "harm"),
    [
        ("acquire", "a new secret", "credentials of before a flush"),
        ("publish", "a lease runs out", "publish under fence 1 after 2"),
    ],
)
def test_without_its_first_clause_a_request_does_harm(request_name: str, scenario: str, harm: str) -> None:
    def without(update: Update) -> Update:
        if update.name != request_name or not isinstance(update.condition, AllOf):
            return update
        return replace(update, condition=AllOf(*update.condition.clauses[1:]))

    careless = replace(SCENARIOS[scenario], machine=(("mutate", without),))
    with pytest.raises(BrokenPromiseError, match=harm):
        explore(careless.begin, careless.bounds, careless.check)


@pytest.mark.parametrize("seed", range(300))
def test_nor_when_much_goes_wrong_at_once(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    requests: tuple[Request, ...] = (get(), get(), get(), get(FIRST), REFRESH, FLUSH)
    actors = tuple(
        tuple(chance.choice(requests) for _ in range(chance.randint(1, 3))) for _ in range(chance.randint(3, 6))
    )
    bounds = Bounds(faults=5, ticks=8, jumps=(2.0, 7.0, 21.0, 61.0, 460.0))
    walk(lambda: Machine(*actors), bounds, lambda machine: None, chance)
