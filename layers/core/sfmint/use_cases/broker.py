"""The broker: `get_token` and `status` of one connection."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sfmint.errors import CacheUnavailable, ConnectionNotFound, InvalidCredentials
from sfmint.ports import Signer
from sfmint.request import StatusRequest, TokenRequest
from sfmint.row import decisions, writes
from sfmint.row.decisions import Want
from sfmint.row.guarantees import Promise
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import AccessToken, iso8601
from sfmint.salesforce.connection import Connection
from sfmint.telemetry import ClockWentBack, Degraded, Served, ServedFromMemory, Source
from sfmint.use_cases.obtain import Obtained, Patience, TokenSource

LAST_READ_S = 5.0  # what a waiter keeps of the function's time, to read once more and say no


@dataclass(frozen=True, slots=True)
class Remembered:
    """A token in memory, and when the row last confirmed it (epoch seconds)."""

    token: AccessToken
    confirmed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Serves tokens.

    Attributes:
        source: the way past memory.
        memory_trust_s: for how long memory is trusted after the row confirmed it, in seconds.
        build: the digest of the deployed artefact and parameters.
        memory: by connection, for aliases of one version share an execution environment.
    """

    source: TokenSource
    memory_trust_s: float
    build: str
    memory: dict[str, Remembered] = field(default_factory=dict)

    def get_token(self, request: TokenRequest, *, remaining_s: float) -> dict[str, Any]:
        """Return the answer to `get_token`.

        Args:
            request: the checked event.
            remaining_s: what is left of the function's own time-out, in seconds.

        Raises:
            SfmintError: one of the classes in `errors`.
        """
        clock = self.source.minter.clock
        now, began = clock.now(), clock.monotonic()
        want = Want(min_ttl=request.min_ttl, rejected=request.rejected)
        if held := self._from_memory(request.connection, want, now):
            self.source.minter.telemetry.emit(
                ServedFromMemory(connection=request.connection, fingerprint=held.fingerprint)
            )
            return _answer(held, "memory", now, request.min_ttl)
        patience = Patience(
            wait_until=began + min(request.deadline_s, remaining_s - LAST_READ_S), ends_at=began + remaining_s
        )
        obtained = self._obtain(request, want, patience)
        self._report(request.connection, obtained, began)
        return _answer(obtained.token, obtained.source, clock.now(), request.min_ttl)

    def status(self, request: StatusRequest) -> dict[str, Any]:
        """Return the answer to `status`: all but the token. A secret that cannot be used is told, not raised."""
        minter, name = self.source.minter, request.connection
        seen = minter.look(name)
        row, now = seen.row, seen.at
        answer: dict[str, Any] = {"connection": name, "build": self.build, **_row_status(row, now)}
        if decisions.servable(row, Want(), now) and (token := minter.sealer.unseal(name, row)):
            answer |= {"token": token.metadata(now=now)}
        try:
            connection = minter.credentials.load(name)
            signer = minter.signers.signer(connection)
        except (ConnectionNotFound, InvalidCredentials) as error:
            return answer | {"credentials": {"error": type(error).__name__, "message": str(error)}}
        return answer | {"credentials": _credentials(connection, signer), "budget": self._budget(connection, now)}

    def _budget(self, connection: Connection, now: float) -> dict[str, Any] | None:
        """Return this hour's logins of the connection's user, or None where the store does not count them."""
        minter = self.source.minter
        if Promise.LOGIN_BUDGET in minter.store.CANNOT_PROMISE:
            return None
        counted = minter.store.peek(writes.budget_key(connection, now)) or {}
        return {"logins": counted.get("logins", 0), "limit": minter.login_budget}

    def _from_memory(self, name: str, want: Want, now: float) -> AccessToken | None:
        """Return memory's token while it is trusted and nothing asks for another."""
        held = self.memory.get(name)
        if held is None or want.rejected is not None:
            return None
        if now < held.confirmed_at:
            self.source.minter.telemetry.emit(ClockWentBack(connection=name))
            return None
        if now - held.confirmed_at >= self.memory_trust_s:
            return None
        return held.token if _at_rest(held.token, want, now) else None

    def _obtain(self, request: TokenRequest, want: Want, patience: Patience) -> Obtained:
        """Return a token that the row confirms; where AWS is down, memory's, to its hard expiry."""
        name, held = request.connection, self.memory.get(request.connection)
        try:
            if request.rejected is not None:
                if held is not None and held.token.fingerprint == request.rejected:
                    del self.memory[name]  # whatever fails next, it is not served again
                self.source.reject(name, request.rejected, patience)
            elif held is not None and (confirmed := self._confirm(name, held.token, want)):
                return confirmed
            # Who can serve from memory does not wait for a store that asks for pauses.
            seen = self.source.minter.look(name) if self._spare(request) else self.source.look(name, patience)
            known = held.token if held is not None and self._stands(name, held.token, seen.row) else None
            obtained = self.source.obtain(name, want, patience, seen, known)
        except CacheUnavailable as error:
            spare = self._spare(request)
            if spare is None or error.denied:
                raise
            return Obtained(token=spare.token, source="memory", confirmed_at=spare.confirmed_at, in_spite_of=error)
        self.memory[name] = Remembered(obtained.token, obtained.confirmed_at)
        return obtained

    def _spare(self, request: TokenRequest) -> Remembered | None:
        """Return what memory can serve while AWS is down."""
        held = self.memory.get(request.connection)
        if held is None or request.rejected is not None:
            return None
        return held if held.token.hard_expiry > self.source.minter.clock.now() else None

    def _confirm(self, name: str, token: AccessToken, want: Want) -> Obtained | None:
        """Renew the trust in memory with one read, without the sealed copy."""
        now = self.source.minter.clock.now()
        if not _at_rest(token, want, now):
            return None
        row = CacheRow.from_item(self.source.minter.store.peek(row_key(name)))
        if not self._stands(name, token, row) or not self.source.answerable(token, now):
            return None
        self.memory[name] = Remembered(token, now)
        return Obtained(token=token, source="memory", confirmed_at=now)

    def _stands(self, name: str, token: AccessToken, row: CacheRow) -> bool:
        """Return whether the row stands by memory's token; one that was dropped is forgotten, whatever fails next."""
        stands = token.fingerprint == row.fingerprint != row.rejected
        if not stands:
            self.memory.pop(name, None)
        return stands

    def _report(self, name: str, obtained: Obtained, began: float) -> None:
        minter = self.source.minter
        if obtained.in_spite_of is not None:
            minter.telemetry.emit(Degraded.by(name, obtained.in_spite_of))
        elif obtained.source == "memory":
            minter.telemetry.emit(ServedFromMemory(connection=name, fingerprint=obtained.token.fingerprint))
            return
        duration_ms = round((minter.clock.monotonic() - began) * 1000)
        minter.telemetry.emit(
            Served(
                connection=name,
                source=obtained.source,
                fingerprint=obtained.token.fingerprint,
                duration_ms=duration_ms,
            )
        )


