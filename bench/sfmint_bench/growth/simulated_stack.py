"""A stack in memory: sfmint's own broker and keeper on a table, a key, secrets and an org that grant all and count.

stack = SimulatedStack(seed=1)
broker, keeper = stack.broker(), stack.keeper()
keeper.refresh(RefreshRequest(connection="orders"), remaining_s=60)
stack.clock.time += 300
assert stack.meter.calls["UpdateItem"] == 3
"""

import base64
import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sfmint.request import TokenRequest, parse_broker_event
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.evaluate import carried_out, permits
from sfmint.row.guarantees import Promise
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.telemetry import Record
from sfmint.use_cases.broker import Broker
from sfmint.use_cases.keeper import Keeper
from sfmint.use_cases.mint import Minter
from sfmint.use_cases.obtain import TokenSource
from sfmint_bench.growth.item_size import item_bytes, read_units, write_units
from sfmint_values.secret import Secret

LIFETIME_S = 900  # the defaults of a connection and of the template's parameters
REFRESH_S = 300.0
TRUST_S = 30.0
LOGIN_BUDGET = 240
FUNCTION_S = 60.0

_BEGAN_AT = 1_800_000_000.0
_HOST = "https://acme.my.salesforce.com"
_ORG, _USER = "00D000000000001EAA", "005000000000001AAA"
_KMS_BYTES = (
    153  # what a sealed copy is longer than its plaintext: KMS answers a 32-byte key as 184; and our first byte
)


@dataclass(slots=True)
class Clock:
    """Time that only its owner moves.

    Attributes:
        time: seconds since the simulation began.
    """

    time: float = 0.0

    def now(self) -> float:
        """Returns epoch seconds."""
        return _BEGAN_AT + self.time

    def monotonic(self) -> float:
        """Returns seconds that never jump."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.time += seconds


class Chance:
    """Chance that repeats itself."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secret comes of it
        self._texts = 0

    def uniform(self, low: float, high: float) -> float:
        """Returns a number between low and high."""
        return self.random.uniform(low, high)

    def unique(self) -> str:
        """Returns a text of a uuid's length that was never returned before."""
        self._texts += 1
        return f"{self._texts:036}"


@dataclass(slots=True)
class Meter:
    """What was used since it was cleared last.

    Attributes:
        calls: of AWS, by operation.
        units: of DynamoDB, `read` and `write`.
        records: log lines and metrics, by function, connection and kind.
        logins: instants of the clock.
    """

    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    records: Counter[tuple[str, str, type[Record]]] = field(default_factory=Counter)
    logins: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Begins anew."""
        for each in (self.calls, self.units, self.records, self.logins):
            each.clear()


class SimulatedStack:
    """Makes execution environments that share what a stack shares.

    Args:
        seed: of chance.
        lifetime_s: of every connection's tokens.

    Attributes:
        clock: everybody's.
        chance: likewise.
        meter: what they use.
    """

    def __init__(self, seed: int, lifetime_s: int = LIFETIME_S) -> None:
        self.clock = Clock()
        self.chance = Chance(seed)
        self.meter = Meter()
        self._lifetime_s = lifetime_s
        self._store = _Store(self.meter)

    def broker(self) -> Broker:
        """Returns token_broker in an environment of its own."""
        return Broker(source=self._source("token_broker"), memory_trust_s=TRUST_S, build="")

    def keeper(self) -> Keeper:
        """Returns token_keeper in an environment of its own."""
        return Keeper(source=self._source("token_keeper"), interval_s=REFRESH_S)

    def _source(self, function: str) -> TokenSource:
        minter = Minter(
            clock=self.clock,
            chance=self.chance,
            store=self._store,
            sealer=_Sealer(self.meter),
            credentials=_Credentials(self.meter, self._lifetime_s),
            signers=_Signer(),
            endpoint=_Salesforce(self.clock, self.meter),
            telemetry=_Telemetry(function, self.meter),
            login_budget=LOGIN_BUDGET,
            listed=frozenset(),
        )
        return TokenSource(minter=minter, confirmed_within_s=TRUST_S, poll_s=(0.05, 0.10))


def token_request(event: dict[str, Any], connection: str) -> TokenRequest:
    """Returns the request of an event that asks for a token, through a connection's alias."""
    request = parse_broker_event(event, connection)
    if isinstance(request, TokenRequest):
        return request
    raise TypeError("the event asks for something else")


class _Store:
    """The table."""

    CANNOT_PROMISE: ClassVar[frozenset[Promise]] = frozenset()

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._items: dict[str, Item] = {}

    def behind_s(self) -> float | None:
        return None

    def read(self, key: str) -> Item | None:
        item = self._items.get(key)
        self._meter.calls["GetItem"] += 1
        self._meter.units["read"] += read_units(item_bytes(key, item))
        return item

    peek = read

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        old = self._items.get(key)
        new = carried_out(update, old) if permits(update, old) else None
        self._meter.calls["UpdateItem"] += 1
        self._meter.units["write"] += write_units(item_bytes(key, old), item_bytes(key, new))
        if new is None:
            return ConditionFailed(old)
        self._items[key] = new
        return Written(new)


class _Sealer:
    """The key. A copy is as long as KMS would make it."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def seal(self, token: AccessToken, fence: int) -> bytes:
        del fence
        self._meter.calls["Encrypt"] += 1
        return bytes(_KMS_BYTES) + token.to_bytes()

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        del connection
        if not row.sealed:
            return None
        self._meter.calls["Decrypt"] += 1
        return AccessToken.from_bytes(row.sealed[_KMS_BYTES:])


class _Credentials:
    """The secrets; each connection has a Salesforce user of its own."""

    def __init__(self, meter: Meter, lifetime_s: int) -> None:
        self._meter = meter
        self._lifetime_s = lifetime_s

    def load(self, connection: str) -> Connection:
        self._meter.calls["GetSecretValue"] += 1
        return Connection(
            name=connection,
            consumer_key="3MVG9",
            username=f"{connection}@acme.example",
            audience=_HOST,
            token_host=_HOST,
            private_key=Secret("a key"),
            lifetime_s=self._lifetime_s,
        )

    def pending(self, connection: Connection) -> Connection | None:
        del connection
        return None


class _Signer:
    """Signs nothing, and knows every key."""

    key_id = "0123456789abcdef"
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def signer(self, connection: Connection) -> "_Signer":
        del connection
        return self

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        del connection, now
        return Secret(jti)


class _Salesforce:
    """Grants every login at once, with an answer as long as Salesforce's."""

    def __init__(self, clock: Clock, meter: Meter) -> None:
        self._clock = clock
        self._meter = meter

    def behind_s(self) -> float | None:
        return None

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        del connection
        self._meter.logins.append(self._clock.time)
        return {
            "access_token": f"{_ORG[:15]}!{_noise(assertion.reveal())}",
            "instance_url": _HOST,
            "id": f"{_HOST}/id/{_ORG}/{_USER}",
            "scope": "api refresh_token",
            "token_type": "Bearer",
        }


class _Telemetry:
    """Counts what it is told."""

    def __init__(self, function: str, meter: Meter) -> None:
        self._function = function
        self._meter = meter

    def emit(self, record: Record) -> None:
        self._meter.records[self._function, record.connection, type(record)] += 1


def _noise(text: str) -> str:
    """Returns 96 characters that no compression shortens, as an opaque token's are."""
    return base64.b64encode(hashlib.shake_256(text.encode()).digest(72)).decode()
