"""A stack in memory: sfmint's own broker, keeper and client, and one object behind all ports that grants and counts.

stack = SimulatedStack(seed=1)
broker, keeper = stack.broker(), stack.keeper()
keeper("orders")
stack.time += 300
assert broker("orders", {})["source"] == "cache"
assert stack.used["UpdateItem"] == 4
"""

import base64
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sfmint.aws_access.budget import Budget
from sfmint.ports import Ports
from sfmint.request import RefreshRequest, TokenRequest, WatchRequest, parse_broker_event
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.evaluate import carried_out, permits
from sfmint.row.guarantees import Guarantee
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection, Stage
from sfmint.telemetry import BY_CONNECTION, Record
from sfmint.use_cases.assembly import Limits, UseCases, assemble
from sfmint_client.token_client import TokenClient
from sfmint_values.embedded_metrics import NO_CONNECTION
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from botocore.session import Session

# ruff: noqa: ARG002, D102 - the methods of the ports, which sfmint.ports describes

LIFETIME_S = 900  # the defaults of a connection and of the template's parameters
REFRESH_S = 300.0
TRUST_S = 30.0
LOGIN_BUDGET = 240

_FUNCTION_S = 60.0
_BEGAN_AT = 1_800_000_000.0
_HOST = "https://acme.my.salesforce.com"
_ORG, _USER = "00D000000000001EAA", "005000000000001AAA"
_KMS_BYTES = 153  # what a sealed copy has more than its plaintext: KMS makes 184 bytes of 32, and a byte is ours
_BROKER = "arn:aws:lambda:us-east-1:000000000000:function:sfmint-token-broker"

type Answer = dict[str, Any]
type Broker = Callable[[str, dict[str, Any]], Answer]  # of a connection and an event


