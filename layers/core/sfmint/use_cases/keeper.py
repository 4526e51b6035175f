"""The keeper: refreshes ahead of the callers, and drops tokens for an operator. It never answers a token."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint.aws_access.budget import FEW_TRIES, LOOK_S
from sfmint.errors import CacheUnavailable, InvalidRequest, RefreshInProgress, SfmintError
from sfmint.ports import Ports
from sfmint.request import FlushRequest, RefreshRequest, RowsRequest, TaintRequest
from sfmint.row import decisions, looks, writes
from sfmint.row.conditional_write import Written
from sfmint.row.decisions import Want
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.connection import MOST_TAINTED_KEYS, TRY_STAGE, Connection
from sfmint.telemetry import RefreshFailed
from sfmint.telemetry.operators import Flushed, Tainted
from sfmint.use_cases.brief_look import briefly
from sfmint.use_cases.look import look
from sfmint.use_cases.mint_time import ANSWER_S
from sfmint.use_cases.obtain import Patience, TokenSource
from sfmint.use_cases.row_status import row_status
from sfmint.use_cases.staged_login import StagedLogin
from sfmint.use_cases.watch import Watch
from sfmint_values.exits import as_far_as_possible

OPERATOR_S = 20.0  # for all that a flush, a status or a taint asks of AWS
TAINT_TRIES = (True, False, True)  # the token is the key's, is not, and once more, for it may change in between


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Refreshes, watches, flushes, taints, tries and tells of rows: what an event asks of a connection goes in, metadata comes out.

    Attributes:
        ports: the world.
        source: obtains tokens.
        staged_login: tries credentials.
        watch: counts how all connections are.
        interval_s: seconds between two refreshes of the schedule; 0 where there is none.
        build: the digest of the deployed artefact and parameters.
    """

    ports: Ports
    source: TokenSource
    staged_login: StagedLogin
    watch: Watch
    interval_s: float
    build: str

    def refresh(self, request: RefreshRequest, *, remaining_s: float) -> dict[str, Any]:
        """Mint, if soft expiry would come within the horizon, and answer what stands on the row then.

        Args:
            request: the checked event.
            remaining_s: what is left of the function's own time-out, in seconds.

        Raises:
            SfmintError: there is no servable token, and none could be minted.
        """
        clock = self.ports.clock
        horizon_s = self.interval_s if request.ahead_s is None else request.ahead_s
        ends_at = clock.monotonic() + remaining_s
        patience = Patience(wait_until=ends_at - decisions.LEASE_S, ends_at=ends_at)
        with self.ports.budget.share(remaining_s - ANSWER_S):
            seen = look(self.ports, request.connection)
            if self.interval_s and request.ahead_s is None:
                self._note_look(request.connection)
            obtained = self.source.obtain(request.connection, Want(horizon_s=horizon_s), patience, seen)
        answer = obtained.token.metadata(now=clock.now()) | {"refreshed": obtained.source == "minted"}
        if obtained.failed_refresh is not None:
            error = obtained.failed_refresh
            self.ports.telemetry.emit(RefreshFailed.by(request.connection, error))
            answer |= {"failure": {"error": type(error).__name__, "message": str(error)}}
        return answer

    def _note_look(self, name: str) -> None:
        """Note the look, for the watch; the refresh goes on without."""
        with as_far_as_possible(), self.ports.budget.share(LOOK_S, tries=FEW_TRIES):
            self.ports.store.write(looks.look_key(name), looks.note_look(self.ports.clock.now()))

    def flush(self, request: FlushRequest) -> dict[str, Any]:
        """Drop the token, the lease and the remembered failure.

        Raises:
            CacheUnavailable: the store does not answer.
        """
        with self.ports.budget.share(OPERATOR_S):
            outcome = self.ports.store.write(row_key(request.connection), writes.flush())
        self.ports.telemetry.emit(Flushed(connection=request.connection))
        return {"connection": request.connection, "flushed": True, "fence": (outcome.item or {}).get("fence")}

    def status(self, request: RowsRequest) -> dict[str, Any]:
        """Answer what stands on rows. No secret is read, and nothing decrypted; a row that cannot be read says so itself."""
        with self.ports.budget.share(OPERATOR_S):
            rows = {name: self._row_status(name) for name in request.connections}
            for name, row in rows.items():  # afterwards: rows come first where time is short
                if "error" not in row:
                    row["looked_at"] = self._looked_at(name)
        return {"build": self.build, "connections": rows}

    def _row_status(self, name: str) -> dict[str, Any]:
        try:
            seen = briefly(self.ports, lambda: look(self.ports, name))
            return row_status(seen.row, seen.at)
        except CacheUnavailable as error:
            return {"error": type(error).__name__, "message": str(error)}

    def _looked_at(self, name: str) -> str | None:
        """Return when the schedule last looked at a connection; None: never, or that cannot be read."""
        store, key = self.ports.store, looks.look_key(name)
        with suppress(CacheUnavailable):
            if (at := looks.looked_at(briefly(self.ports, lambda: store.read(key)))) is not None:
                return iso8601(at)
        return None

    def taint(self, request: TaintRequest) -> dict[str, Any]:
        """Bar a key of the connection on its row, and drop the token if that key minted it.

        What bars it for good stands in the secret, where `sfmint taint` writes it.

        Raises:
            CacheUnavailable: the store does not answer.
            InvalidRequest: the row's list is full, or the store has none.
            RefreshInProgress: the row's token changed its key at each try.
        """
        with self.ports.budget.share(OPERATOR_S):
            return self._taint(request)

    def _taint(self, request: TaintRequest) -> dict[str, Any]:
        known, row = False, CacheRow()
        for token_goes in TAINT_TRIES:
            update = writes.taint(request.key_id, of_row=token_goes)
            outcome = self.ports.store.write(row_key(request.connection), update)
            if isinstance(outcome, Written):
                self.ports.telemetry.emit(Tainted(connection=request.connection, key_id=request.key_id))
                known = known or token_goes or self._is_in_secret(request)
                told = {"key_id": request.key_id, "known": known, "token_dropped": token_goes}
                return {"connection": request.connection, "tainted": True, **told, "fence": outcome.item.get("fence")}
            row = CacheRow.from_item(outcome.item)
            known = known or decisions.knows(row, request.key_id)
        if not decisions.has_room_for(row, request.key_id):
            raise _full()
        raise RefreshInProgress("The token changed its key while the key was tainted.", remedy="Call again.")

    def _is_in_secret(self, request: TaintRequest) -> bool:
        """Return whether a version of the secret holds the key, as far as they can be read.

        One that is only barred there may be mistyped: `sfmint taint` writes it into the secret before it asks for this.
        """
        for connection in self._versions(request.connection):
            with suppress(SfmintError):
                if self.ports.signers.signer(connection).key_id == request.key_id:
                    return True
        return False

    def _versions(self, name: str) -> Iterator[Connection]:
        credentials = self.ports.credentials
        with suppress(SfmintError):
            current = credentials.load(name)
            yield current
            for other in (credentials.pending(current), credentials.previous(current, self.ports.clock.now())):
                if other is not None:
                    yield other
        with suppress(SfmintError):
            yield credentials.staged(name, TRY_STAGE)


def _full() -> InvalidRequest:
    return InvalidRequest(
        f"The row's list of tainted keys has {MOST_TAINTED_KEYS} already, as many as fit.",
        remedy="Delete the connection's row, which is made anew; what sfmint taint has written into the secret stays.",
    )
