"""The decisions of the shared cache, without I/O: a row and a clock in, the next request out.

One login however many callers: whoever wins the lease mints; everyone else serves what is servable, or waits. A lease is
fenced: its number only grows, and a holder that froze and woke late finds its write refused. Every write is one
conditional update. docs/adr/0001 has the reasons. Instants are epoch seconds.
"""

import hashlib
from dataclasses import dataclass, replace

from sfmint.access_token import MARGIN, REUSED_HARD_S, REUSED_SOFT_S, AccessToken
from sfmint.cache_row import CacheRow
from sfmint.connection import Connection
from sfmint.errors import AssertionRejected, InvalidCredentials, SalesforceUnavailable, SfmintError
from sfmint.failure import REASONS, Reason, remembered_until
from sfmint.update import AllOf, AnyOf, Between, Compare, Contains, Item, Missing, Not, Same, Update, Value

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

_LEASE = ("lease_owner", "lease_until")
_FAILURE = ("failure_code", "failure_reason", "failure_until", "failure_count", "failure_keys")
_CLEAR = _LEASE + _FAILURE
_TOKEN = ("sealed", "fingerprint", "key_id", "config_hash", "token_fence", "issued_at", "soft_expiry", "hard_expiry")


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


# --- what to do next -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Serve:
    """Open the sealed copy and serve it."""


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
class Refuse:
    """Raise this error."""

    error: SfmintError


@dataclass(frozen=True, slots=True)
class Mine:
    """The refused acquire had landed before: the lease is mine."""


@dataclass(frozen=True, slots=True)
class Reread:
    """The row moved on since it was read: take it from there, and read the secret again."""


type Step = Serve | Mint | Wait | Report | Refuse


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
    soft = row.soft_expiry is not None and row.soft_expiry <= now + want.horizon_s
    short = (
        row.hard_expiry is not None
        and row.hard_expiry < _need(row, want, now)
        and row.issued_at is not None
        and row.issued_at <= now - YOUNG_S
    )
    return soft or short


def next_step(row: CacheRow, want: Want, now: float) -> Step:
    """Decide on a row that was just read."""
    if servable(row, want, now):
        at_rest = not due(row, want, now) or _leased(row, now) or failing(row, now)
        return Serve() if at_rest else Mint(spare=True)
    if _leased(row, now) or _young_and_bad(row, want, now):
        return Wait()
    if failing(row, now) and row.failure_code != AssertionRejected.__name__:
        return Refuse(remembered(row))
    if _unmarked(row, want):
        return Report()
    return Mint(spare=False)


def after_refused_acquire(row: CacheRow, attempt: Attempt, want: Want, now: float) -> Step | Mine | Reread:
    """Decide on the row that refused an acquire: the first line that holds."""
    if row.lease_owner == attempt.me:
        return Mine()
    if row.fence != attempt.seen:
        return Reread()
    if servable(row, want, now):
        return Serve()
    if _leased(row, now):
        return Wait()
    if attempt.key_id in (row.tainted_keys or ()):
        return Refuse(tainted(attempt.key_id))
    if failing(row, now) and _concerns(row, attempt):
        return Refuse(remembered(row))
    if _unmarked(row, want):
        return Report()
    return Wait()


def remembered(row: CacheRow) -> SfmintError:
    """Return the error of the failure that a row remembers."""
    reason = REASONS.get(row.failure_reason or "")
    if reason is not None and reason.error.__name__ == row.failure_code:
        return reason.to_error()
    return SalesforceUnavailable("The last login failed.", remedy="Call again later, or flush the connection.")


def tainted(key_id: str) -> InvalidCredentials:
    """Return the error for a key that may never mint again."""
    return InvalidCredentials(f"The key {key_id} is tainted.", remedy="Make a new key, and store and upload it.")


def _need(row: CacheRow, want: Want, now: float) -> float:
    """Return the hard expiry that the caller's min_ttl asks for, clamped to half of the token's life."""
    if row.hard_expiry is None or row.issued_at is None:
        return now + want.min_ttl
    return now + min(want.min_ttl, (row.hard_expiry - row.issued_at) / 2)


def _leased(row: CacheRow, now: float) -> bool:
    return row.lease_until is not None and now < row.lease_until <= now + ABSURD_S


def failing(row: CacheRow, now: float) -> bool:
    """Return whether the failure that the row remembers still counts."""
    return row.failure_until is not None and now < row.failure_until <= now + NEVER_S


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


# --- the requests ----------------------------------------------------------------------------------------------------