class World:
    """Time that only its owner moves, and chance that repeats itself.

    Attributes:
        time: seconds since the simulation began.
        random: chance.
    """

    def __init__(self, seed: int) -> None:
        self.time = 0.0
        self.random = random.Random(seed)  # noqa: S311 - no secret comes of it
        self._texts = 0

    def now(self) -> float:
        return _BEGAN_AT + self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def uniform(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def unique(self) -> str:
        self._texts += 1
        return hashlib.sha256(str(self._texts).encode()).hexdigest()[:36]


class SimulatedStack(World):
    """The world of the functions: table, key, secrets and Salesforce, which grant everything and count.

    Args:
        seed: of chance.
        lifetime_s: of every connection's tokens.

    Attributes:
        used: calls of AWS, by operation.
        records: log lines with their metrics, by function, connection and kind.
        metrics: what CloudWatch keeps apart: by function, connection or none, and name.
        logins: their instants.
    """

    CANNOT_PROMISE: ClassVar[frozenset[Guarantee]] = frozenset()
    LONGEST_READ: ClassVar[int] = 1
    LONGEST_WRITE: ClassVar[int] = 1
    key_id = "0123456789abcdef"
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def __init__(self, seed: int, lifetime_s: int = LIFETIME_S) -> None:
        super().__init__(seed)
        self.used = Counter[str]()
        self.records = Counter[tuple[str, str, type[Record]]]()
        self.metrics = set[tuple[str, str, str]]()
        self.logins: list[float] = []
        self._lifetime_s = lifetime_s
        self._items: dict[str, Item] = {}

    def clear(self) -> None:
        """Count anew."""
        self.used.clear()
        self.records.clear()
        self.metrics.clear()
        self.logins.clear()

    def broker(self) -> Broker:
        """Return token_broker in an environment of its own."""
        broker = self._use_cases("token_broker").broker(build="")

        def answer(connection: str, event: dict[str, Any]) -> Answer:
            request = cast("TokenRequest", parse_broker_event(event, connection))
            return broker.get_token(request, remaining_s=_FUNCTION_S)

        return answer

    def keeper(self) -> "Keeper":
        """Return token_keeper in an environment of its own."""
        return Keeper(self._use_cases("token_keeper"))

    def _use_cases(self, function: str) -> UseCases:
        ports = Ports(
            clock=self,
            budget=Budget(self),
            chance=self,
            store=self,
            sealer=self,
            credentials=self,
            signers=self,
            endpoint=self,
            telemetry=_Telemetry(function, self),
        )
        limits = Limits(
            login_budget=LOGIN_BUDGET,
            token_hosts=frozenset(),
            memory_trust_s=TRUST_S,
            refresh_interval_s=REFRESH_S,
            poll_s=(0.05, 0.10),
        )
        return assemble(ports, limits)

    def behind_s(self) -> float | None:
        return None

    def read(self, key: str) -> Item | None:
        self.used["GetItem"] += 1
        return self._items.get(key)

    peek = read

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        self.used["UpdateItem"] += 1
        old = self._items.get(key)
        if not permits(update, old):
            return ConditionFailed(old)
        self._items[key] = carried_out(update, old)
        return Written(self._items[key])

    def seal(self, token: AccessToken, fence: int) -> bytes:
        self.used["Encrypt"] += 1
        return bytes(_KMS_BYTES) + token.to_bytes()

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        if not row.sealed:
            return None
        self.used["Decrypt"] += 1
        return AccessToken.from_bytes(row.sealed[_KMS_BYTES:])

    def load(self, connection: str) -> Connection:
        self.used["GetSecretValue"] += 1
        return Connection(
            name=connection,
            consumer_key="3MVG9",
            username=f"{connection}@acme.example",  # a user for each connection
            audience=_HOST,
            token_host=_HOST,
            private_key=Secret("a key"),
            lifetime_s=self._lifetime_s,
        )

    def pending(self, connection: Connection) -> Connection | None:
        return None

    def previous(self, connection: Connection, now: float) -> Connection | None:
        return None

    def staged(self, connection: str, stage: Stage) -> Connection:
        return self.load(connection)  # nobody tries a login here

    def signer(self, connection: Connection) -> "SimulatedStack":
        return self

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        return Secret(jti)

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        self.logins.append(self.time)
        noise = base64.b64encode(hashlib.shake_256(assertion.reveal().encode()).digest(72)).decode()
        return {
            "access_token": f"{_ORG[:15]}!{noise}",  # as long as Salesforce's
            "instance_url": _HOST,
            "id": f"{_HOST}/id/{_ORG}/{_USER}",
            "scope": "api refresh_token",
            "token_type": "Bearer",
        }


class Keeper:
    """The token_keeper of an environment, as its schedules ask it.

    Args:
        use_cases: of the environment.
    """

    def __init__(self, use_cases: UseCases) -> None:
        self._keeper = use_cases.keeper(build="bench")

    def __call__(self, connection: str) -> Answer:
        """Refresh a connection."""
        return self._keeper.refresh(RefreshRequest(connection=connection), remaining_s=_FUNCTION_S)

    def watch(self, connections: Iterable[str]) -> Answer:
        """Look at all connections of the stack."""
        return self._keeper.watch.run(WatchRequest(connections=tuple(connections)))


class _Telemetry:
    """Counts what a function says."""

    def __init__(self, function: str, stack: SimulatedStack) -> None:
        self._function = function
        self._stack = stack

    def begin(self, request_id: str) -> None:
        pass

    def emit(self, record: Record) -> None:
        self._stack.records[self._function, record.connection, type(record)] += 1
        for name in record.counts():
            self._stack.metrics.add((self._function, NO_CONNECTION, name))
            if name in BY_CONNECTION:
                self._stack.metrics.add((self._function, record.connection, name))


def client(world: World, connection: str, answer: Callable[[dict[str, Any]], Answer]) -> TokenClient:
    """Return sfmint's own client of a connection.

    Args:
        world: the caller's time and chance.
        connection: its name.
        answer: gives token_broker's answer to an event.
    """

    def invoke(*, Payload: bytes, **_: str) -> dict[str, Any]:  # noqa: N803 - as Lambda names it
        return {"Payload": BytesIO(json.dumps(answer(json.loads(Payload))).encode())}

    session = SimpleNamespace(create_client=lambda *_, **__: SimpleNamespace(invoke=invoke))
    return TokenClient(
        connection, alias_arn=f"{_BROKER}:{connection}", session=cast("Session", session), clock=world, chance=world
    )
