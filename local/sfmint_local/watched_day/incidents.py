"""What goes wrong on the day: Salesforce is down, a certificate is replaced by mistake, KMS throttles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sfmint.errors import CacheUnavailable
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import FakeClock, FakeSalesforce, FakeSealer
from sfmint_values.secret import Secret

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One thing that goes wrong.

    Attributes:
        title: what it is.
        whose: fault it is.
        begins: seconds after midnight.
        ends: likewise.
    """

    title: str
    whose: str
    begins: float
    ends: float

    def is_on(self, now: float) -> bool:
        """Return whether it goes on at an instant (epoch seconds)."""
        return self.begins <= now - MIDNIGHT < self.ends


def _between(title: str, whose: str, begins: tuple[int, int], ends: tuple[int, int]) -> Incident:
    return Incident(title=title, whose=whose, begins=_seconds(*begins), ends=_seconds(*ends))


def _seconds(hour: int, minute: int) -> float:
    return 3600.0 * hour + 60 * minute


REPLACED = "billing"  # whose certificate is replaced
DOWN = _between("Salesforce does not answer", "Salesforce's", (3, 10), (3, 50))
WRONG_CERTIFICATE = _between(f"{REPLACED}: certificate replaced by mistake", "the operator's", (9, 30), (10, 20))
THROTTLED = _between("KMS throttles", "AWS's", (17, 0), (17, 30))
INCIDENTS = (DOWN, WRONG_CERTIFICATE, THROTTLED)


class DaySalesforce(FakeSalesforce):
    """Salesforce on that day."""

    TIMEOUT_S = 5.0

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Answer as the port says."""
        now = self._clock.now()
        if DOWN.is_on(now):
            self._clock.sleep(self.TIMEOUT_S)
            raise LoginFailed(REASONS["no_answer"])
        if WRONG_CERTIFICATE.is_on(now) and connection.name == REPLACED:
            raise LoginFailed(REASONS["wrong_key"])
        return super().exchange(connection, assertion)


class DaySealer(FakeSealer):
    """KMS on that day: while it throttles, it answers nobody in time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def seal(self, token: AccessToken, fence: int) -> bytes:
        """Answer as the port says."""
        self._throttle()
        return super().seal(token, fence)

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        """Answer as the port says."""
        self._throttle()
        return super().unseal(connection, row)

    def _throttle(self) -> None:
        if THROTTLED.is_on(self._clock.now()):
            self._clock.sleep(1.0)
            raise CacheUnavailable("KMS throttles.", remedy="Call again.", throttled=True)
