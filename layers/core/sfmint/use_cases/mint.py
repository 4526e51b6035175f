"""Mint: one Salesforce login under the lease, published for everyone."""

from dataclasses import dataclass

from sfmint.errors import AssertionRejected, CacheUnavailable, RefreshInProgress, SfmintError
from sfmint.lifetime import days_left
from sfmint.ports import Ports
from sfmint.row import decisions, writes
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed
from sfmint.row.decisions import Attempt, Lease, Progress, Seen, Want
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import FencedOut, Minted, NotMinted, RowRepaired
from sfmint.use_cases import clock_check, mint_time
from sfmint.use_cases.credential_choice import Candidate, CredentialChoice
from sfmint.use_cases.login import is_dead, log_in, spend
from sfmint.use_cases.look import look
from sfmint_values.exits import EXITS, as_far_as_possible, place_of
from sfmint_values.secret import Secret


@dataclass(frozen=True, slots=True)
class Published:
    """The new token stands on the row.

    Attributes:
        token: the whole answer.
        at: the instant just before the request that confirmed it.
    """

    token: AccessToken
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Minter:
    """Logs in at Salesforce under the lease, and publishes the token on the row.

    Attributes:
        ports: the world.
        choice: which credentials are tried.
        login_budget: logins that one Salesforce user may cost an hour.
        token_hosts: hosts beside Salesforce's own at which a token may be used.
    """

    ports: Ports
    choice: CredentialChoice
    login_budget: int
    token_hosts: frozenset[str]

    def mint(self, name: str, row: CacheRow, want: Want, progress: Progress, ends_at: float) -> Published | Seen:
        """Read the secret, take the lease, sign, exchange, publish; say what happened.

        Credentials that Salesforce refuses are followed, once, by those that a rotation has made ready.

        Args:
            name: the connection's name.
            row: its row, as it was read.
            want: what the caller wants.
            progress: what has come of the request so far.
            ends_at: when the function's own time-out strikes, by the monotonic clock.

        Returns:
            The token, or, where there is none of mine, the row as it is now.

        Raises:
            SfmintError: the secret cannot be used, AWS does not answer, or Salesforce gave no token; the last is
                remembered on the row.
        """
        self._require_room(ends_at)
        clock_check.require(self.ports, name)
        candidates = self.choice.candidates(name, row)
        with self.ports.budget.share(mint_time.READ_S):
            first = next(candidates)
        try:
            return self._mint_with(first, row, want, progress)
        except AssertionRejected:
            with self.ports.budget.share(mint_time.READ_S):
                second = next(candidates, None)
            if second is None or not self._has_room(ends_at):
                raise
        return self._mint_with(second, look(self.ports, name).row, want, progress, is_second=True)

    def _has_room(self, ends_at: float) -> bool:
        return ends_at - self.ports.clock.monotonic() >= mint_time.ROOM_S

    def _require_room(self, ends_at: float) -> None:
        if not self._has_room(ends_at):
            raise RefreshInProgress(
                "A login is due, and too little of the function's time is left to begin one.",
                remedy="Call again.",
            )

    def _mint_with(
        self, candidate: Candidate, row: CacheRow, want: Want, progress: Progress, *, is_second: bool = False
    ) -> Published | Seen:
        connection, signer = candidate.connection, candidate.signer
        name, budget = connection.name, self.ports.budget
        before_the_post, after_it = budget.share(decisions.START_WITHIN_S), budget.share(decisions.FINISH_S)
        with before_the_post:
            lease = self._acquire(name, self._attempt(candidate, row, is_second=is_second), row, want, progress)
        if isinstance(lease, Seen):
            return lease
        try:
            self._granted(name, row, lease)
            with before_the_post:
                # KMS may refuse to sign: what is not signed logs in nowhere, and must not use the hour's logins up.
                assertion = signer.sign(connection, now=self.ports.clock.now(), jti=self.ports.chance.unique())
                spend(self.ports, connection, self.login_budget)
        except LoginFailed as failed:
            with after_it:
                self._remember(name, lease, failed)
            raise failed.to_error() from None
        except BaseException:
            with after_it:
                self._give_back(name, lease)
            raise
        if self.ports.clock.now() - lease.attempt.since > decisions.START_WITHIN_S:  # too late to begin
            with after_it:
                self._give_back(name, lease)
            return look(self.ports, name)
        return self._exchange(connection, assertion, lease, want) or look(self.ports, name)

    def _attempt(self, candidate: Candidate, row: CacheRow, *, is_second: bool) -> Attempt:
        return Attempt(
            me=self.ports.chance.unique(),
            seen=row.fence,
            key_id=candidate.signer.key_id,
            config_hash=candidate.connection.config_hash,
            since=self.ports.clock.now(),
            certificate_until=candidate.certificate_until,
            is_second=is_second,
            in_rotation=is_second or candidate.stage != "AWSCURRENT",
        )

    def _exchange(self, connection: Connection, assertion: Secret, lease: Lease, want: Want) -> Published | None:
        """Log in and publish; whatever happens from here on may have cost a login, so it is remembered."""
        name, after_it = connection.name, self.ports.budget.share(decisions.FINISH_S)
        try:
            token = self._login(connection, assertion, lease, want)
            with after_it:
                return self._publish(lease, token)
        except EXITS:
            with after_it:
                self._give_back(name, lease)
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of an extension is no Exception
            with after_it:
                failed = self._failure(name, lease, error)
        if failed is not None:
            raise failed
        return None

    def _failure(self, name: str, lease: Lease, error: BaseException) -> SfmintError | None:
        """Remember why a login came to nothing and return what the caller meets; None where the row decides that."""
        match error:
            case LoginFailed():
                failed = error
            case CacheUnavailable(denied=denied):
                failed = LoginFailed(REASONS["publish_denied" if denied else "not_published"])
            case _:
                failed = LoginFailed(REASONS["fault"], said=place_of(error))
        if not self._remember(
            name, lease, failed
        ):  # a process that was frozen, or too slow: others may have minted meanwhile
            self._fenced_out(name, lease)
            return None
        return error if isinstance(error, CacheUnavailable) else failed.to_error()

    def _acquire(self, name: str, attempt: Attempt, row: CacheRow, want: Want, progress: Progress) -> Lease | Seen:
        outcome = self.ports.store.write(row_key(name), writes.acquire(attempt, row, want, progress))
        row = CacheRow.from_item(outcome.item)
        # A first try whose answer was lost has landed, though the second is refused.
        if isinstance(outcome, ConditionFailed) and row.lease_owner != attempt.me:
            seen = Seen(row, attempt.since, refused=attempt)
            if refusal := decisions.refused_before(seen, want, progress):
                raise refusal  # as if Salesforce had said it again: other credentials may not be concerned
            return seen
        return Lease(attempt=attempt, fence=row.fence or 0, row=row)

    def _granted(self, name: str, before: CacheRow, lease: Lease) -> None:
        """Note what the lease has changed."""
        self.choice.granted(name, lease.attempt.seen, lease.fence)
        if flaw := before.flaw(lease.attempt.since):
            self.ports.telemetry.emit(RowRepaired(connection=name, flaw=flaw))

    def _give_back(self, name: str, lease: Lease) -> None:
        """Let others mint now; where that fails, the lease runs out by itself."""
        with as_far_as_possible():
            self.ports.store.write(row_key(name), writes.release(lease))

    def _login(self, connection: Connection, assertion: Secret, lease: Lease, want: Want) -> AccessToken:
        token = log_in(self.ports, connection, assertion, self.token_hosts)
        token = writes.reaffirmed(lease, token, connection.lifetime_s)
        if is_dead(token, self.ports.clock.now()) or token.fingerprint == want.rejected:
            raise LoginFailed(REASONS["dead_on_arrival"])
        return token

    def _publish(self, lease: Lease, token: AccessToken) -> Published | None:
        """Seal the token and put it on the row; None where the lease was lost meanwhile."""
        try:
            update = writes.publish(lease, token, self.ports.sealer.seal(token, lease.fence))
        except CacheUnavailable as error:
            raise LoginFailed(REASONS["seal_denied" if error.denied else "not_sealed"]) from None
        return self._put(lease, token, update, once_more=True)

    def _put(self, lease: Lease, token: AccessToken, update: ConditionalWrite, *, once_more: bool) -> Published | None:
        name, at = token.connection, self.ports.clock.now()
        try:
            item = self.ports.store.write(row_key(name), update).item
            if decisions.held(item, lease):
                raise LoginFailed(REASONS["dead_on_arrival"])  # refused, and still mine: it was rejected
        except CacheUnavailable:
            item = self.ports.store.read(row_key(name))
            if decisions.held(item, lease):
                if not once_more:
                    raise
                return self._put(lease, token, update, once_more=False)
        if decisions.landed(item, lease):
            return self._published(lease, token, at)
        self._fenced_out(name, lease)
        return None

    def _fenced_out(self, name: str, lease: Lease) -> None:
        self.ports.telemetry.emit(FencedOut(connection=name, fence=lease.fence))

    def _published(self, lease: Lease, token: AccessToken, at: float) -> Published:
        now, until = self.ports.clock.now(), lease.attempt.certificate_until
        self.ports.telemetry.emit(
            Minted(
                connection=token.connection,
                fingerprint=token.fingerprint,
                key_id=lease.attempt.key_id,
                fence=lease.fence,
                duration_ms=round((now - lease.attempt.since) * 1000),
                certificate_days_left=None if until is None else days_left(until, now),
            )
        )
        return Published(token, at)

    def _remember(self, name: str, lease: Lease, failed: LoginFailed) -> bool:
        """Write the reason down, and return whether the lease is still mine, as far as that can be known."""
        now, jitter = self.ports.clock.now(), self.ports.chance.uniform(1.0, 1.5)
        is_mine = now - lease.attempt.since < decisions.LEASE_S
        with as_far_as_possible():  # else the lease runs out by itself
            outcome = self.ports.store.write(row_key(name), writes.fail(lease, failed, now, jitter))
            is_mine = not isinstance(outcome, ConditionFailed)
        self.ports.telemetry.emit(
            NotMinted(
                connection=name,
                reason=failed.reason.code,
                said=failed.said,
                key_id=lease.attempt.key_id,
                fence=lease.fence,
            )
        )
        return is_mine
