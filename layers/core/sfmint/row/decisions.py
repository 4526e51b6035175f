"""The decisions of the shared row, without I/O: a row and a clock in, the next step out.

One login however many callers: the caller that wins the lease mints; everyone else serves what is servable, or waits. A lease is
fenced: its number only grows, and a holder that froze and woke late finds its write refused. The requests themselves are
in `writes`. docs/adr/0001 has the reasons. Instants are epoch seconds.
"""

from dataclasses import dataclass, field

from sfmint.errors import AssertionRejected, InvalidCredentials, SfmintError
from sfmint.lifetime import YOUNG_S
from sfmint.row.conditional_write import Item
from sfmint.row.row import ABSURD_S, CacheRow
from sfmint.salesforce.connection import MOST_TAINTED_KEYS
from sfmint.salesforce.login_failures.table import recall

LEASE_S = 20.0
START_WITHIN_S = 3.0  # from the acquire to the POST: all that is asked of AWS in between
POST_S = 7.0  # the whole exchange, by the wall clock
FINISH_S = 4.0  # to seal and to publish, or to remember why there is nothing to publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What one caller wants.

    Attributes:
        min_ttl: seconds of life that the token should have left.
        rejected: fingerprint of a token that Salesforce refused.
        horizon_s: how far ahead soft expiry counts as reached; the keeper looks as far as its next tick.
    """

    min_ttl: float = 0.0
    rejected: str | None = None
    horizon_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has come of one request so far.

    Attributes:
        bad_fence: `token_fence` of a sealed copy that could not be opened.
        failed_refresh: why a login failed, while the row's token could still be served.
        waited: whether the caller waited for a login.
    """

    bad_fence: int | None = None
    failed_refresh: SfmintError | None = None
    waited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to get the lease.

    Attributes:
        me: unique to this try.
        seen: the fence of the row that the try rests on; None: there was no row.
        key_id: which key would sign.
        config_hash: which configuration would be asserted.
        since: when it began, before the first send; the lease counts from here.
        certificate_until: end of the key's certificate; None: the secret has none.
        is_second: whether Salesforce has refused another key a moment ago, in the same round.
        in_rotation: whether the secret holds other credentials that may log in: a change of the app may be arriving.
    """

    me: str
    seen: int | None
    key_id: str
    config_hash: str
    since: float
    certificate_until: float | None = None
    is_second: bool = False
    in_rotation: bool = False

    @property
    def failure_key(self) -> str:
        """What a remembered `AssertionRejected` is keyed by: a repaired secret has another one."""
        return _failure_key(self.key_id, self.config_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease that was granted: the attempt, its fence, and the row as it stood then."""

    attempt: Attempt
    fence: int
    row: CacheRow


@dataclass(frozen=True, slots=True)
class Seen:
    """A row as somebody saw it.

    Attributes:
        row: as it stood.
        at: the instant just before it was asked for.
        refused: my attempt to get the lease, if the row was shown with its refusal.
    """

    row: CacheRow
    at: float
    refused: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Serve:
    """Open the sealed copy and serve it.

    Attributes:
        failed_refresh: why the token is not refreshed, though it is due.
    """

    failed_refresh: SfmintError | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Mint:
    """Read the secret and try to get the lease."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Read the row again after a moment."""


@dataclass(frozen=True, slots=True)
class Report:
    """The row shows the caller's rejected token as good: reject it again."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The row has attributes of wrong types: take them away."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Raise this error."""

    error: SfmintError


type Step = Serve | Mint | Wait | Report | Repair | GiveUp


def decide(seen: Seen, want: Want, progress: Progress) -> Step:
    """Decide what a request does next.

    Args:
        seen: the row, as it was just read or as it refused an acquire.
        want: what the caller wants.
        progress: what has come of the request so far.
    """
    row, now = seen.row, seen.at
    attempt = seen.refused
    if attempt is not None and row.fence != attempt.seen:
        attempt = None  # the row has moved on since it was read: begin anew with it, and read the secret again
    if row.malformed:
        return Repair()
    if servable(row, want, progress, now):
        return _beside_a_token(row, want, progress, attempt, now)
    return _without_a_token(row, want, progress, attempt, now)


def _beside_a_token(row: CacheRow, want: Want, progress: Progress, attempt: Attempt | None, now: float) -> Step:
    failure = remembered(row) if row.is_failing(now) else None
    if failure is not None and is_denial(failure):
        return GiveUp(failure)  # a decision of AWS's: the copy that could be opened yesterday goes with it
    if attempt is not None:
        return Serve(progress.failed_refresh or _barred(row, attempt, now))
    if failure is not None:
        return Serve(progress.failed_refresh or (failure if due(row, want, now) else None))
    if progress.failed_refresh is not None or row.is_leased(now) or not due(row, want, now):
        return Serve(progress.failed_refresh)
    return Mint()


