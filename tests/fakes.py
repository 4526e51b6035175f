"""Stand-ins for the ports: they have state, keep the port's promises, and fail where a test tells them to."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sfmint.access_token import AccessToken
from sfmint.broker import Broker
from sfmint.cache_row import CacheRow, row_key
from sfmint.connection import Connection, no_credentials
from sfmint.keeper import Keeper
from sfmint.mint import Minter
from sfmint.secret import Secret
from sfmint.telemetry import Record
from sfmint.token_source import TokenSource
from sfmint.update import (
    AllOf,
    AnyOf,
    Between,
    Clause,
    Compare,
    Contains,
    Item,
    Missing,
    Not,
    Refused,
    Same,
    Update,
    Value,
    Written,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


class FakeClock:
    """Time that passes only where somebody waits."""

    def __init__(self, now: float = NOON) -> None:
        self.time = now
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - NOON

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.on_sleep()


class FakeChance:
    """The middle of every range, and a new text each time."""

    def __init__(self) -> None:
        self._count = 0

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def unique(self) -> str:
        self._count += 1
        return f"unique-{self._count}"


class Faults:
    """Errors waiting for a call, by the call's name."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Exception]] = {}

    def fail_next(self, call: str, *errors: Exception) -> None:
        self._waiting.setdefault(call, []).extend(errors)

    def strike(self, call: str) -> None:
        if waiting := self._waiting.get(call):
            raise waiting.pop(0)


class ReferenceStore(Faults):
    """What a store means, in memory: the contract suite holds every backend against it."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, dict[str, Value]] = {}
        self.calls: list[str] = []

    def read(self, key: str) -> Item | None:
        self.calls.append("read")
        self.strike("read")
        item = self.items.get(key)
        return dict(item) if item else None

    def peek(self, key: str) -> Item | None:
        self.calls.append("peek")
        self.strike("peek")
        item = self.items.get(key, {})
        return {name: value for name, value in item.items() if name != "sealed"} or None

    def write(self, key: str, update: Update) -> Written | Refused:
        self.calls.append(update.name)
        self.strike(update.name)
        old = self.items.get(key)
        if update.condition is not None and not holds(update.condition, old or {}):
            return Refused(dict(old) if old else None)
        item = dict(old or {})
        item |= {name: value for name, value in update.keep.items() if name not in item}
        for name in update.increment:
            count = item.get(name, 0)
            assert isinstance(count, int)
            item[name] = count + 1
        for name, members in update.add.items():
            present = item.get(name, frozenset())
            assert isinstance(present, frozenset)
            item[name] = present | members
        item |= update.assign
        for name in update.remove:
            item.pop(name, None)
        self.items[key] = item
        self.strike(f"after {update.name}")
        return Written(dict(item))


def holds(clause: Clause, item: Item) -> bool:
    """Return whether a condition holds in an item, as DynamoDB decides it."""
    match clause:
        case Missing(name):
            return name not in item
        case Compare(name, operator, value):
            return name in item and _compare(operator, item[name], value)
        case Same(name, other):
            return name in item and other in item and item[name] == item[other]
        case Between(name, low, high):
            instant = item.get(name)
            return isinstance(instant, int | float) and low <= instant <= high
        case Contains(name, member):
            members = item.get(name)
            return isinstance(members, frozenset) and member in members
        case Not(inner):
            return not holds(inner, item)
        case AllOf(clauses):
            return all(holds(inner, item) for inner in clauses)
        case AnyOf(clauses):
            return any(holds(inner, item) for inner in clauses)


def _compare(operator: str, left: Value, right: Value) -> bool:
    if operator == "=":
        return left == right
    if operator == "<>":
        return left != right
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right}[operator]


class FakeSealer(Faults):
    """Sealing without encryption, bound to connection, fence and fingerprint."""

    def __init__(self) -> None:
        super().__init__()
        self._copies: dict[bytes, tuple[str, int, AccessToken]] = {}
        self.unsealed = 0

    def seal(self, token: AccessToken, fence: int) -> bytes:
        self.strike("seal")
        sealed = f"copy-{len(self._copies)}".encode()
        self._copies[sealed] = (token.connection, fence, token)
        return sealed

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        self.strike("unseal")
        self.unsealed += 1
        whose, fence, token = self._copies.get(row.sealed or b"", ("", 0, None))
        agrees = token is not None and (whose, fence, token.fingerprint, token.hard_expiry) == (
            connection,
            row.token_fence,
            row.fingerprint,
            row.hard_expiry,
        )
        return token if agrees else None


@dataclass
class FakeSigner:
    key_id: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        return Secret(f"assertion {self.key_id} {connection.username} {now} {jti}")


class FakeSigners(Faults):
    def signer(self, connection: Connection) -> FakeSigner:
        self.strike("signer")
        return FakeSigner(hashlib.sha256(connection.private_key.reveal().encode()).hexdigest()[:16])


class FakeCredentials(Faults):
    """Secrets by connection."""

    def __init__(self) -> None:
        super().__init__()
        self.connections: dict[str, Connection] = {}

    def load(self, connection: str) -> Connection:
        self.strike("load")
        if connection in self.connections:
            return self.connections[connection]
        raise no_credentials(connection, f"sfmint/test/{connection}")


class FakeSalesforce(Faults):
    """A token endpoint: a new token for each login, unless a session is handed out again."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.logins = 0
        self.takes_s = 0.3
        self.answers: dict[str, Any] = {}
        self.during: Callable[[], None] = lambda: None

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        self.logins += 1
        self._clock.time += self.takes_s
        self.during()
        self.strike("exchange")
        return {
            "access_token": f"00Dxx0000000001!token-{self.logins}",
            "instance_url": "https://acme.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(int(self._clock.time * 1000)),
            **self.answers,
        }


