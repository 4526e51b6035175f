"""How a connection's token may stand when a caller comes, and how it gets there: by the protocol's own requests."""

import time
from dataclasses import dataclass, replace
from uuid import uuid4

from sfmint.ports import Sealer, Store
from sfmint.row import writes
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed
from sfmint.row.decisions import Attempt, Lease, Progress, Want
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import AccessToken
from sfmint_local.faults.outcome import NotMeasured, pause_class
from sfmint_values.secret import Secret, fingerprint_of

TRUST_OVER_S = 45.0  # longer ago than memory is trusted
_ANY_S = 3600.0  # any token is due within it


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenState:
    """A token's age, and who holds it. Seconds count from the moment at which the caller comes.

    Attributes:
        name: what a person calls it.
        issued_s: how long ago it was issued; None: there is no token.
        soft_s: until its soft expiry; less than zero: since.
        hard_s: likewise its hard expiry.
        confirmed_s: how long ago the row confirmed the copy in the caller's memory; None: there is none.
        rejected: the caller reports it, in the environment that has minted it.
    """

    name: str
    issued_s: float | None = None
    soft_s: float = 0.0
    hard_s: float = 0.0
    confirmed_s: float | None = None
    rejected: bool = False


FRESH = TokenState(name="fresh", issued_s=100.0, soft_s=350.0, hard_s=755.0)
_PAST_SOFT = TokenState(name="past soft expiry", issued_s=600.0, soft_s=-150.0, hard_s=255.0)
EXPIRED = TokenState(name="expired", issued_s=1000.0, soft_s=-550.0, hard_s=-145.0)

ON_THE_ROW = (TokenState(name="no token"), FRESH, _PAST_SOFT, EXPIRED)
IN_MEMORY = (
    replace(FRESH, name="in memory", confirmed_s=0.0),
    replace(FRESH, name="trust over", confirmed_s=TRUST_OVER_S),
    replace(_PAST_SOFT, name="in memory past soft expiry", confirmed_s=0.0),
    replace(EXPIRED, name="in memory and expired", confirmed_s=TRUST_OVER_S),
    replace(FRESH, name="rejected", confirmed_s=0.0, rejected=True),
)

AT_HAND = (FRESH, *IN_MEMORY[:2])  # a good token: on the row, and in memory or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Planter:
    """Puts tokens on rows, and reads what rows remember.

    Attributes:
        store: holds the rows.
        sealer: seals the tokens.
    """

    store: Store
    sealer: Sealer

    def plant(self, connection: str, state: TokenState) -> AccessToken:
        """Put a token of that state on a connection's row, in the place of an older one, and return it.

        Raises:
            NotMeasured: the row was not as it should be.
        """
        lease = self._lease(connection)
        token = made_up_token(connection, state)
        self._write(connection, writes.publish(lease, token, self.sealer.seal(token, lease.fence)))
        return token

    def flush(self, connection: str) -> None:
        """Drop a connection's token and the failure that its row remembers."""
        self._write(connection, writes.flush())

    def reject(self, connection: str, token: AccessToken) -> None:
        """Report a connection's token as rejected."""
        self._write(connection, writes.reject(token.fingerprint, time.time()))

    def remembered(self, connection: str) -> str:
        """Return for how long a row remembers a failure, as a class; empty: it remembers none."""
        row = self._read(connection)
        return "" if row.failure_until is None else pause_class(row.failure_until - time.time())

    def _lease(self, connection: str) -> Lease:
        seen, now = self._read(connection), time.time()
        attempt = Attempt(me=str(uuid4()), seen=seen.fence, key_id="0" * 16, config_hash="0" * 16, since=now)
        row = self._write(connection, writes.acquire(attempt, seen, Want(horizon_s=_ANY_S), Progress()))
        return Lease(attempt=attempt, fence=row.fence or 0, row=row)

    def _read(self, connection: str) -> CacheRow:
        return CacheRow.from_item(self.store.read(row_key(connection)))

    def _write(self, connection: str, update: ConditionalWrite) -> CacheRow:
        outcome = self.store.write(row_key(connection), update)
        if isinstance(outcome, ConditionFailed):
            raise NotMeasured(f"The row of {connection} refuses {update.name}.")
        return CacheRow.from_item(outcome.item)


def made_up_token(connection: str, state: TokenState) -> AccessToken:
    """Return a token of that state that Salesforce has not issued."""
    now = time.time()
    text = f"00D000000000001!{uuid4().hex}{uuid4().hex}"
    return AccessToken(
        connection=connection,
        access_token=Secret(text),
        token_type="Bearer",  # noqa: S106 - a kind of token, not a token
        instance_url="https://acme.my.salesforce.com",
        scope="api",
        id="",
        org_id="",
        user_id="",
        fingerprint=fingerprint_of(text),
        issued_at=now - (state.issued_s or 0.0),
        soft_expiry=now + state.soft_s,
        hard_expiry=now + state.hard_s,
    )
