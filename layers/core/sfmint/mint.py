"""Mint: one Salesforce login under the lease, published for everyone."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint import protocol, writes
from sfmint.access_token import SOFT_SPREAD, AccessToken, MalformedAnswer
from sfmint.cache_row import CacheRow, row_key
from sfmint.connection import Connection
from sfmint.errors import CacheUnavailable
from sfmint.failure import REASONS, MintFailed
from sfmint.ports import Chance, Clock, Credentials, Sealer, Signer, Signers, Store, Telemetry, TokenEndpoint
from sfmint.protocol import Attempt, Lease, Mine, Reread, Step, Want
from sfmint.telemetry import FencedOut, Minted, MintRefused
from sfmint.update import Refused, Written

SEAL_S = 2.0  # KMS: connect and read, one attempt
PUBLISH_S = 2.0  # the store: likewise
WORST_CASE_S = protocol.START_WITHIN_S + protocol.POST_S + SEAL_S + PUBLISH_S
PUBLISH_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """A row, and the instant just before it was asked for."""

    row: CacheRow
    at: float


@dataclass(frozen=True, slots=True)
class Published:
    """The new token stands on the row.

    Attributes:
        token: the whole answer.
        at: the instant just before the request that confirmed it.
    """

    token: AccessToken
    at: float


@dataclass(frozen=True, slots=True)
class MovedOn:
    """No token of mine: the row says what to do next."""

    seen: Seen
    step: Step


def token_of(
    answer: Mapping[str, Any], connection: Connection, *, asked_at: float, soft_share: float, listed: frozenset[str]
) -> AccessToken:
    """Return the token of an answer to an exchange; see `AccessToken.from_answer`.

    Raises:
        MintFailed: the answer is malformed.
    """
    try:
        return AccessToken.from_answer(
            answer,
            connection=connection.name,
            asked_at=asked_at,
            lifetime_s=connection.lifetime_s,
            soft_share=soft_share,
            listed=listed,
        )
    except MalformedAnswer as malformed:
        raise MintFailed(REASONS["malformed_answer"], detail=str(malformed)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Minter:
    """Mints tokens.

    Attributes:
        login_budget: logins that one Salesforce user may cost an hour.
        listed: hosts beside Salesforce's own at which a token may be used.
    """

    clock: Clock
    chance: Chance
    store: Store
    sealer: Sealer
    credentials: Credentials
    signers: Signers
    endpoint: TokenEndpoint
    telemetry: Telemetry
    login_budget: int
    listed: frozenset[str]

    def look(self, name: str) -> Seen:
        """Read the row of a connection."""
        at = self.clock.now()
        return Seen(CacheRow.from_item(self.store.read(row_key(name))), at)

    def mint(self, name: str, row: CacheRow, want: Want) -> Published | MovedOn:
        """Read the secret, take the lease, sign, exchange, publish.

        Args:
            name: the connection's name.
            row: its row, as it was read.
            want: what the caller wants.

        Raises:
            SfmintError: the secret cannot be used, AWS does not answer, or Salesforce gave no token; the last is
                remembered on the row.
        """
        connection = self.credentials.load(name)
        signer = self.signers.signer(connection)
        attempt = Attempt(
            me=self.chance.unique(),
            seen=row.fence,
            key_id=signer.key_id,
            config_hash=connection.config_hash,
            since=self.clock.now(),
        )
        lease = self._acquire(name, attempt, row, want)
        if isinstance(lease, MovedOn):
            return lease
        try:
            self._spend(connection)
            token = self._login(connection, signer, lease)
            if token is None:
                self._give_back(name, lease)
                return self._moved_on(name, want)
            return self._publish(lease, token, want)
        except MintFailed as failed:
            self._remember(name, lease, failed)
            raise failed.to_error() from None
        except Exception:
            self._give_back(name, lease)
            raise

    def _acquire(self, name: str, attempt: Attempt, row: CacheRow, want: Want) -> Lease | MovedOn:
        outcome = self.store.write(row_key(name), writes.acquire(attempt, row, want))
        row = CacheRow.from_item(outcome.item)
        if isinstance(outcome, Refused):
            match protocol.after_refused_acquire(row, attempt, want, self.clock.now()):
                case Mine():
                    pass
                case Reread():
                    return MovedOn(Seen(row, attempt.since), protocol.next_step(row, want, self.clock.now()))
                case step:
                    return MovedOn(Seen(row, attempt.since), step)
        return Lease(attempt=attempt, fence=row.fence or 0, row=row)

    def _give_back(self, name: str, lease: Lease) -> None:
        """Let others mint now; where that fails, the lease runs out by itself."""
        with suppress(CacheUnavailable):
            self.store.write(row_key(name), writes.release(lease))

    def _spend(self, connection: Connection) -> None:
        now = self.clock.now()
        key = writes.budget_key(connection, now)
        if isinstance(self.store.write(key, writes.spend_login(self.login_budget, now)), Refused):
            raise MintFailed(REASONS["login_budget"])

    def _login(self, connection: Connection, signer: Signer, lease: Lease) -> AccessToken | None:
        """Return the token, or None if it is too late to begin."""
        asked_at = self.clock.now()
        assertion = signer.sign(connection, now=asked_at, jti=self.chance.unique())
        if self.clock.now() - lease.attempt.since > protocol.START_WITHIN_S:
            return None
        answer = self.endpoint.exchange(connection, assertion)
        soft_share = self.chance.uniform(*SOFT_SPREAD)
        token = token_of(answer, connection, asked_at=asked_at, soft_share=soft_share, listed=self.listed)
        token = writes.reaffirmed(lease, token, connection.lifetime_s)
        if token.hard_expiry - self.clock.now() <= protocol.DEAD_WITHIN_S:
            raise MintFailed(REASONS["dead_on_arrival"])
        return token

    def _publish(self, lease: Lease, token: AccessToken, want: Want) -> Published | MovedOn:
        name = token.connection
        try:
            update = writes.publish(lease, token, self.sealer.seal(token, lease.fence))
        except CacheUnavailable as error:
            raise MintFailed(REASONS["seal_denied" if error.denied else "not_sealed"]) from None
        for _ in range(PUBLISH_ATTEMPTS):
            at = self.clock.now()
            try:
                outcome = self.store.write(row_key(name), update)
                item, answered = outcome.item, True
            except CacheUnavailable:
                outcome, item, answered = None, self.store.read(row_key(name)), False
            if isinstance(outcome, Written) or protocol.landed(item, lease):
                return self._published(lease, token, at)
            if not protocol.held(item, lease):
                break
            if answered:
                raise MintFailed(REASONS["dead_on_arrival"])
        self.telemetry.emit(FencedOut(connection=name, fence=lease.fence))
        return self._moved_on(name, want)

    def _published(self, lease: Lease, token: AccessToken, at: float) -> Published:
        self.telemetry.emit(
            Minted(
                connection=token.connection,
                fingerprint=token.fingerprint,
                key_id=lease.attempt.key_id,
                fence=lease.fence,
                duration_ms=round((self.clock.now() - lease.attempt.since) * 1000),
            )
        )
        return Published(token, at)

    def _moved_on(self, name: str, want: Want) -> MovedOn:
        seen = self.look(name)
        return MovedOn(seen, protocol.next_step(seen.row, want, seen.at))

    def _remember(self, name: str, lease: Lease, failed: MintFailed) -> None:
        self.telemetry.emit(
            MintRefused(
                connection=name,
                reason=failed.reason.code,
                said=failed.said,
                key_id=lease.attempt.key_id,
                fence=lease.fence,
            )
        )
        jitter = self.chance.uniform(1.0, 1.5)
        try:
            failure = writes.fail(lease, failed.reason, self.clock.now(), jitter, failed.detail)
            self.store.write(row_key(name), failure)
        except CacheUnavailable:
            return  # the lease runs out by itself; the cause of the failure is what the caller needs
