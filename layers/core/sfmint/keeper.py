"""The keeper: refreshes ahead of the callers, and drops a token for an operator. It never answers a token."""

from dataclasses import dataclass
from typing import Any

from sfmint import protocol
from sfmint.cache_row import row_key
from sfmint.protocol import Want
from sfmint.request import FlushRequest, RefreshRequest
from sfmint.telemetry import Degraded, Flushed
from sfmint.token_source import Patience, TokenSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Looks after the rows.

    Attributes:
        source: obtains tokens.
        interval_s: seconds between two refreshes of the schedule; 0 where there is none.
    """

    source: TokenSource
    interval_s: float

    def refresh(self, request: RefreshRequest, *, remaining_s: float) -> dict[str, Any]:
        """Mint, if soft expiry would come before the next tick, and answer what stands on the row then.

        Args:
            request: the checked event.
            remaining_s: what is left of the function's own time-out, in seconds.

        Raises:
            SfmintError: there is no servable token, and none could be minted.
        """
        clock = self.source.minter.clock
        ends_at = clock.monotonic() + remaining_s
        patience = Patience(wait_until=ends_at - protocol.LEASE_S, ends_at=ends_at)
        obtained = self.source.obtain(request.connection, Want(horizon_s=self.interval_s), patience)
        answer = obtained.token.metadata(now=clock.now()) | {"refreshed": obtained.source == "minted"}
        if obtained.in_spite_of is not None:
            error = obtained.in_spite_of
            self.source.minter.telemetry.emit(Degraded(connection=request.connection, error=type(error).__name__))
            answer |= {"failure": {"error": type(error).__name__, "message": str(error)}}
        return answer

    def flush(self, request: FlushRequest) -> dict[str, Any]:
        """Drop the token, the lease and the remembered failure.

        Raises:
            CacheUnavailable: the store does not answer.
        """
        minter = self.source.minter
        outcome = minter.store.write(row_key(request.connection), protocol.flush())
        minter.telemetry.emit(Flushed(connection=request.connection))
        return {"connection": request.connection, "flushed": True, "fence": (outcome.item or {}).get("fence")}
