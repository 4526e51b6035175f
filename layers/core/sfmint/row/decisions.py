"""The decisions of the shared cache, without I/O: a row and a clock in, the next request out.

One login however many callers: whoever wins the lease mints; everyone else serves what is servable, or waits. A lease is
fenced: its number only grows, and a holder that froze and woke late finds its write refused. The
requests themselves are in `writes`. docs/adr/0001 has the reasons. Instants are epoch seconds.
"""

from dataclasses import dataclass, field

from sfmint.errors import AssertionRejected, CacheUnavailable, InvalidCredentials, SfmintError
from sfmint.row.conditional_write import Item, Value
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import recall

LEASE_S = 20.0
START_WITHIN_S = 3.0  # from the acquire to the POST
POST_S = 7.0  # the whole exchange, by the wall clock
ABSURD_S = 60.0  # a lease or issue time further ahead than this was written by a broken clock
NEVER_S = 3900.0  # likewise a failure: none is remembered for longer than an hour
YOUNG_S = 60.0  # a token younger than this is not due by a caller's min_ttl
REJECT_GAP_S = 60.0
REJECT_WINDOW_S = 600.0
REJECT_LIMIT = 3
DEAD_WITHIN_S = 30.0  # a token with less life than this on arrival is a failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What one caller wants.

    Attributes:
        min_ttl: seconds of life that the token should have left.
        rejected: fingerprint of a token that Salesforce refused.
        horizon_s: how far ahead soft expiry counts as reached; the keeper looks as far as its next tick.
        bad_fence: `token_fence` of a sealed copy that this caller could not open.
    """

    min_ttl: float = 0.0
    rejected: str | None = None
    horizon_s: float = 0.0
    bad_fence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to get the lease.

    Attributes:
        me: unique to this try.
        seen: the fence of the row that the try rests on; None: there was no row.
        key_id: which key would sign.
        config_hash: which configuration would be asserted.
        since: when it began, before the first send; the lease counts from here.
    """

    me: str
    seen: int | None
    key_id: str
    config_hash: str
    since: float

    @property
    def failure_key(self) -> str:
        """What a remembered `AssertionRejected` is keyed by: a repaired secret has another one."""
        return f"{self.config_hash}|{self.key_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease that was granted: the attempt, its fence, and the row as it stood then."""

    attempt: Attempt
    fence: int
    row: CacheRow


@dataclass(frozen=True, slots=True)
class Serve:
    """Open the sealed copy and serve it.

    Attributes:
        in_spite_of: a failure that keeps the token from being refreshed, which it is due for.
    """

    in_spite_of: SfmintError | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Mint:
    """Read the secret and try to get the lease.

    Attributes:
        spare: the row's token is servable meanwhile.
    """

    spare: bool


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


@dataclass(frozen=True, slots=True)
class Mine:
    """The refused acquire had landed before: the lease is mine."""


@dataclass(frozen=True, slots=True)
class Reread:
    """The row moved on since it was read: take it from there, and read the secret again."""


type Step = Serve | Mint | Wait | Report | Repair | GiveUp


def servable(row: CacheRow, want: Want, now: float) -> bool:
    """Return whether the row's token may be served, as far as the row can say; its sealed copy must still agree."""
    return (
        row.fingerprint is not None
        and row.sealed is not None
        and row.token_fence not in {None, want.bad_fence}  # without it no copy can be opened
        and row.hard_expiry is not None
        and row.hard_expiry > now
        and row.fingerprint not in {row.rejected, want.rejected}
    )


def due(row: CacheRow, want: Want, now: float) -> bool:
    """Return whether the row's token should be refreshed, though it may be servable."""
    soft = row.soft_expiry is not None and row.soft_expiry <= now
    soon = row.soft_expiry is not None and row.soft_expiry <= now + want.horizon_s
    short = row.hard_expiry is not None and row.hard_expiry < need(row, want, now)
    settled = row.issued_at is not None and row.issued_at <= now - YOUNG_S
    return soft or (settled and (soon or short))


def next_step(row: CacheRow, want: Want, now: float) -> Step:
    """Decide on a row that was just read."""
    if row.malformed:
        return Repair()
    if servable(row, want, now):
        return _beside_a_spare(row, want, now)
    if _leased(row, now) or _young_and_bad(row, want, now):
        return Wait()
    if failing(row, now) and row.failure_code != AssertionRejected.__name__:
        return GiveUp(remembered(row))
    if _unmarked(row, want):
        return Report()
    return Mint(spare=False)