def _at_rest(token: AccessToken, want: Want, now: float) -> bool:
    """Return whether the token is good and nothing asks for its refresh."""
    short = token.hard_expiry < now + token.applied_min_ttl(want.min_ttl) and token.issued_at <= now - decisions.YOUNG_S
    return now < token.soft_expiry and now < token.hard_expiry and not short


def _answer(token: AccessToken, source: Source, now: float, min_ttl: float) -> dict[str, Any]:
    return token.answer(now=now, min_ttl=token.applied_min_ttl(min_ttl)) | {"source": source}


def _row_status(row: CacheRow, now: float) -> dict[str, Any]:
    failure = {
        "error": row.failure_code,
        "reason": row.failure_reason,
        "message": str(decisions.remembered(row)),
        "count": row.failure_count,
        "until": _instant(row.failure_until),
    }
    return {
        "fence": row.fence,
        "fingerprint": row.fingerprint,
        "key_id": row.key_id,
        "issued_at": _instant(row.issued_at),
        "soft_expiry": _instant(row.soft_expiry),
        "expires_at": _instant(row.hard_expiry),
        "leased_until": _instant(row.lease_until),
        "rejected": row.rejected,
        "reject_count": row.reject_count or 0,
        "tainted_keys": sorted(row.tainted_keys or ()),
        "failure": failure if decisions.failing(row, now) else None,
    }


def _credentials(connection: Connection, signer: Signer) -> dict[str, Any]:
    return {
        "key_id": signer.key_id,
        "username": connection.username,
        "audience": connection.audience,
        "token_host": connection.token_host,
        "token_lifetime": connection.lifetime_s,
        "certificate_valid_from": _date(signer.valid_from),
        "certificate_valid_until": _date(signer.valid_until),
    }


def _instant(value: float | None) -> str | None:
    return None if value is None else iso8601(value)


def _date(value: datetime | None) -> str | None:
    return None if value is None else iso8601(value.timestamp())
