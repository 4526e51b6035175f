"""The model's machine: actors stopped before each call of a port, so that a test decides what is next.

Nothing of the protocol is told again here. An actor is one execution environment; it runs the code that is deployed, on
ports that hand each call to the machine and wait. The machine carries it out, fails it, loses its answer, holds it back, or
ends the actor, and time goes on when it is told to.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from greenlet import greenlet

from model.actor import Actor, Call, Outcome, Request, Scope, SetClock
from model.environment import Environment
from model.promises import Promise, require
from model.stack import ORDINARY, ChangeSecret, Deed, FinishRotation, Setting, Stack, unchanged
from model.steps import Step, learnt
from sfmint.errors import SfmintError
from sfmint.request import TokenRequest
from sfmint.row.conditional_write import ConditionalWrite
from sfmint.salesforce.login_failures.table import LoginFailed

PATIENCE_S: Final = 65.0  # two leases and a failure's wait: by then everyone has an answer


class Machine:
    """One stack, and some actors.

    Args:
        actors: the requests of each.
        setting: what the stack is like.
        mutate: changes each write before it is sent: to show that no clause is idle.
    """

    def __init__(
        self,
        *actors: tuple[Request, ...],
        setting: Setting = ORDINARY,
        mutate: Callable[[ConditionalWrite], ConditionalWrite] = unchanged,
    ) -> None:
        self.stack = Stack(setting, mutate)
        self.late: list[tuple[int, Call[Any]]] = []
        self.changes = 0
        self.steps: list[Step] = []
        self.actors: list[Actor] = []
        deeds = [each for requests in actors for each in requests]
        self.stack.rotation_ends = any(isinstance(each, FinishRotation) for each in deeds)
        self.stack.secret_changes = any(isinstance(each, ChangeSecret | FinishRotation) for each in deeds)
        for requests, skew_s in zip(actors, setting.skews_s or (0.0,) * len(actors), strict=True):
            self.join(requests, skew_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End whoever has not ended: an actor that stands still in the middle of its code would never be collected."""
        if isinstance(error, AssertionError):
            error.add_note(f"{self}")
        for actor in self.actors:
            if not actor.ended:
                self._end(actor)

    def join(self, requests: tuple[Request, ...], skew_s: float = 0.0) -> Actor:
        """Add an actor."""
        actor = Actor(index=len(self.actors), requests=requests, skew_s=skew_s)
        self.actors.append(actor)
        actor.run = greenlet(lambda _: Environment(self.stack, actor).live(self._deed, self._answered))
        self._resume(actor)
        return actor

    @property
    def ended(self) -> bool:
        """Everybody has answered everything, or was ended."""
        return all(actor.ended for actor in self.actors)

    def waiting(self) -> Iterator[Actor]:
        """Give the actors whose call can be carried out now."""
        for actor in self.actors:
            if actor.waiting is None:
                continue
            if actor.waiting.scope is Scope.PAUSE and actor.paused_at == self.changes:
                continue  # it would see what it has seen
            yield actor

    def proceed(self, actor: Actor, outcome: Outcome = Outcome.DONE) -> None:
        """Let an actor's call come to its outcome."""
        call = actor.waiting
        assert call is not None
        with self._step(call.name, actor.index, outcome) as step:
            if outcome in {Outcome.LATE, Outcome.STRAY}:
                self.late.append((actor.index, call))
            if outcome not in {Outcome.FAILED, Outcome.LATE, Outcome.DIES}:
                step.result = self._perform(call)
            if outcome is Outcome.TWICE:
                step.result = self._perform(call)
            if outcome in {Outcome.FAILED, Outcome.LOST, Outcome.LATE}:
                assert call.failure is not None
                actor.faulted = True
                step.result = call.failure()
        if outcome in {Outcome.DIES, Outcome.DIES_AFTER}:
            return self._end(actor)
        actor.history.append(hash((self.stack.time, call.name, learnt(step.result))))
        return self._resume(actor, step.result)

    def arrive(self) -> None:
        """Let the write that was held back the longest arrive."""
        index, call = self.late.pop(0)
        with self._step(f"{call.name} of actor {index} arrives") as step:
            step.result = self._perform(call)

    def tick(self, seconds: float) -> None:
        """Let time pass; whoever could go on meanwhile is frozen, and whoever sleeps through all patience."""
        for actor in self.actors if seconds > PATIENCE_S else self.waiting():
            actor.frozen = True
        with self._step(f"{seconds:g} s pass"):
            self.stack.time += seconds
            self.changes += 1

    def state(self) -> Hashable:
        """Return what tells this state from every other."""
        return (
            self.stack.state(),
            tuple((index, call.name) for index, call in self.late),
            tuple(
                (actor.ended, actor.paused_at == self.changes, actor.frozen, actor.skew_s, tuple(actor.history))
                for actor in self.actors
            ),
        )

    def __str__(self) -> str:
        """Tell what has happened, one line a step."""
        return "\n".join(map(str, self.steps))

    @contextmanager
    def _step(self, what: str, who: int | None = None, outcome: Outcome = Outcome.DONE) -> Iterator[Step]:
        """Take a step down, whatever comes of it."""
        step = Step(at=self.stack.time, who=who, what=what, outcome=outcome, before=self.stack.row)
        self.steps.append(step)
        try:
            yield step
        finally:
            step.after = self.stack.row

    def _deed(self, deed: Deed | SetClock) -> None:
        if isinstance(deed, SetClock):
            self.actors[deed.index].skew_s = 0.0
        else:
            self.stack.do(deed)

    def _answered(self, actor: Actor, request: Request, answer: dict[str, Any] | SfmintError) -> None:
        """Check an answer at the moment when the caller gets it."""
        if isinstance(answer, SfmintError):
            may = actor.faulted or actor.frozen or isinstance(answer, self.stack.setting.errors)
            require(may, Promise.ANSWER, f"actor {actor.index} was answered {type(answer).__name__}: {answer}")
        elif isinstance(request, TokenRequest):
            require(answer["fingerprint"] != request.rejected, Promise.REPORTED, f"actor {actor.index}")
            self.stack.promises.served(answer["fingerprint"], self.stack.time, degraded=actor.faulted)

    def _perform(self, call: Call[Any]) -> Any:
        before = dict(self.stack.store.items)
        try:
            result = call.perform()
        except LoginFailed as failed:
            result = failed
        if self.stack.store.items != before:
            self.changes += 1
        return result

    def _resume(self, actor: Actor, result: Any = None) -> None:
        """Run an actor up to its next call, or to its end."""
        actor.waiting = actor.run.switch(result)
        if actor.waiting is not None and actor.waiting.scope is Scope.PAUSE:
            actor.paused_at = self.changes

    def _end(self, actor: Actor) -> None:
        actor.history.append(hash("ended"))
        actor.waiting = None
        actor.run.throw()
