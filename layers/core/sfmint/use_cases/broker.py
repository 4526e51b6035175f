"""The broker: `get_token` and `status` of one connection."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sfmint.aws_access.budget import FEW_TRIES, LOOK_S
from sfmint.errors import CacheUnavailable, ConnectionNotFound, InvalidCredentials
from sfmint.lifetime import TokenState, is_instant
from sfmint.ports import Ports, Signer
from sfmint.request import StatusRequest, TokenRequest
from sfmint.row import decisions, writes
from sfmint.row.decisions import Progress, Seen, Want
from sfmint.row.guarantees import Guarantee
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import AccessToken, iso8601
from sfmint.salesforce.connection import Connection
from sfmint.telemetry import ClockWentBack, RefreshFailed, Served, ServedFromMemory, Source
from sfmint.use_cases.look import look
from sfmint.use_cases.memory import Memory, Remembered, at_rest
from sfmint.use_cases.mint_time import ANSWER_S
from sfmint.use_cases.obtain import Obtained, Patience, TokenSource
from sfmint.use_cases.row_status import row_status

LAST_READ_S = 5.0  # what a waiter keeps of the function's time, to read once more and say no
STATUS_S = 15.0  # for all that `status` asks of AWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Answers `get_token` and `status`: a checked event goes in, a token or what is known of one comes out.

    Attributes:
        ports: the world.
        source: the way past memory.
        memory: the tokens that this execution environment holds.
        login_budget: logins that one Salesforce user may cost an hour.
        build: the digest of the deployed artefact and parameters.
    """

    ports: Ports
    source: TokenSource
    memory: Memory
    login_budget: int
    build: str

    def get_token(self, request: TokenRequest, *, remaining_s: float) -> dict[str, Any]:
        """Return the answer to `get_token`.

        Args:
            request: the checked event.
            remaining_s: what is left of the function's own time-out, in seconds.

        Raises:
            SfmintError: one of the classes in `errors`.
        """
        clock = self.ports.clock
        now, began = clock.now(), clock.monotonic()
        want = Want(min_ttl=request.min_ttl, rejected=request.rejected)
        if held := self._from_memory(request.connection, want, now):
            answer = _answer(held, "memory", now, request.min_ttl)
            self._tell_of_a_hit(request.connection, held)
            return answer  # once it stands: what fails is told by the caller, and nothing is told of twice
        patience = Patience(
            wait_until=began + min(request.deadline_s, remaining_s - LAST_READ_S), ends_at=began + remaining_s
        )
        with self.ports.budget.share(remaining_s - ANSWER_S):
            obtained = self._obtain(request.connection, want, patience)
        answer = _answer(obtained.token, obtained.source, clock.now(), request.min_ttl)
        self._report(request.connection, obtained, began)
        return answer

    def status(self, request: StatusRequest) -> dict[str, Any]:
        """Return the answer to `status`: all but the token. A secret that cannot be used is told, not raised."""
        with self.ports.budget.share(STATUS_S):
            return self._status(request.connection)

    def _status(self, name: str) -> dict[str, Any]:
        seen = look(self.ports, name)
        row, now = seen.row, seen.at
        answer: dict[str, Any] = {"connection": name, "build": self.build, **row_status(row, now)}
        if decisions.servable(row, Want(), Progress(), now) and (token := self.ports.sealer.unseal(name, row)):
            answer |= {"token": token.metadata(now=now)}
        try:
            connection = self.ports.credentials.load(name)
            signer = self.ports.signers.signer(connection)
        except (ConnectionNotFound, InvalidCredentials) as error:
            return answer | {"credentials": {"error": type(error).__name__, "message": str(error)}}
        return answer | {"credentials": _credentials(connection, signer), "budget": self._budget(connection, now)}

    def _budget(self, connection: Connection, now: float) -> dict[str, Any] | None:
        """Return this hour's logins of the connection's user, or None where the store does not count them."""
        if Guarantee.LOGIN_BUDGET in self.ports.store.CANNOT_PROMISE:
            return None
        counted = self.ports.store.peek(writes.budget_key(connection, now)) or {}
        logins = counted.get("logins", 0)
        return {"logins": logins if is_instant(logins) else None, "limit": self.login_budget}

    def _from_memory(self, name: str, want: Want, now: float) -> AccessToken | None:
        """Return memory's token while it is trusted, and tell of a clock that went back since it was confirmed."""
        held = self.memory.held(name)
        if held is not None and want.rejected is None and now < held.confirmed_at:
            self.ports.telemetry.emit(ClockWentBack(connection=name))
        return self.memory.trusted(name, want, now)

    def _obtain(self, name: str, want: Want, patience: Patience) -> Obtained:
        """Return a token that the row confirms; where AWS is down, memory's, to its hard expiry."""
        try:
            if want.rejected is not None:
                self._forget(name, want.rejected)
                self.source.reject(name, want.rejected, patience)
            elif confirmed := self._confirm(name, want):
                return confirmed
            # Who can serve from memory does not wait for a store that asks for pauses.
            seen = self._glance(name) if self._unexpired(name, want) else self.source.look(name, patience)
            obtained = self.source.obtain(name, want, patience, seen, self._known(name, seen.row))
        except CacheUnavailable as error:
            held = self._unexpired(name, want)
            if held is None or error.denied:
                raise
            return Obtained(token=held.token, source="memory", confirmed_at=held.confirmed_at, failed_refresh=error)
        self.memory.confirm(obtained.token, obtained.confirmed_at)
        return obtained

    def _glance(self, name: str) -> Seen:
        with self.ports.budget.share(LOOK_S, tries=FEW_TRIES):
            return look(self.ports, name)

    def _forget(self, name: str, rejected: str) -> None:
        held = self.memory.held(name)
        if held is not None and held.token.fingerprint == rejected:
            self.memory.forget(name)

    def _unexpired(self, name: str, want: Want) -> Remembered | None:
        """Return what memory can serve while AWS is down."""
        held = self.memory.held(name)
        if held is None or want.rejected is not None:
            return None
        is_over = held.token.lifetime.state(self.ports.clock.now()) is TokenState.EXPIRED
        return None if is_over else held

    def _confirm(self, name: str, want: Want) -> Obtained | None:
        """Renew the trust in memory with one read, without the sealed copy."""
        held, now = self.memory.held(name), self.ports.clock.now()
        if held is None or not at_rest(held.token, want, now):
            return None
        with self.ports.budget.share(LOOK_S, tries=FEW_TRIES):
            row = CacheRow.from_item(self.ports.store.peek(row_key(name)))
        token = self._known(name, row)
        if token is None or not self.source.answerable(token, now):
            return None
        self.memory.confirm(token, now)
        return Obtained(token=token, source="memory", confirmed_at=now)

    def _known(self, name: str, row: CacheRow) -> AccessToken | None:
        """Return memory's token if the row stands by it; one that was dropped there is forgotten here."""
        held = self.memory.held(name)
        if held is None:
            return None
        if not row.stands_by(held.token.fingerprint):
            self.memory.forget(name)
            return None
        return held.token

    def _report(self, name: str, obtained: Obtained, began: float) -> None:
        if obtained.failed_refresh is not None:
            self.ports.telemetry.emit(RefreshFailed.by(name, obtained.failed_refresh))
        elif obtained.source == "memory":
            self._tell_of_a_hit(name, obtained.token)
            return
        duration_ms = round((self.ports.clock.monotonic() - began) * 1000)
        self.ports.telemetry.emit(
            Served(
                connection=name,
                source=obtained.source,
                fingerprint=obtained.token.fingerprint,
                duration_ms=duration_ms,
                waited=obtained.waited or None,
            )
        )

    def _tell_of_a_hit(self, name: str, token: AccessToken) -> None:
        self.ports.telemetry.emit(ServedFromMemory(connection=name, fingerprint=token.fingerprint))


def _answer(token: AccessToken, source: Source, now: float, min_ttl: float) -> dict[str, Any]:
    return token.answer(now=now, min_ttl=token.lifetime.clamped(min_ttl)) | {"source": source}


def _credentials(connection: Connection, signer: Signer) -> dict[str, Any]:
    return {
        "key_id": signer.key_id,
        "username": connection.username,
        "audience": connection.audience,
        "token_host": connection.token_host,
        "token_lifetime": connection.lifetime_s,
        "certificate_valid_from": _date(signer.valid_from),
        "certificate_valid_until": _date(signer.valid_until),
        "tainted_keys": sorted(connection.tainted_keys),
    }


def _date(value: datetime | None) -> str | None:
    return None if value is None else iso8601(value.timestamp())
