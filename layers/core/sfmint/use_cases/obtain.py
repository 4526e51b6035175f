"""Obtain a token through the shared row: serve it, wait for it, or mint it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sfmint.aws_access.budget import LOOK_S
from sfmint.errors import CacheUnavailable, RefreshInProgress, SfmintError
from sfmint.lifetime import TokenState
from sfmint.ports import Ports
from sfmint.row import decisions, rejections, writes
from sfmint.row.conditional_write import ConditionFailed, Written
from sfmint.row.decisions import GiveUp, Mint, Progress, Repair, Report, Seen, Serve, Wait, Want
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import AccessToken
from sfmint.telemetry import RejectionOutcome, RowRepaired, Source, TokenRejected, UnusableCopy
from sfmint.use_cases.look import look
from sfmint.use_cases.mint import Minter, Published
from sfmint_values.secret import is_fingerprint

_SHORTEST_REST_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a request may take, by the monotonic clock.

    Attributes:
        wait_until: until when the caller waits for someone else's mint.
        ends_at: when the function's own time-out strikes.
    """

    wait_until: float
    ends_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """A token that may be answered.

    Attributes:
        token: the whole answer.
        source: where it comes from.
        confirmed_at: epoch seconds just before the request with which the row confirmed it.
        failed_refresh: why it was not refreshed, though it is due.
        waited: whether the caller has waited for a login.
    """

    token: AccessToken
    source: Source
    confirmed_at: float
    failed_refresh: SfmintError | None = None
    waited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSource:
    """Obtains tokens, and drops rejected ones.

    Attributes:
        ports: the world.
        minter: logs in.
        token_hosts: hosts beside Salesforce's own at which a token may be used.
        confirmed_within_s: how old the row's confirmation of a token may be when it is answered.
        poll_s: least and longest pause, in seconds, between two reads of the row while another environment mints.
    """

    ports: Ports
    minter: Minter
    token_hosts: frozenset[str]
    confirmed_within_s: float
    poll_s: tuple[float, float]

    def obtain(
        self, name: str, want: Want, patience: Patience, seen: Seen, known: AccessToken | None = None
    ) -> Obtained:
        """Return a token, minting one if that is due and nobody else does.

        Args:
            name: the connection's name.
            want: what the caller wants.
            patience: how long it may take.
            seen: its row, as it was just read.
            known: a copy that memory holds; it saves a decryption while the row has the same.

        Raises:
            SfmintError: one of the classes in `errors`.
        """
        progress = Progress()
        while True:
            match decisions.decide(seen, want, progress):
                case Serve(failed_refresh):
                    token = self._open(name, seen.row, known)
                    if token is None:
                        progress = replace(progress, bad_fence=seen.row.token_fence)
                    elif self.answerable(token, seen.at):
                        found = Obtained(token=token, source="cache", confirmed_at=seen.at, waited=progress.waited)
                        return replace(found, failed_refresh=failed_refresh)
                case Mint():
                    happened, progress = self._mint(name, seen, want, progress, patience)
                    if isinstance(happened, Seen):
                        seen = happened
                        continue
                    if self.answerable(happened.token, happened.at):
                        return Obtained(token=happened.token, source="minted", confirmed_at=happened.at, waited=True)
                case step:
                    progress = replace(progress, waited=progress.waited or isinstance(step, Wait))
                    self._take_step(step, name, seen.row, want, patience)
            seen = self.look(name, patience)

    def look(self, name: str, patience: Patience) -> Seen:
        """Read the row of a connection, in the caller's time, again and again where the store asks for pauses.

        Raises:
            CacheUnavailable: the store does not answer, or asks for pauses until the caller's time is up.
        """
        return self._unhurried(patience, lambda: look(self.ports, name))

    def answerable(self, token: AccessToken, confirmed_at: float) -> bool:
        """Return whether a token may be answered: the last check, for a process may have been frozen since the read."""
        now = self.ports.clock.now()
        return (
            token.lifetime.state(now) is not TokenState.EXPIRED and 0 <= now - confirmed_at <= self.confirmed_within_s
        )

    def reject(self, name: str, fingerprint: str, patience: Patience) -> None:
        """Drop the token with this fingerprint, once, however many callers report it.

        One that comes too soon after another waits, where that is over before the caller's time is up.

        Raises:
            RejectionLimited: another was rejected within the minute, or three within ten minutes.
            CacheUnavailable: the store does not answer.
        """
        while (refused := self._reject(name, fingerprint, patience)) is not None:
            limited, wait_s = rejections.too_many_rejections(refused.row, refused.at)
            if self.ports.clock.monotonic() + wait_s >= patience.wait_until:
                self._rejected(name, fingerprint, "limited")
                raise limited
            self.ports.clock.sleep(wait_s)
            self._rest(patience)  # so that those who waited for the same instant do not come at once

    def _reject(self, name: str, fingerprint: str, patience: Patience) -> Seen | None:
        """Drop the token; return the row if it stays because of others that were rejected."""
        now, key, store = self.ports.clock.now(), row_key(name), self.ports.store
        outcome = self._unhurried(patience, lambda: store.write(key, writes.reject(fingerprint, now)))
        if isinstance(outcome, ConditionFailed) and rejections.counts_again(
            CacheRow.from_item(outcome.item), fingerprint, now
        ):
            outcome = self._unhurried(patience, lambda: store.write(key, writes.reject_again(fingerprint, now)))
        if isinstance(outcome, Written):
            self._rejected(name, fingerprint, "dropped")
            return None
        row = CacheRow.from_item(outcome.item)
        if not rejections.rejection_stands(row, fingerprint):
            return Seen(row, now)
        self._rejected(name, fingerprint, "known")
        return None

    def _mint(
        self, name: str, seen: Seen, want: Want, progress: Progress, patience: Patience
    ) -> tuple[Published | Seen, Progress]:
        """Mint; where that fails and the row's token is servable meanwhile, note the failure instead of raising it."""
        try:
            happened = self.minter.mint(name, seen.row, want, progress, patience.ends_at)
        except SfmintError as error:
            if progress.failed_refresh is not None or not decisions.outlives(seen, want, progress, error):
                raise
            return seen, replace(progress, failed_refresh=error, waited=True)
        was_refused = isinstance(happened, Seen) and happened.refused is not None  # others log in, or nobody has to
        return happened, replace(progress, waited=progress.waited or not was_refused)

    def _take_step(
        self, step: Wait | Report | Repair | GiveUp, name: str, row: CacheRow, want: Want, patience: Patience
    ) -> None:
        """Do what comes before the next look at the row."""
        match step:
            case Wait():
                self._pause(patience)
            case Report():
                self.reject(name, want.rejected or "", patience)
            case Repair():
                self._repair(name, row, patience)
            case GiveUp(error):
                raise error

    def _rejected(self, name: str, fingerprint: str, outcome: RejectionOutcome) -> None:
        self.ports.telemetry.emit(TokenRejected(connection=name, fingerprint=fingerprint, outcome=outcome))

    def _open(self, name: str, row: CacheRow, known: AccessToken | None) -> AccessToken | None:
        if known is not None and known.fingerprint == row.fingerprint and known.hard_expiry == row.hard_expiry:
            return known
        token = self.ports.sealer.unseal(name, row)
        if token is not None and token.is_for(self.token_hosts):
            return token
        fingerprint = row.fingerprint or ""
        shown = fingerprint if is_fingerprint(fingerprint) else ""  # the row's word, and anybody may have written it
        self.ports.telemetry.emit(UnusableCopy(connection=name, fingerprint=shown))
        return None

    def _repair(self, name: str, row: CacheRow, patience: Patience) -> None:
        if isinstance(self.ports.store.write(row_key(name), writes.repair(row)), ConditionFailed):
            return self._pause(patience)  # someone else has repaired it, or is at it
        flaw = f"of a wrong type: {', '.join(name for name, _ in row.malformed)}"
        return self.ports.telemetry.emit(RowRepaired(connection=name, flaw=flaw))

    def _unhurried[Answer](self, patience: Patience, ask: Callable[[], Answer]) -> Answer:
        """Ask the store again where it asks for a pause: it has done nothing then."""
        while True:
            try:
                with self.ports.budget.share(self._left_s(patience)):
                    return ask()
            except CacheUnavailable as error:
                if not error.throttled or self._is_over(patience):
                    raise
            self._rest(patience)

    def _left_s(self, patience: Patience) -> float:
        """Return for how long the store may be asked: as long as the caller waits, but one look is had in any case."""
        return max(LOOK_S, patience.wait_until - self.ports.clock.monotonic())

    def _is_over(self, patience: Patience) -> bool:
        return self.ports.clock.monotonic() >= patience.wait_until

    def _rest(self, patience: Patience) -> None:
        """Pause before the next look, but not beyond the caller's time."""
        left_s = max(_SHORTEST_REST_S, patience.wait_until - self.ports.clock.monotonic())
        self.ports.clock.sleep(min(left_s, self.ports.chance.uniform(*self.poll_s)))

    def _pause(self, patience: Patience) -> None:
        if self._is_over(patience):
            raise RefreshInProgress(
                "Another caller is logging in at Salesforce, and your waiting time (deadline_ms) is over.",
                remedy="Call again, or give a longer deadline_ms.",
            )
        self._rest(patience)