def acquire(attempt: Attempt, row: CacheRow, want: Want) -> Update:
    """Take the lease, if nobody holds it and a mint is due."""
    now = attempt.since
    stale = AnyOf(
        Missing("fingerprint"),
        Missing("sealed"),
        Missing("token_fence"),
        Missing("hard_expiry"),
        Compare("soft_expiry", "<=", now + want.horizon_s),
        Compare("hard_expiry", "<=", now),
        Same("rejected", "fingerprint"),
        AllOf(
            Compare("hard_expiry", "<", _need(row, want, now)),
            Compare("issued_at", "<=", now - YOUNG_S),
        ),
        AllOf(
            Compare("token_fence", "=", -1 if want.bad_fence is None else want.bad_fence),
            Not(Between("issued_at", now - YOUNG_S, now + ABSURD_S)),
        ),
    )
    return Update(
        name="acquire",
        assign={"lease_owner": attempt.me, "lease_until": now + LEASE_S},
        increment=("fence",),
        condition=AllOf(
            Missing("fence") if attempt.seen is None else Compare("fence", "=", attempt.seen),
            AnyOf(
                Missing("lease_until"),
                Compare("lease_until", "<=", now),
                Compare("lease_until", ">", now + ABSURD_S),
            ),
            stale,
            AnyOf(
                Missing("failure_until"),
                Compare("failure_until", "<=", now),
                Compare("failure_until", ">", now + NEVER_S),
                AllOf(
                    Compare("failure_code", "=", AssertionRejected.__name__),
                    Not(Contains("failure_keys", attempt.failure_key)),
                ),
            ),
            Not(Contains("tainted_keys", attempt.key_id)),
        ),
    )


def publish(lease: Lease, token: AccessToken, sealed: bytes) -> Update:
    """Put the new token on the row, or say of the row's own session that Salesforce handed it out again."""
    if token.fingerprint != lease.row.fingerprint:
        new = AnyOf(Missing("fingerprint"), Compare("fingerprint", "<>", token.fingerprint))
        return _put(lease, token, sealed, "publish", _unrejected(token), new)
    same = Compare("fingerprint", "=", token.fingerprint)
    if lease.row.rejected != token.fingerprint:
        return _put(lease, token, sealed, "reaffirm", _unrejected(token), same)
    aged = AllOf(
        Compare("rejected", "=", token.fingerprint),
        Compare("last_rejected_at", "<=", token.issued_at - REJECT_WINDOW_S),
    )
    again = _put(lease, token, sealed, "reaffirm-2", same, aged)
    return replace(again, remove=(*again.remove, "rejected"))


def reaffirmed(lease: Lease, token: AccessToken, lifetime_s: float) -> AccessToken:
    """Return the token with the times of a session that is handed out again, if it is one; else as it is."""
    if token.fingerprint != lease.row.fingerprint:
        return token
    asked_at = max(token.issued_at, lease.attempt.since)
    longest = asked_at + lifetime_s * (1 - MARGIN)
    row_hard = min(lease.row.hard_expiry or 0.0, longest)
    return replace(
        token,
        issued_at=asked_at,
        soft_expiry=asked_at + REUSED_SOFT_S,
        hard_expiry=min(max(row_hard, asked_at + REUSED_HARD_S), token.ends_at()),
    )


def fail(lease: Lease, reason: Reason, now: float, jitter: float) -> Update:
    """Remember why the mint failed, and give the lease back."""
    row, key = lease.row, lease.attempt.failure_key
    known = row.failure_keys or frozenset()
    count = (row.failure_count or 0) + 1 if key in known else 1
    values: dict[str, Value] = {
        "failure_code": reason.error.__name__,
        "failure_reason": reason.code,
        "failure_until": remembered_until(reason, count, now, jitter),
        "failure_count": count,
        "failure_keys": frozenset({key}) | (known if failing(row, now) else frozenset()),
    }
    return Update(name="fail", assign=values, remove=_LEASE, condition=_mine(lease))


def release(lease: Lease) -> Update:
    """Give the lease back without having minted."""
    return Update(name="release", remove=_LEASE, condition=_mine(lease))


def reject(fingerprint: str, now: float) -> Update:
    """Mark the row's token as rejected, and begin a window of rejections."""
    return Update(
        name="reject",
        assign={
            "rejected": fingerprint,
            "last_rejected_at": now,
            "reject_window": now,
            "reject_count": 1,
        },
        remove=("sealed",),
        condition=AllOf(
            *_rejectable(fingerprint, now),
            AnyOf(Missing("reject_window"), Compare("reject_window", "<=", now - REJECT_WINDOW_S)),
        ),
    )


