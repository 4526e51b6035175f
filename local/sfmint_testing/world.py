"""A stack and an org made of fakes, and how a caller asks it for a token."""

from dataclasses import dataclass, field
from typing import Any

from sfmint.aws_access.budget import Budget
from sfmint.errors import CacheUnavailable
from sfmint.ports import Ports
from sfmint.request import TokenRequest
from sfmint.row.row import CacheRow, row_key
from sfmint.use_cases.assembly import Limits, UseCases, assemble
from sfmint.use_cases.broker import Broker
from sfmint.use_cases.keeper import Keeper
from sfmint_testing.fakes import (
    FakeChance,
    FakeClock,
    FakeCredentials,
    FakeSalesforce,
    FakeSealer,
    FakeSigners,
    RecordingTelemetry,
    a_connection,
)
from sfmint_testing.reference_store import ReferenceStore


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
    poll_s: tuple[float, float] = (0.05, 0.10)

    def __post_init__(self) -> None:
        self.salesforce = FakeSalesforce(self.clock)
        self.credentials.connections["orders"] = a_connection()

    def ports(self) -> Ports:
        return Ports(
            clock=self.clock,
            budget=Budget(self.clock),
            chance=self.chance,
            store=self.store,
            sealer=self.sealer,
            credentials=self.credentials,
            signers=self.signers,
            endpoint=self.salesforce,
            telemetry=self.telemetry,
        )

    def use_cases(self, trust_s: float = 30.0, interval_s: float = 300.0) -> UseCases:
        return assemble(
            self.ports(),
            Limits(
                login_budget=self.budget,
                token_hosts=frozenset(),
                memory_trust_s=trust_s,
                refresh_interval_s=interval_s,
                poll_s=self.poll_s,
            ),
        )

    def broker(self, trust_s: float = 30.0) -> Broker:
        return self.use_cases(trust_s).broker("b1")

    def keeper(self, interval_s: float = 300.0) -> Keeper:
        return self.use_cases(interval_s=interval_s).keeper("b1")

    def row(self, name: str = "orders") -> CacheRow:
        return CacheRow.from_item(self.store.items.get(row_key(name)))


def get_token(
    broker: Broker, *, min_ttl: int = 60, rejected: str | None = None, deadline_s: float = 10
) -> dict[str, Any]:
    """Ask for the token of `orders`, with all of the function's time left."""
    request = TokenRequest(connection="orders", min_ttl=min_ttl, rejected=rejected, deadline_s=deadline_s)
    return broker.get_token(request, remaining_s=60)


def down(*, denied: bool = False, throttled: bool = False) -> CacheUnavailable:
    """Return what an AWS service raises that does not answer, that says no, or that asks for a pause."""
    return CacheUnavailable("AWS did not answer.", remedy="Call again.", denied=denied, throttled=throttled)
