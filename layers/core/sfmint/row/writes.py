"""The requests of the shared cache: each one conditional write, computed by the caller.

A condition has no arithmetic, so every instant that it compares with is worked out here. Instants are epoch seconds.
"""

import hashlib
from dataclasses import replace

from sfmint.errors import AssertionRejected
from sfmint.row.conditional_write import (
    FOREIGN,
    AllOf,
    AnyOf,
    Between,
    Compare,
    ConditionalWrite,
    Contains,
    Item,
    Missing,
    Not,
    OfType,
    Same,
    Value,
)
from sfmint.row.decisions import (
    ABSURD_S,
    LEASE_S,
    NEVER_S,
    REJECT_GAP_S,
    REJECT_LIMIT,
    REJECT_WINDOW_S,
    YOUNG_S,
    Attempt,
    Lease,
    Want,
    failing,
    need,
)
from sfmint.row.row import CacheRow, type_of
from sfmint.salesforce.access_token import MARGIN, REUSED_HARD_S, REUSED_SOFT_S, AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.reason import LONGEST_S, remembered_until
from sfmint.salesforce.login_failures.table import LoginFailed

_LEASE = ("lease_owner", "lease_until")
_FAILURE = ("failure_code", "failure_reason", "failure_detail", "failure_until", "failure_count", "failure_keys")
_CLEAR = _LEASE + _FAILURE
_TOKEN = ("sealed", "fingerprint", "key_id", "config_hash", "token_fence", "issued_at", "soft_expiry", "hard_expiry")


