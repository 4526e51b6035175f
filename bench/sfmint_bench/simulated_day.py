"""A day of a busy connection on sfmint's own code, with a clock that jumps from call to call: how often it logs in.

50 environments, 5 calls a second, a token of 15 minutes, and the keeper's schedule.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sfmint.access_token import AccessToken
from sfmint.broker import Broker
from sfmint.cache_row import CacheRow
from sfmint.conditions import carried_out, permits
from sfmint.connection import Connection
from sfmint.keeper import Keeper
from sfmint.mint import Minter
from sfmint.promises import Promise
from sfmint.request import RefreshRequest, TokenRequest
from sfmint.secret import Secret
from sfmint.telemetry import Record
from sfmint.token_source import TokenSource
from sfmint.update import Item, Refused, Update, Written
from sfmint_bench.gates import SIMULATED_DAY
from sfmint_bench.report import Result

DAY_S = 86_400
ENVIRONMENTS = 50
CALLS_A_SECOND = 5.0
LIFETIME_S = 900
REFRESH_S = 300  # the schedule's default
TRUST_S = 30.0
SEED = 1

_NAME = "orders"
_HOST = "https://acme.my.salesforce.com"
_MINT_S = 0.3
_FUNCTION_S = 60.0
_REQUEST = TokenRequest(connection=_NAME, min_ttl=60, rejected=None, deadline_s=10.0)


@dataclass(slots=True)
class _Clock:
    time: float = 0.0

    def now(self) -> float:
        return 1_800_000_000.0 + self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass(slots=True)
class _Chance:
    source: random.Random
    texts: int = 0

    def uniform(self, low: float, high: float) -> float:
        return self.source.uniform(low, high)

    def unique(self) -> str:
        self.texts += 1
        return f"text {self.texts}"


@dataclass(slots=True)
class _Store:
    """Items in memory."""

    CANNOT_PROMISE: ClassVar[frozenset[Promise]] = frozenset()

    items: dict[str, Item] = field(default_factory=dict)

    def behind_s(self) -> float | None:
        return None

    def read(self, key: str) -> Item | None:
        return self.items.get(key)

    peek = read

    def write(self, key: str, update: Update) -> Written | Refused:
        old = self.items.get(key)
        if not permits(update, old):
            return Refused(old)
        self.items[key] = carried_out(update, old)
        return Written(self.items[key])


class _Sealer:
    """Seals nothing."""

    def seal(self, token: AccessToken, fence: int) -> bytes:
        del fence
        return token.to_bytes()

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        del connection
        return AccessToken.from_bytes(row.sealed) if row.sealed else None


class _Credentials:
    """One connection's."""

    def load(self, connection: str) -> Connection:
        return Connection(
            name=connection,
            consumer_key="3MVG9",
            username="integration@acme.example",
            audience=_HOST,
            token_host=_HOST,
            private_key=Secret("a key"),
            lifetime_s=LIFETIME_S,
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


@dataclass(slots=True)
class _Salesforce:
    """Grants every login, and notes when."""

    clock: _Clock
    logins: list[float] = field(default_factory=list)

    def behind_s(self) -> float | None:
        return None

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        del connection
        self.logins.append(self.clock.time)
        self.clock.time += _MINT_S
        return {"access_token": f"00D!{assertion.reveal()}", "instance_url": _HOST, "token_type": "Bearer"}


class _Silence:
    """Telemetry that says nothing."""

    def emit(self, record: Record) -> None:
        pass


def simulated_day(day_s: float = DAY_S) -> Result:
    """Simulates it, and returns the most logins of any interval between two refreshes of the schedule."""
    clock, chance = _Clock(), _Chance(random.Random(SEED))  # noqa: S311 - no secret comes of it
    salesforce = _Salesforce(clock)
    minter = Minter(
        clock=clock,
        chance=chance,
        store=_Store(),
        sealer=_Sealer(),
        credentials=_Credentials(),
        signers=_Signer(),
        endpoint=salesforce,
        telemetry=_Silence(),
        login_budget=240,
        listed=frozenset(),
    )
    source = TokenSource(minter=minter, confirmed_within_s=TRUST_S, poll_s=(0.05, 0.10))
    brokers = [Broker(source=source, memory_trust_s=TRUST_S, build="") for _ in range(ENVIRONMENTS)]
    keeper = Keeper(source=source, interval_s=REFRESH_S)
    calls = 0
    for at, is_tick in heapq.merge(_calls(chance, day_s), _ticks(day_s)):
        clock.time = max(clock.time, at)
        if is_tick:
            keeper.refresh(RefreshRequest(connection=_NAME), remaining_s=_FUNCTION_S)
        else:
            calls += 1
            brokers[chance.source.randrange(ENVIRONMENTS)].get_token(_REQUEST, remaining_s=_FUNCTION_S)
    intervals = Counter(login // REFRESH_S for login in salesforce.logins)
    seen = f"{len(salesforce.logins)} logins for {calls:,} calls in {day_s / REFRESH_S:.0f} intervals"
    return Result(gate=SIMULATED_DAY, value=max(intervals.values()), seen=seen)


def _calls(chance: _Chance, day_s: float) -> Iterator[tuple[float, bool]]:
    at = chance.source.expovariate(CALLS_A_SECOND)
    while at < day_s:
        yield at, False
        at += chance.source.expovariate(CALLS_A_SECOND)


def _ticks(day_s: float) -> Iterator[tuple[float, bool]]:
    at = 0.0
    while at < day_s:
        yield at, True
        at += REFRESH_S