def _without_a_token(row: CacheRow, want: Want, progress: Progress, attempt: Attempt | None, now: float) -> Step:
    if row.is_leased(now) or (attempt is None and _young_and_bad(row, progress, now)):
        return Wait()
    barred = _barred(row, attempt, now)
    if barred is not None:
        return GiveUp(barred)
    if _unmarked(row, want):
        return Report()
    return Mint() if attempt is None else Wait()


def _barred(row: CacheRow, attempt: Attempt | None, now: float) -> SfmintError | None:
    """Return what keeps an attempt from logging in, with the lease or without; None stands for any attempt."""
    if attempt is not None and attempt.key_id in (row.tainted_keys or ()):
        return tainted(attempt.key_id)
    return remembered(row) if row.is_failing(now) and _concerns(row, attempt) else None


def refused_before(seen: Seen, want: Want, progress: Progress) -> AssertionRejected | None:
    """Return Salesforce's refusal of these very credentials, if that is why the row refused an acquire."""
    match decide(seen, want, progress):
        case GiveUp(AssertionRejected() as error):
            return error
        case _:
            return None


def outlives(seen: Seen, want: Want, progress: Progress, error: SfmintError) -> bool:
    """Return whether the row's token is served although its refresh has failed with this error."""
    return servable(seen.row, want, progress, seen.at) and not is_denial(error)


def is_denial(error: SfmintError) -> bool:
    """Return whether AWS has said no; then no old token is used in place of a new one."""
    return error.denied


def servable(row: CacheRow, want: Want, progress: Progress, now: float) -> bool:
    """Return whether the row's token may be served, as far as the row can say; its sealed copy must still agree."""
    return (
        row.fingerprint is not None
        and row.sealed is not None
        and row.token_fence not in {None, progress.bad_fence}  # without it no copy can be opened
        and row.hard_expiry is not None
        and row.hard_expiry > now
        and row.fingerprint not in {row.rejected, want.rejected}
    )


def due(row: CacheRow, want: Want, now: float) -> bool:
    """Return whether the row's token should be refreshed, though it may be servable."""
    return row.lifetime.due(now, min_ttl=want.min_ttl, horizon_s=want.horizon_s)


def remembered(row: CacheRow) -> SfmintError:
    """Return the error of the failure that a row remembers."""
    return recall(row.failure_code or "", row.failure_reason or "", row.failure_detail or "")


def tainted(key_id: str) -> InvalidCredentials:
    """Return the error for a key that may never mint again."""
    return InvalidCredentials(f"The key {key_id} is tainted.", remedy="Make a new key, and store and upload it.")


def gives_way(row: CacheRow, key_id: str, config_hash: str) -> bool:
    """Return whether credentials go second this time: Salesforce has refused them last, for an odd number of times.

    While a change of the app arrives, Salesforce may know either key by turns. Rounds of two logins that all begin with the same
    key would then meet the wrong state each time.
    """
    is_refused = row.failure_code == AssertionRejected.__name__
    return (
        is_refused
        and _failure_key(key_id, config_hash) in (row.failure_keys or ())
        and (row.failure_count or 0) % 2 == 1
    )


def knows(row: CacheRow, key_id: str) -> bool:
    """Return whether a row has ever met a key: it minted the token, it failed, or it is tainted."""
    failed = {name.rpartition("|")[2] for name in row.failure_keys or ()}
    return key_id == row.key_id or key_id in failed or key_id in (row.tainted_keys or ())


def has_room_for(row: CacheRow, key_id: str) -> bool:
    """Return whether a key may be put on the row's list of tainted keys."""
    tainted_keys = row.tainted_keys or frozenset()
    return key_id in tainted_keys or len(tainted_keys) < MOST_TAINTED_KEYS


def landed(item: Item | None, lease: Lease) -> bool:
    """Return whether a publish that was refused, or never answered, had landed before."""
    return CacheRow.from_item(item).token_fence == lease.fence


def held(item: Item | None, lease: Lease) -> bool:
    """Return whether the lease is still the row's."""
    row = CacheRow.from_item(item)
    return row.fence == lease.fence and row.lease_owner == lease.attempt.me


def _failure_key(key_id: str, config_hash: str) -> str:
    return f"{config_hash}|{key_id}"


def _concerns(row: CacheRow, attempt: Attempt | None) -> bool:
    if row.failure_code != AssertionRejected.__name__:
        return True
    return attempt is not None and attempt.failure_key in (row.failure_keys or ())  # a repaired secret may heal it


def _unmarked(row: CacheRow, want: Want) -> bool:
    return want.rejected is not None and row.fingerprint == want.rejected and row.rejected != want.rejected


def _young_and_bad(row: CacheRow, progress: Progress, now: float) -> bool:
    is_bad = progress.bad_fence is not None and row.token_fence == progress.bad_fence
    return is_bad and row.issued_at is not None and now - YOUNG_S <= row.issued_at <= now + ABSURD_S
