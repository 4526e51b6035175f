"""Stand-ins for the ports: they have state, keep the port's promises, and fail where a test tells them to."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection, Lack, Stage, no_credentials
from sfmint.salesforce.grace import grace_label, is_in_grace
from sfmint.telemetry import Record
from sfmint_values.secret import Secret

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
    """The same share of every range, its middle unless a test says otherwise, and a new text each time."""

    def __init__(self, share: float = 0.5) -> None:
        self._share = share
        self._count = 0

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self._share

    def unique(self) -> str:
        self._count += 1
        return f"unique-{self._count}"


class Faults:
    """Errors waiting for a call, by the call's name."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[BaseException]] = {}

    def fail_next(self, call: str, *errors: BaseException) -> None:
        self._waiting.setdefault(call, []).extend(errors)

    def strike(self, call: str) -> None:
        if waiting := self._waiting.get(call):
            raise waiting.pop(0)


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
    faults: Faults = field(default_factory=Faults)

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        self.faults.strike("sign")
        return Secret(f"assertion {self.key_id} {connection.username} {now} {jti}")


class FakeSigners(Faults):
    """Keys whose certificates all end at one instant, if a test says when."""

    def __init__(self) -> None:
        super().__init__()
        self.valid_until: datetime | None = None

    def signer(self, connection: Connection) -> FakeSigner:
        self.strike("signer")
        key_id = hashlib.sha256((connection.signing_key or connection.pem().reveal()).encode()).hexdigest()[:16]
        return FakeSigner(key_id, valid_until=self.valid_until, faults=self)


class FakeCredentials(Faults):
    """Secrets by connection."""

    def __init__(self) -> None:
        super().__init__()
        self.connections: dict[str, Connection] = {}
        self.made_ready: dict[str, Connection] = {}
        self.replaced: dict[str, tuple[Connection, float]] = {}  # with the end of its grace, epoch seconds
        self.to_be_tried: dict[str, Connection] = {}  # SFMINT_TRY

    def load(self, connection: str) -> Connection:
        self.strike("load")
        if connection in self.connections:
            return self.connections[connection]
        raise no_credentials(connection, "test")

    def pending(self, connection: Connection) -> Connection | None:
        self.strike("pending")
        return self.made_ready.get(connection.name)

    def previous(self, connection: Connection, now: float) -> Connection | None:
        self.strike("previous")
        former, until = self.replaced.get(connection.name, (None, 0.0))
        return former if is_in_grace([grace_label(until)], now) else None

    def staged(self, connection: str, stage: Stage) -> Connection:
        self.strike("staged")
        versions = {"AWSCURRENT": self.connections, "AWSPENDING": self.made_ready}.get(stage, self.to_be_tried)
        if connection in versions:
            return versions[connection]
        raise no_credentials(connection, "test", Lack.of(stage))


class FakeSalesforce(Faults):
    """A token endpoint: a new token for each login, unless a session is handed out again."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.logins = 0
        self.takes_s = 0.3
        self.answers: dict[str, Any] = {}
        self.during: Callable[[], None] = lambda: None
        self.behind: float | None = None

    def behind_s(self) -> float | None:
        return self.behind

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

    def begin(self, request_id: str) -> None:
        pass

    def emit(self, record: Record) -> None:
        self.records.append(record)

    def select(self, kind: type[Record]) -> list[Record]:
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