def _beside_a_spare(row: CacheRow, want: Want, now: float) -> Step:
    if not failing(row, now):
        at_rest = not due(row, want, now) or _leased(row, now)
        return Serve() if at_rest else Mint(spare=True)
    failure = remembered(row)
    if isinstance(failure, CacheUnavailable) and failure.denied:
        return GiveUp(failure)  # a decision of AWS's: the copy that could be opened yesterday goes with it
    return Serve(in_spite_of=failure if due(row, want, now) else None)


def after_refused_acquire(row: CacheRow, attempt: Attempt, want: Want, now: float) -> Step | Mine | Reread:
    """Decide on the row that refused an acquire: the first line that holds."""
    if row.lease_owner == attempt.me:
        return Mine()
    if row.fence != attempt.seen:
        return Reread()
    barred = _barred(row, attempt, now)
    if servable(row, want, now):
        return Serve(in_spite_of=barred)
    if _leased(row, now):
        return Wait()
    if barred is not None:
        return GiveUp(barred)
    if _unmarked(row, want):
        return Report()
    return Wait()


def _barred(row: CacheRow, attempt: Attempt, now: float) -> SfmintError | None:
    """Return what keeps this attempt from logging in, whoever holds the lease."""
    if attempt.key_id in (row.tainted_keys or ()):
        return tainted(attempt.key_id)
    return remembered(row) if failing(row, now) and _concerns(row, attempt) else None


def flaw(row: CacheRow, now: float) -> str | None:
    """Return what is odd about a row: nothing that sfmint writes, or a clock far off. A mint repairs it."""
    parts: list[Value | None] = [row.fingerprint, row.token_fence, row.hard_expiry, row.issued_at, row.soft_expiry]
    if row.fingerprint is None or row.fingerprint != row.rejected:  # a rejection takes the sealed copy away
        parts.append(row.sealed)
    if 0 < sum(part is not None for part in parts) < len(parts):
        return "half a token"
    if row.lease_until is not None and row.lease_until > now + ABSURD_S:
        return "a lease that ends far ahead"
    if row.failure_until is not None and row.failure_until > now + NEVER_S:
        return "a failure that lasts far ahead"
    return None


def remembered(row: CacheRow) -> SfmintError:
    """Return the error of the failure that a row remembers."""
    return recall(row.failure_code or "", row.failure_reason or "", row.failure_detail or "")


def tainted(key_id: str) -> InvalidCredentials:
    """Return the error for a key that may never mint again."""
    return InvalidCredentials(f"The key {key_id} is tainted.", remedy="Make a new key, and store and upload it.")


def stands_by(row: CacheRow, fingerprint: str) -> bool:
    """Return whether the row still has a token and has not dropped it."""
    return fingerprint == row.fingerprint != row.rejected


def rejection_stands(row: CacheRow, fingerprint: str) -> bool:
    """Return whether a refused rejection needs nothing more: done before, or the token has a successor."""
    return row.rejected == fingerprint or row.fingerprint != fingerprint


def counts_again(row: CacheRow, fingerprint: str, now: float) -> bool:
    """Return whether a refused rejection is one more in a window that runs."""
    runs = row.reject_window is not None and row.reject_window > now - REJECT_WINDOW_S
    return runs and not rejection_stands(row, fingerprint)


def landed(item: Item | None, lease: Lease) -> bool:
    """Return whether a publish that was refused, or never answered, had landed before."""
    return CacheRow.from_item(item).token_fence == lease.fence


def held(item: Item | None, lease: Lease) -> bool:
    """Return whether the lease is still the row's."""
    row = CacheRow.from_item(item)
    return row.fence == lease.fence and row.lease_owner == lease.attempt.me


def need(row: CacheRow, want: Want, now: float) -> float:
    """Return the hard expiry that the caller's min_ttl asks for, clamped to half of the token's life."""
    if row.hard_expiry is None or row.issued_at is None:
        return now + want.min_ttl
    return now + min(want.min_ttl, (row.hard_expiry - row.issued_at) / 2)


def failing(row: CacheRow, now: float) -> bool:
    """Return whether the failure that the row remembers still counts."""
    return row.failure_until is not None and now < row.failure_until <= now + NEVER_S


def _leased(row: CacheRow, now: float) -> bool:
    return row.lease_until is not None and now < row.lease_until <= now + ABSURD_S


def _concerns(row: CacheRow, attempt: Attempt) -> bool:
    keyed = row.failure_code == AssertionRejected.__name__
    return not keyed or attempt.failure_key in (row.failure_keys or ())


def _unmarked(row: CacheRow, want: Want) -> bool:
    return want.rejected is not None and row.fingerprint == want.rejected and row.rejected != want.rejected


def _young_and_bad(row: CacheRow, want: Want, now: float) -> bool:
    return (
        want.bad_fence is not None
        and row.token_fence == want.bad_fence
        and row.issued_at is not None
        and now - YOUNG_S <= row.issued_at <= now + ABSURD_S
    )
