"""A scenario of the model: who does what, how it begins, what may go wrong, and what it may cost."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from model.actor import Actor, Outcome, Request
from model.explorer import STRIDE_S, Bounds, Plot, explore, walk
from model.machine import PATIENCE_S, Machine
from model.promises import Promise, require
from model.salesforce import accept, key_id_of, token_named
from model.stack import NAME, ORDINARY, ChangeSecret, Edit, FinishRotation, Setting, unchanged
from sfmint.errors import CacheUnavailable, SalesforceUnavailable, SfmintError
from sfmint.request import FlushRequest, RefreshRequest, TaintRequest, TokenRequest
from sfmint.row.conditional_write import ConditionalWrite
from sfmint_testing.fakes import a_connection
from sfmint_values.secret import fingerprint_of

FIRST, SECOND, THIRD, FOURTH = (fingerprint_of(token_named(number)) for number in (1, 2, 3, 4))
FLUSH = FlushRequest(connection=NAME)
REFRESH = RefreshRequest(connection=NAME)
TAINT = TaintRequest(connection=NAME, key_id=key_id_of(a_connection()))
TAINT_ANOTHER = TaintRequest(connection=NAME, key_id="0" * 16)
NEW_USER = ChangeSecret(username="new@acme.example")
TAINT_IN_SECRET = ChangeSecret(tainted_key=TAINT.key_id)
FINISH = FinishRotation()
AT_PEACE = Bounds()
PAST_SOFT_EXPIRY_S = 460.0
LEASE_OVER_S = 21.0
MINUTE_S = 61.0
TEN_MINUTES_S = 601.0

type Step = int | float | tuple[int, str] | tuple[int, Outcome] | Edit
"""An actor finishes a request; time passes; an actor goes on to a call; its call has an outcome; the row is edited."""


def get(rejected: str | None = None, *, min_ttl: int = 60, deadline_s: float = 40) -> TokenRequest:
    """Return a caller's request."""
    return TokenRequest(connection=NAME, min_ttl=min_ttl, rejected=rejected, deadline_s=deadline_s)


CALLER = (get(),)
TWO = (CALLER, CALLER)
THREE = (CALLER, CALLER, CALLER)
AFTER_A_FAULT = Setting(errors=(CacheUnavailable, SalesforceUnavailable))
SAME_SESSION = Setting(same_session=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who does what.

    Attributes:
        actors: the requests of each.
        script: how it begins; from then on everything happens in every order.
        bounds: how much may happen.
        logins: how many logins at Salesforce it costs, or the least and the most.
        heals: a minute after its end a newcomer is served.
        setting: what the stack is like.
    """

    actors: tuple[tuple[Request, ...], ...]
    script: tuple[Step, ...] = ()
    bounds: Bounds = AT_PEACE
    logins: int | tuple[int, int]
    heals: bool = True
    setting: Setting = ORDINARY

    def explore(self, mutate: Callable[[ConditionalWrite], ConditionalWrite] = unchanged) -> int:
        """Go through every order of events; return how many states there are.

        Args:
            mutate: changes each write before it is sent.

        Raises:
            BrokenPromiseError: something happened that must never happen.
        """
        return explore(self._plot(mutate))

    def walk(self, chance: Random, mutate: Callable[[ConditionalWrite], ConditionalWrite] = unchanged) -> None:
        """Go one way at random, to its end.

        Args:
            chance: chooses the way.
            mutate: changes each write before it is sent.

        Raises:
            BrokenPromiseError: something happened that must never happen.
        """
        walk(self._plot(mutate), chance)

    def _plot(self, mutate: Callable[[ConditionalWrite], ConditionalWrite]) -> Plot:
        return Plot(
            make=lambda: Machine(*self.actors, setting=self.setting, mutate=mutate),
            begin=self._begin,
            bounds=self.bounds,
            at_rest=self._check,
        )

    def _begin(self, machine: Machine) -> None:
        for step in self.script:
            _take(machine, step)
        machine.stack.saved = dict(machine.stack.row)

    def _check(self, machine: Machine) -> None:
        """Check what it has cost, and what it has left behind."""
        least, most = (self.logins, self.logins) if isinstance(self.logins, int) else self.logins
        logins = machine.stack.salesforce.logins
        require(least <= logins <= most, Promise.LOGINS, f"{logins} instead of {self.logins}")
        if self.heals:
            machine.tick(PATIENCE_S)
            newcomer = machine.join((get(),))
            machine.stack.setting = ORDINARY
            machine.stack.salesforce.refuse = accept
            _finish(machine, newcomer)
            answer = newcomer.answers[0]
            require(not isinstance(answer, SfmintError), Promise.HEALING, f"they are answered {answer}")


def _take(machine: Machine, step: Step) -> None:
    match step:
        case int():
            _finish(machine, machine.actors[step])
        case float():
            machine.tick(step)
        case index, Outcome() as outcome:
            machine.proceed(machine.actors[index], outcome)
        case index, call:
            actor = machine.actors[index]
            while actor.call != call:
                assert actor in machine.waiting(), f"actor {index} never comes to its {call}"
                machine.proceed(actor)
        case Edit():
            machine.stack.edit(step)


def _finish(machine: Machine, actor: Actor) -> None:
    """Let an actor finish a request; while it waits for others, time passes."""
    answered = len(actor.answers)
    while len(actor.answers) == answered:
        if actor in machine.waiting():
            machine.proceed(actor)
        else:
            machine.tick(STRIDE_S)