def acquire(attempt: Attempt, row: CacheRow, want: Want) -> ConditionalWrite:
    """Take the lease, if nobody holds it and a mint is due."""
    now = attempt.since
    stale = AnyOf(
        Missing("fingerprint"),
        Missing("sealed"),
        Missing("token_fence"),
        Missing("hard_expiry"),
        Compare("soft_expiry", "<=", now),
        AllOf(
            Compare("soft_expiry", "<=", now + want.horizon_s),
            Compare("issued_at", "<=", now - YOUNG_S),
        ),
        Compare("hard_expiry", "<=", now),
        Same("rejected", "fingerprint"),
        AllOf(
            Compare("hard_expiry", "<", need(row, want, now)),
            Compare("issued_at", "<=", now - YOUNG_S),
        ),
        AllOf(
            Compare("token_fence", "=", -1 if want.bad_fence is None else want.bad_fence),
            Not(Between("issued_at", now - YOUNG_S, now + ABSURD_S)),
        ),
    )
    return ConditionalWrite(
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


def publish(lease: Lease, token: AccessToken, sealed: bytes) -> ConditionalWrite:
    """Put the new token on the row, or say of the row's own session that Salesforce handed it out again.

    A session that was rejected comes back if Salesforce hands it out ten minutes later, by then on purpose.
    """
    is_the_row_s, is_rejected = (token.fingerprint == known for known in (lease.row.fingerprint, lease.row.rejected))
    same = Compare("fingerprint", "=", token.fingerprint)
    other = AnyOf(Missing("fingerprint"), Compare("fingerprint", "<>", token.fingerprint))
    aged = AllOf(
        Compare("rejected", "=", token.fingerprint),
        Compare("last_rejected_at", "<=", token.issued_at - REJECT_WINDOW_S),
    )
    update = _put(
        lease,
        token,
        sealed,
        "reaffirm-2" if is_rejected else "reaffirm" if is_the_row_s else "publish",
        aged if is_rejected else AnyOf(Missing("rejected"), Compare("rejected", "<>", token.fingerprint)),
        same if is_the_row_s else other,
    )
    # A session handed out again stays that of the key that began it: tainting that key must find it.
    minted_by: Item = {"key_id": lease.attempt.key_id, "config_hash": lease.attempt.config_hash}
    return replace(
        update,
        assign=update.assign if is_the_row_s else {**update.assign, **minted_by},
        remove=(*update.remove, "rejected") if is_rejected else update.remove,
    )


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


def fail(lease: Lease, failed: LoginFailed, now: float, jitter: float) -> ConditionalWrite:
    """Remember why the mint failed, and give the lease back."""
    reason, detail = failed.reason, failed.detail
    row, key = lease.row, lease.attempt.failure_key
    known = row.failure_keys or frozenset()
    count = (row.failure_count or 0) + 1 if key in known else 1
    values: dict[str, Value] = {
        "failure_code": reason.error.__name__,
        "failure_reason": reason.code,
        "failure_until": max(remembered_until(reason, count, now, jitter), now + min(failed.retry_after_s, LONGEST_S)),
        "failure_count": count,
        "failure_keys": frozenset({key}) | (known if failing(row, now) else frozenset()),
    }
    if detail:
        values["failure_detail"] = detail
    remove = _LEASE if detail else (*_LEASE, "failure_detail")  # an earlier failure's
    return ConditionalWrite(name="fail", assign=values, remove=remove, condition=_mine(lease))


def release(lease: Lease) -> ConditionalWrite:
    """Give the lease back without having minted."""
    return ConditionalWrite(name="release", remove=_LEASE, condition=_mine(lease))


def reject(fingerprint: str, now: float) -> ConditionalWrite:
    """Mark the row's token as rejected, and begin a window of rejections."""
    return ConditionalWrite(
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


def reject_again(fingerprint: str, now: float) -> ConditionalWrite:
    """Mark the row's token as rejected inside a window that runs."""
    return ConditionalWrite(
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


def repair(row: CacheRow) -> ConditionalWrite:
    """Take away what somebody else has written into the row, as long as it stands there."""
    return ConditionalWrite(
        name="repair",
        remove=tuple(name for name, _ in row.malformed),
        condition=AllOf(
            *(
                Not(OfType(name, type_of(name))) if value == FOREIGN else Compare(name, "=", value)
                for name, value in row.malformed
            )
        ),
    )


def flush() -> ConditionalWrite:
    """Drop the token, the lease and the remembered failure; whoever mints meanwhile is fenced out."""
    return ConditionalWrite(name="flush", increment=("fence",), remove=_CLEAR + _TOKEN)


def taint(key_id: str, *, of_row: bool) -> ConditionalWrite:
    """Bar a key for good; whoever mints with it meanwhile is fenced out.

    Args:
        key_id: which key.
        of_row: the row's token is this key's, and goes too. Otherwise the row's token must be another key's, and stays.
    """
    others = AnyOf(Missing("key_id"), Compare("key_id", "<>", key_id))
    return ConditionalWrite(
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


def spend_login(limit: int, now: float) -> ConditionalWrite:
    """Count one login against the hour's budget."""
    return ConditionalWrite(
        name="budget",
        increment=("logins",),
        keep={"ttl": int(now) + 2 * 3600},
        condition=AnyOf(Missing("logins"), Compare("logins", "<", limit)),
    )


def _put(
    lease: Lease, token: AccessToken, sealed: bytes, name: str, *conditions: AnyOf | AllOf | Compare
) -> ConditionalWrite:
    values: dict[str, Value] = {
        "sealed": sealed,
        "fingerprint": token.fingerprint,
        "token_fence": lease.fence,
        "issued_at": token.issued_at,
        "soft_expiry": token.soft_expiry,
        "hard_expiry": token.hard_expiry,
    }
    return ConditionalWrite(
        name=name,
        assign=values,
        remove=_CLEAR,
        condition=AllOf(_mine(lease), Not(Contains("tainted_keys", lease.attempt.key_id)), *conditions),
    )


def _mine(lease: Lease) -> AllOf:
    return AllOf(Compare("fence", "=", lease.fence), Compare("lease_owner", "=", lease.attempt.me))


def _rejectable(fingerprint: str, now: float) -> tuple[Compare, AnyOf, AnyOf]:
    return (
        Compare("fingerprint", "=", fingerprint),
        AnyOf(Missing("rejected"), Compare("rejected", "<>", fingerprint)),
        AnyOf(Missing("last_rejected_at"), Compare("last_rejected_at", "<=", now - REJECT_GAP_S)),
    )