def reject_again(fingerprint: str, now: float) -> Update:
    """Mark the row's token as rejected inside a window that runs."""
    return Update(
        name="reject-again",
        assign={"rejected": fingerprint, "last_rejected_at": now},
        increment=("reject_count",),
        remove=("sealed",),
        condition=AllOf(
            *_rejectable(fingerprint, now),
            Compare("reject_window", ">", now - REJECT_WINDOW_S),
            Compare("reject_count", "<", REJECT_LIMIT),
        ),
    )


def rejection_stands(row: CacheRow, fingerprint: str) -> bool:
    """Return whether a refused rejection needs nothing more: done before, or the token has a successor."""
    return row.rejected == fingerprint or row.fingerprint != fingerprint


def counts_again(row: CacheRow, fingerprint: str, now: float) -> bool:
    """Return whether a refused rejection is one more in a window that runs."""
    runs = row.reject_window is not None and row.reject_window > now - REJECT_WINDOW_S
    return runs and not rejection_stands(row, fingerprint)


def flush() -> Update:
    """Drop the token, the lease and the remembered failure; whoever mints meanwhile is fenced out."""
    return Update(name="flush", increment=("fence",), remove=_CLEAR + _TOKEN)


def taint(key_id: str, *, of_row: bool) -> Update:
    """Bar a key for good; whoever mints with it meanwhile is fenced out.

    Args:
        key_id: which key.
        of_row: the row's token is this key's, and goes too. Otherwise the row's token must be another key's, and stays.
    """
    others = AnyOf(Missing("key_id"), Compare("key_id", "<>", key_id))
    return Update(
        name="taint",
        increment=("fence",),
        add={"tainted_keys": frozenset({key_id})},
        remove=_LEASE + _TOKEN if of_row else _LEASE,
        condition=Compare("key_id", "=", key_id) if of_row else others,
    )


def budget_key(connection: Connection, now: float) -> str:
    """Return the key of the item that counts the logins of one Salesforce user in one hour."""
    user = f"{connection.token_host}|{connection.username}".encode()
    return f"b1#{hashlib.sha256(user).hexdigest()[:16]}#{int(now // 3600)}"


def spend_login(limit: int, now: float) -> Update:
    """Count one login against the hour's budget."""
    return Update(
        name="budget",
        increment=("logins",),
        keep={"ttl": int(now) + 2 * 3600},
        condition=AnyOf(Missing("logins"), Compare("logins", "<", limit)),
    )


def landed(item: Item | None, lease: Lease) -> bool:
    """Return whether a publish that was refused, or never answered, had landed before."""
    return CacheRow.from_item(item).token_fence == lease.fence


def held(item: Item | None, lease: Lease) -> bool:
    """Return whether the lease is still the row's."""
    row = CacheRow.from_item(item)
    return row.fence == lease.fence and row.lease_owner == lease.attempt.me


def _put(lease: Lease, token: AccessToken, sealed: bytes, name: str, *conditions: AnyOf | AllOf | Compare) -> Update:
    values: dict[str, Value] = {
        "sealed": sealed,
        "fingerprint": token.fingerprint,
        "key_id": lease.attempt.key_id,
        "config_hash": lease.attempt.config_hash,
        "token_fence": lease.fence,
        "issued_at": token.issued_at,
        "soft_expiry": token.soft_expiry,
        "hard_expiry": token.hard_expiry,
    }
    return Update(
        name=name,
        assign=values,
        remove=_CLEAR,
        condition=AllOf(_mine(lease), Not(Contains("tainted_keys", lease.attempt.key_id)), *conditions),
    )


def _mine(lease: Lease) -> AllOf:
    return AllOf(Compare("fence", "=", lease.fence), Compare("lease_owner", "=", lease.attempt.me))


def _unrejected(token: AccessToken) -> AnyOf:
    return AnyOf(Missing("rejected"), Compare("rejected", "<>", token.fingerprint))


def _rejectable(fingerprint: str, now: float) -> tuple[Compare, AnyOf, AnyOf]:
    return (
        Compare("fingerprint", "=", fingerprint),
        AnyOf(Missing("rejected"), Compare("rejected", "<>", fingerprint)),
        AnyOf(Missing("last_rejected_at"), Compare("last_rejected_at", "<=", now - REJECT_GAP_S)),
    )