class RecordingTelemetry:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def emit(self, record: Record) -> None:
        self.records.append(record)

    def of(self, kind: type[Record]) -> list[Record]:
        return [record for record in self.records if isinstance(record, kind)]


def a_connection(name: str = "orders", **changes: Any) -> Connection:
    return replace(
        Connection(
            name=name,
            consumer_key="3MVG9-consumer",
            username="integration@acme.example",
            audience="https://acme.my.salesforce.com",
            token_host="https://acme.my.salesforce.com",
            private_key=Secret("a key"),
        ),
        **changes,
    )


@dataclass
class World:
    """One stack and one org; each `broker()` is an execution environment of its own."""

    clock: FakeClock = field(default_factory=FakeClock)
    chance: FakeChance = field(default_factory=FakeChance)
    store: ReferenceStore = field(default_factory=ReferenceStore)
    sealer: FakeSealer = field(default_factory=FakeSealer)
    credentials: FakeCredentials = field(default_factory=FakeCredentials)
    signers: FakeSigners = field(default_factory=FakeSigners)
    telemetry: RecordingTelemetry = field(default_factory=RecordingTelemetry)
    budget: int = 240

    def __post_init__(self) -> None:
        self.salesforce = FakeSalesforce(self.clock)
        self.credentials.connections["orders"] = a_connection()

    def source(self, trust_s: float = 30.0) -> TokenSource:
        minter = Minter(
            clock=self.clock,
            chance=self.chance,
            store=self.store,
            sealer=self.sealer,
            credentials=self.credentials,
            signers=self.signers,
            endpoint=self.salesforce,
            telemetry=self.telemetry,
            login_budget=self.budget,
            listed=frozenset(),
        )
        return TokenSource(minter=minter, confirmed_within_s=max(trust_s, 5.0))

    def broker(self, trust_s: float = 30.0) -> Broker:
        return Broker(source=self.source(trust_s), memory_trust_s=trust_s, build="b1")

    def keeper(self, interval_s: float = 300.0) -> Keeper:
        return Keeper(source=self.source(), interval_s=interval_s)

    def row(self, name: str = "orders") -> CacheRow:
        return CacheRow.from_item(self.store.items.get(row_key(name)))
