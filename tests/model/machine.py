"""The world of the model: the real broker and keeper, stopped before each call of a port, so that a test decides what is next.

Nothing of the protocol is told again here. An actor is one execution environment; it runs the code that is deployed, on
ports that hand each call to the machine and wait. The machine carries it out, fails it, loses its answer, holds it back, or
ends the actor, and time goes on when it is told to. What must never happen is checked as it happens.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from greenlet import greenlet

from fakes import NOON, FakeSigners, a_connection
from reference_store import ReferenceStore
from sfmint.access_token import AccessToken
from sfmint.broker import Broker
from sfmint.cache_row import CacheRow, row_key
from sfmint.connection import Connection
from sfmint.errors import CacheUnavailable, SfmintError
from sfmint.failure import REASONS, MintFailed
from sfmint.keeper import Keeper
from sfmint.mint import Minter
from sfmint.request import FlushRequest, RefreshRequest, TaintRequest, TokenRequest
from sfmint.secret import Secret
from sfmint.telemetry import Record
from sfmint.token_source import TokenSource
from sfmint.update import Item, Refused, Update, Written

NAME: Final = "orders"
KEY: Final = row_key(NAME)
TRUST_S: Final = 30.0
REMAINING_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class ChangeSecret:
    """An operator stores other credentials."""

    username: str


type Request = TokenRequest | RefreshRequest | FlushRequest | TaintRequest | ChangeSecret


class BrokenPromiseError(AssertionError):
    """Something happened that must never happen."""


class Outcome(Enum):
    """What becomes of a call."""

    DONE = "done"
    FAILED = "failed"  # nothing happened, and the caller learns that it failed
    LOST = "lost"  # it happened, and the caller takes it for failed
    LATE = "late"  # the caller takes it for failed, and it happens afterwards
    DIES = "dies"  # the environment ends before the call
    DIES_AFTER = "dies after"  # and after it


class Scope(Enum):
    """Who can tell whether a call has happened."""

    SHARED = "shared"
    OWN = "own"  # nobody else: its place in the order of calls does not matter
    PAUSE = "pause"  # it ends when the world has changed


@dataclass(frozen=True, slots=True)
class Call[Answer]:
    """A call of a port that waits for the machine."""

    name: str
    perform: Callable[[], Answer]
    failure: Callable[[], Exception] | None
    scope: Scope


@dataclass(slots=True)
class Actor:
    """One execution environment, in the middle of its requests.

    Attributes:
        skew_s: how far ahead its clock is.
        history: all that it has learnt; as its code has no chance of its own, this is its whole state.
    """

    index: int
    requests: tuple[Request, ...]
    skew_s: float
    waiting: Call[Any] | None = None
    paused_at: int = -1
    history: list[str] = field(default_factory=list)
    answers: list[dict[str, Any] | SfmintError] = field(default_factory=list)
    faulted: bool = False
    run: greenlet = field(default=None)  # made with its ports

    @property
    def ended(self) -> bool:
        """It has answered everything, or was ended."""
        return self.waiting is None


class Machine:
    """One row, one Salesforce user, some actors.

    Args:
        actors: the requests of each.
        skews_s: how far ahead the clock of each is.
        lifetime_s: of tokens.
        same_session: Salesforce hands out the session that lives, as some orgs do.
        refuses: the code of the reason for which Salesforce refuses every login.
        mutate: changes each conditional write before it is sent: to show that no clause is idle.
    """

    def __init__(
        self,
        *actors: tuple[Request, ...],
        skews_s: tuple[float, ...] = (),
        lifetime_s: int = 900,
        same_session: bool = False,
        refuses: str | None = None,
        mutate: Callable[[Update], Update] = lambda update: update,
    ) -> None:
        self.time = NOON
        self.store = ReferenceStore()
        self.copies: dict[bytes, tuple[int, AccessToken]] = {}
        self.sessions: list[tuple[str, float]] = []
        self.late: list[Call[Any]] = []
        self.changes = 0
        self.grants = 0
        self.logins = 0
        self.published_fence = 0
        self.dropped: dict[str, float] = {}
        self.connection = a_connection(NAME, lifetime_s=lifetime_s)
        self.same_session = same_session
        self.refuses = refuses
        self.replaced: set[str] = set()
        self.outdated: set[str] = set()
        self.tainted: set[str] = set()
        self.mutate = mutate
        self.actors = [
            Actor(index=index, requests=requests, skew_s=skews_s[index] if skews_s else 0.0)
            for index, requests in enumerate(actors)
        ]
        for actor in self.actors:
            actor.run = greenlet(_Environment(self, actor).live)
            self._resume(actor)

    # ------------------------------------------------------------------------------------------ what may happen

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
        if outcome is Outcome.DIES:
            return self._end(actor)
        result: Any = None
        if outcome in {Outcome.DONE, Outcome.LOST, Outcome.DIES_AFTER}:
            result = self._perform(call)
        if outcome is Outcome.DIES_AFTER:
            return self._end(actor)
        if outcome is Outcome.LATE:
            self.late.append(call)
        if outcome is Outcome.DONE:
            actor.history.append(f"{call.name}:{_digest(result)}")
            return self._resume(actor, result)
        assert call.failure is not None
        actor.faulted = True
        actor.history.append(f"{call.name}!")
        return self._resume(actor, call.failure())

    def arrive(self) -> None:
        """Let the write that was held back the longest arrive."""
        self._perform(self.late.pop(0))

    def tick(self, seconds: float) -> None:
        """Let time pass; whoever is not let go on meanwhile is frozen."""
        self.time += seconds
        self.changes += 1

    def state(self) -> object:
        """Return what tells this state from every other."""
        item = self.store.items.get(KEY, {})
        return (
            self.time,
            tuple(sorted((name, repr(value)) for name, value in item.items())),
            tuple(sorted(key for key in self.store.items if key != KEY)),
            tuple(self.sessions),
            self.connection.username,
            tuple(call.name for call in self.late),
            tuple((actor.ended, actor.paused_at == self.changes, tuple(actor.history)) for actor in self.actors),
        )

    # --------------------------------------------------------------------------------------- what must not happen

    def _require(self, held: bool, otherwise: str) -> None:  # noqa: FBT001
        if not held:
            raise BrokenPromiseError(f"{otherwise} at {self.time - NOON:g} s")

    def landed(self, update: Update, before: Item, after: Item) -> None:
        """Check a write that landed."""
        name = update.name
        if name == "acquire":
            self.grants += 1
        if name.startswith(("publish", "reaffirm")):
            fence = after["token_fence"]
            assert isinstance(fence, int)
            self._require(fence > self.published_fence, f"{name} under fence {fence} after {self.published_fence}")
            self.published_fence = fence
            self._require(after["config_hash"] not in self.outdated, f"{name} with credentials of before a flush")
            self._require(after["key_id"] not in self.tainted, f"{name} with a tainted key")
        if name == "reaffirm-2":
            self.dropped.pop(str(after["fingerprint"]), None)
        if name == "flush":
            self.outdated |= self.replaced
        if name == "taint":
            self.tainted |= set(after["tainted_keys"])  # type: ignore[arg-type]
        if name.startswith("reject"):
            fingerprint = str(after["rejected"])
            self._require(before.get("fingerprint") == fingerprint, f"{name} has dropped another token")
            self.dropped[fingerprint] = self.time
        if name in {"flush", "taint"} and before.get("fingerprint") not in {None, after.get("fingerprint")}:
            self.dropped[str(before["fingerprint"])] = self.time

    def change_secret(self, username: str) -> None:
        """Store other credentials."""
        self.replaced.add(self.connection.config_hash)
        self.connection = replace(self.connection, username=username)

    def login(self) -> Mapping[str, Any]:
        """Give a token, as Salesforce does."""
        live = self.sessions[-1][1] > self.time if self.sessions else False
        if not self.refuses and not (self.same_session and live):
            self.sessions.append(
                (f"00Dxx0000000001!token-{len(self.sessions) + 1}", self.time + self.connection.lifetime_s)
            )
        self.logins += 1
        self._require(self.logins <= self.grants, f"login {self.logins} under {self.grants} leases")
        if self.refuses:
            raise MintFailed(REASONS[self.refuses])
        token, ends_at = self.sessions[-1]
        return {
            "access_token": token,
            "instance_url": "https://acme.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(int((ends_at - self.connection.lifetime_s) * 1000)),
        }

    def answered(self, actor: Actor, answer: dict[str, Any]) -> None:
        """Check an answer at the moment when the caller gets it."""
        if "access_token" not in answer:
            return
        ends_at = dict(self.sessions)[answer["access_token"]]
        self._require(self.time < ends_at, f"actor {actor.index} was served a token that was over")
        dropped_at = self.dropped.get(answer["fingerprint"])
        if dropped_at is not None and not actor.faulted:
            late_s = self.time - dropped_at - TRUST_S
            self._require(late_s <= 0, f"actor {actor.index} was served a dropped token {late_s:g} s past the trust")

    # ------------------------------------------------------------------------------------------------ the stage

    def _perform(self, call: Call[Any]) -> Any:
        before = repr(self.store.items)
        try:
            result = call.perform()
        except MintFailed as failed:
            result = failed
        if repr(self.store.items) != before:
            self.changes += 1
        return result

    def _resume(self, actor: Actor, result: Any = None) -> None:
        """Run an actor up to its next call, or to its end."""
        actor.waiting = actor.run.switch(result)
        if actor.waiting is not None and actor.waiting.scope is Scope.PAUSE:
            actor.paused_at = self.changes

    def _end(self, actor: Actor) -> None:
        actor.history.append("ended")
        actor.waiting = None
        actor.run.throw()


class _Environment:
    """The ports of one actor; each call of them that matters waits for the machine."""

    def __init__(self, machine: Machine, actor: Actor) -> None:
        self._machine = machine
        self._actor = actor
        self._unique = 0
        minter = Minter(
            clock=self,
            chance=self,
            store=self,
            sealer=self,
            credentials=self,
            signers=FakeSigners(),
            endpoint=self,
            telemetry=self,
            login_budget=3600,
            listed=frozenset(),
        )
        source = TokenSource(minter=minter, confirmed_within_s=TRUST_S)
        self._broker = Broker(source=source, memory_trust_s=TRUST_S, build="model")
        self._keeper = Keeper(source=source, interval_s=300.0)

    def live(self, _first: object) -> None:
        """Answer the requests, one after the other."""
        for request in self._actor.requests:
            self._ask(Call("arrive", lambda: None, None, Scope.SHARED))
            self._actor.faulted = False
            answer: dict[str, Any] | SfmintError
            try:
                answer = self._answer(request)
            except SfmintError as error:
                answer = error
            else:
                self._machine.answered(self._actor, answer)
            self._actor.answers.append(answer)

    def _answer(self, request: Request) -> dict[str, Any]:
        match request:
            case TokenRequest():
                return self._broker.get_token(request, remaining_s=REMAINING_S)
            case RefreshRequest():
                return self._keeper.refresh(request, remaining_s=REMAINING_S)
            case FlushRequest():
                return self._keeper.flush(request)
            case TaintRequest():
                return self._keeper.taint(request)
            case ChangeSecret(username):
                self._ask(Call("change secret", lambda: self._machine.change_secret(username), None, Scope.SHARED))
                return {}

    def _ask[Answer](self, call: Call[Answer]) -> Answer:
        result: Any = self._actor.run.parent.switch(call)
        if isinstance(result, Exception):
            raise result
        answer: Answer = result
        return answer

    # Clock and Chance

    def now(self) -> float:
        return self._machine.time + self._actor.skew_s

    def monotonic(self) -> float:
        return self._machine.time

    def sleep(self, seconds: float) -> None:
        self._ask(Call("sleep", lambda: None, None, Scope.PAUSE))

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def unique(self) -> str:
        self._unique += 1
        return f"actor-{self._actor.index}-{self._unique}"

    # Store

    def read(self, key: str) -> Item | None:
        return self._ask(Call("read", lambda: self._machine.store.read(key), _store_down, Scope.SHARED))

    def peek(self, key: str) -> Item | None:
        return self._ask(Call("peek", lambda: self._machine.store.peek(key), _store_down, Scope.SHARED))

    def write(self, key: str, update: Update) -> Written | Refused:
        mutated = self._machine.mutate(update)

        def perform() -> Written | Refused:
            before = dict(self._machine.store.items.get(key, {}))
            outcome = self._machine.store.write(key, mutated)
            if isinstance(outcome, Written) and key == KEY:
                self._machine.landed(update, before, outcome.item)
            return outcome

        scope = Scope.OWN if update.name == "budget" else Scope.SHARED
        return self._ask(Call(update.name, perform, _store_down, scope))

    # Sealer, Credentials, TokenEndpoint, Telemetry

    def seal(self, token: AccessToken, fence: int) -> bytes:
        copy = f"{token.fingerprint}/{fence}".encode()
        self._machine.copies[copy] = (fence, token)
        return self._ask(Call("seal", lambda: copy, _store_down, Scope.OWN))

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        fence, token = self._machine.copies.get(row.sealed or b"", (0, None))
        agrees = token is not None and (fence, token.fingerprint) == (row.token_fence, row.fingerprint)
        return token if agrees else None

    def load(self, connection: str) -> Connection:
        return self._ask(Call("load", lambda: self._machine.connection, _store_down, Scope.SHARED))

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        return self._ask(Call("exchange", self._machine.login, _no_answer, Scope.SHARED))

    def emit(self, record: Record) -> None:
        pass


def _digest(result: object) -> str:
    match result:
        case Written(item):
            return f"written {sorted(item.items())}"
        case Refused(item):
            return f"refused {sorted(item.items()) if item else None}"
        case Mapping():
            return repr(sorted(result.items()))
        case _:
            return repr(result)


def _store_down() -> Exception:
    return CacheUnavailable("AWS did not answer.", remedy="Call again.")


def _no_answer() -> Exception:
    return MintFailed(REASONS["no_answer"])
