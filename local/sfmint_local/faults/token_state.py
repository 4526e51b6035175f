"""The states of a connection's token, and how each is put on the row: with the protocol's own requests and the real sealer."""

import time
from dataclasses import dataclass, replace
from uuid import uuid4

from sfmint import writes
from sfmint.access_token import AccessToken, fingerprint_of
from sfmint.cache_row import CacheRow, row_key
from sfmint.ports import Sealer, Store
from sfmint.protocol import Attempt, Lease, Want
from sfmint.secret import Secret
from sfmint.update import Refused, Update
from sfmint_local.faults.outcome import NotMeasured, pause_class

TRUST_OVER_S = 31.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenState:
    """How a token stands. Seconds count from now.

    Attributes:
        name: as the page has it.
        issued_s: when it was issued; None: there is none.
        soft_s: its soft expiry.
        hard_s: its hard expiry.
        confirmed_s: when the row confirmed it to the caller's environment; None: it is not in memory.
        rejected: the caller reports it.
    """

    name: str
    issued_s: float | None = None
    soft_s: float = 0.0
    hard_s: float = 0.0
    confirmed_s: float | None = None
    rejected: bool = False


_FRESH = TokenState(name="fresh", issued_s=-100.0, soft_s=350.0, hard_s=755.0)
_PAST_SOFT = TokenState(name="past soft expiry", issued_s=-500.0, soft_s=-50.0, hard_s=355.0)
_EXPIRED = TokenState(name="expired", issued_s=-900.0, soft_s=-450.0, hard_s=-45.0)
ON_THE_ROW = (TokenState(name="no token"), _FRESH, _PAST_SOFT, _EXPIRED)
IN_MEMORY = (
    replace(_FRESH, name="in memory", confirmed_s=0.0),
    replace(_FRESH, name="trust over", confirmed_s=-TRUST_OVER_S),
    replace(_PAST_SOFT, name="in memory past soft expiry", confirmed_s=-TRUST_OVER_S),
    replace(_EXPIRED, name="in memory and expired", confirmed_s=-TRUST_OVER_S),
    replace(_FRESH, name="rejected", confirmed_s=0.0, rejected=True),
)


@dataclass(frozen=True, slots=True)
class Planter:
    """Puts tokens on rows, past the broker."""

    store: Store
    sealer: Sealer

    def plant(self, connection: str, state: TokenState) -> AccessToken | None:
        """Puts a token in a state on a connection's row, which must be empty; returns it."""
        if state.issued_s is None:
            return None
        lease, now = self._lease(connection), time.time()
        token = _token(connection, state, now)
        self._write(connection, writes.publish(lease, token, self.sealer.seal(token, lease.fence)))
        return token

    def flush(self, connection: str) -> None:
        """Lets the row forget its token and its failure."""
        self._write(connection, writes.flush())

    def remembered(self, connection: str) -> str:
        """Returns the class of the time for which the row remembers a failure, or nothing."""
        row = CacheRow.from_item(self.store.read(row_key(connection)))
        return "" if row.failure_until is None else pause_class(row.failure_until - time.time())

    def _lease(self, connection: str) -> Lease:
        attempt = Attempt(me=str(uuid4()), seen=None, key_id="0" * 16, config_hash="planted", since=time.time())
        row = self._write(connection, writes.acquire(attempt, CacheRow(), Want()))
        return Lease(attempt=attempt, fence=row.fence or 0, row=row)

    def _write(self, connection: str, update: Update) -> CacheRow:
        outcome = self.store.write(row_key(connection), update)
        if isinstance(outcome, Refused):
            raise NotMeasured(f"The row of {connection} has refused the {update.name} that prepares it.")
        return CacheRow.from_item(outcome.item)


def _token(connection: str, state: TokenState, now: float) -> AccessToken:
    text = f"00Dxx0000000001!{uuid4().hex}"
    return AccessToken(
        connection=connection,
        access_token=Secret(text),
        token_type="Bearer",  # noqa: S106 - a type
        instance_url="https://acme.my.salesforce.com",
        scope="api",
        id="",
        org_id="",
        user_id="",
        fingerprint=fingerprint_of(text),
        issued_at=now + (state.issued_s or 0.0),
        soft_expiry=now + state.soft_s,
        hard_expiry=now + state.hard_s,
    )
