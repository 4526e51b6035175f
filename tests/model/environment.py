"""The ports of one actor; each call of them that matters waits for the machine."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from model.actor import Actor, Call, Request, Scope, SetClock
from model.promises import TRUST_S
from model.stack import Deed, Stack
from sfmint.aws_access.budget import Budget
from sfmint.errors import CacheUnavailable, SfmintError
from sfmint.ports import Ports
from sfmint.request import FlushRequest, RefreshRequest, TaintRequest, TokenRequest
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.guarantees import Guarantee
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection, Lack, Stage, no_credentials
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import Record
from sfmint.use_cases.assembly import Limits, assemble
from sfmint_testing.fakes import FakeSigners
from sfmint_values.secret import Secret

REMAINING_S = 60.0
TICK_S = 300.0

type Answer = dict[str, Any] | SfmintError


class Environment:
    """One execution environment: the deployed code on ports that stop.

    Args:
        stack: the one stack.
        actor: who lives in it.
    """

    def __init__(self, stack: Stack, actor: Actor) -> None:
        self._stack = stack
        self._actor = actor
        self._unique = 0
        self._lease = ""
        ports = Ports(
            clock=self,
            budget=Budget(self),
            chance=self,
            store=self,
            sealer=self,
            credentials=self,
            signers=FakeSigners(),
            endpoint=self,
            telemetry=self,
        )
        limits = Limits(
            login_budget=stack.setting.login_budget,
            token_hosts=frozenset(),
            memory_trust_s=TRUST_S,
            refresh_interval_s=TICK_S,
            poll_s=(0.05, 0.10),
        )
        use_cases = assemble(ports, limits)
        self._broker, self._keeper = use_cases.broker("model"), use_cases.keeper("model")

    def live(self, deed: Callable[[Deed | SetClock], None], answered: Callable[[Actor, Request, Answer], None]) -> None:
        """Answer the requests, one after the other.

        Args:
            deed: does what an operator does by other means than ours.
            answered: is told of each answer.
        """
        for request in self._actor.requests:
            self._ask(Call("arrive", lambda: None, None, Scope.TIMED))
            self._actor.faulted = self._actor.frozen = False
            try:
                answer: Answer = self._answer(request, deed)
            except SfmintError as error:
                answer = error
            answered(self._actor, request, answer)
            self._actor.answers.append(answer)

    def _answer(self, request: Request, deed: Callable[[Deed | SetClock], None]) -> dict[str, Any]:
        match request:
            case TokenRequest():
                return self._broker.get_token(request, remaining_s=REMAINING_S)
            case RefreshRequest():
                return self._keeper.refresh(request, remaining_s=REMAINING_S)
            case FlushRequest():
                return self._keeper.flush(request)
            case TaintRequest():
                return self._keeper.taint(request)
            case _:
                self._ask(Call("deed", lambda: deed(request), None, Scope.SHARED))
                return {}

    def _ask[Answer](self, call: Call[Answer]) -> Answer:
        result: Any = self._actor.run.parent.switch(call)
        if isinstance(result, Exception):
            raise result
        answer: Answer = result
        return answer

    # Clock and Chance

    def now(self) -> float:
        return self._stack.time + self._actor.skew_s

    def monotonic(self) -> float:
        return self._stack.time

    def sleep(self, seconds: float) -> None:
        self._ask(Call("sleep", lambda: None, None, Scope.PAUSE))

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def unique(self) -> str:
        self._unique += 1
        return f"actor-{self._actor.index}-{self._unique}"

    # Store and TokenEndpoint

    CANNOT_PROMISE: ClassVar[frozenset[Guarantee]] = frozenset()
    LONGEST_READ: ClassVar[int] = 1
    LONGEST_WRITE: ClassVar[int] = 1

    def behind_s(self) -> float | None:
        return -self._actor.skew_s

    def read(self, key: str) -> Item | None:
        return self._ask(Call("read", lambda: self._stack.store.read(key), _store_down, Scope.SHARED))

    def peek(self, key: str) -> Item | None:
        return self._ask(Call("peek", lambda: self._stack.store.peek(key), _store_down, Scope.SHARED))

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        if update.takes_lease:
            self._lease = str(update.assign["lease_owner"])
        lease, skew_s = self._lease, self._actor.skew_s
        scope = Scope.TIMED if update.name == "budget" and not self._stack.budget_is_short else Scope.SHARED
        return self._ask(Call(update.name, lambda: self._stack.write(key, update, lease, skew_s), _store_down, scope))

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        return self._ask(Call("exchange", lambda: self._stack.login(connection, self._lease), _no_answer, Scope.SHARED))

    # Sealer, Credentials, Telemetry

    def seal(self, token: AccessToken, fence: int) -> bytes:
        return self._ask(Call("seal", lambda: self._stack.seal(token, fence), _store_down, Scope.TIMED))

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        return self._stack.unseal(row)

    def load(self, connection: str) -> Connection:
        scope = Scope.SHARED if self._stack.secret_changes else Scope.TIMED
        return self._ask(Call("load", lambda: self._stack.connection, _store_down, scope))

    def pending(self, connection: Connection) -> Connection | None:
        scope = Scope.SHARED if self._stack.rotation_ends else Scope.TIMED
        return self._ask(Call("pending", self._stack.pending, None, scope))

    def previous(self, connection: Connection, now: float) -> Connection | None:
        return self._stack.previous(now)

    def staged(self, connection: str, stage: Stage) -> Connection:
        raise no_credentials(connection, "model", Lack.of(stage))  # to try a login writes nothing that could be raced

    def begin(self, request_id: str) -> None:
        pass

    def emit(self, record: Record) -> None:
        pass


def _store_down() -> Exception:
    return CacheUnavailable("AWS did not answer.", remedy="Call again.")


def _no_answer() -> Exception:
    return LoginFailed(REASONS["no_answer"])
