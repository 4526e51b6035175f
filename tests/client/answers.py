"""A broker for the client's tests: its answers, and one that behaves as token_broker does."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sfmint_client.access_token import AccessToken
from sfmint_testing.fakes import FakeClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, SECOND = "00D000000000001!first", "00D000000000001!second"


def fingerprint_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def an_answer(token: str = FIRST, **changes: Any) -> dict[str, Any]:
    """Return token_broker's answer to `get_token`."""
    return {
        "access_token": token,
        "token_type": "Bearer",
        "instance_url": "https://acme.my.salesforce.com",
        "scope": "api",
        "id": "https://acme.my.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
        "org_id": "00D000000000001EAA",
        "user_id": "005000000000001AAA",
        "connection": "my-org",
        "fingerprint": fingerprint_of(token),
        "issued_at": NOON.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires_at": "2026-11-23T12:14:15Z",
        "expires_in": 855,
        "min_ttl_applied": 60,
        "source": "memory",
    } | changes


def a_token(token: str = FIRST, **changes: Any) -> AccessToken:
    return AccessToken.from_answer(an_answer(token, **changes))


@dataclass
class MintingBroker:
    """Mints when it must: a token rejected, past its life, or short of the asked `min_ttl`, which is clamped to half.

    Attributes:
        clock: what its tokens live by.
        life_s: of a token.
        instance_url: where its tokens are good.
        minted: every token, in order.
        rejected: every fingerprint that was reported.
    """

    clock: FakeClock
    life_s: int = 855
    instance_url: str = "https://acme.my.salesforce.com"
    minted: list[str] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)
    _issued_at: float = 0.0

    def __call__(self, function: str, event: Any) -> dict[str, Any]:
        now = self.clock.now()
        self.rejected |= {event["rejected"]} if "rejected" in event else set()
        applied = min(event["min_ttl"], self.life_s // 2)
        if not self.minted or self.current in self.rejected or self.dies_at - now < max(applied, 1):
            self.minted.append(f"00D000000000001!{len(self.minted)}")
            self._issued_at = now
        return an_answer(
            self.minted[-1],
            instance_url=self.instance_url,
            issued_at=datetime.fromtimestamp(self._issued_at, UTC).isoformat(),
            expires_at=datetime.fromtimestamp(self.dies_at, UTC).isoformat(),
            expires_in=int(self.dies_at - now),
            min_ttl_applied=applied,
        )

    @property
    def current(self) -> str:
        """The fingerprint of the newest token."""
        return fingerprint_of(self.minted[-1])

    @property
    def dies_at(self) -> float:
        return self._issued_at + self.life_s
