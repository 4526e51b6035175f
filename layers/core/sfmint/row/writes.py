"""The requests of the shared cache: each one conditional write, computed by the caller.

A condition has no arithmetic, so every instant that it compares with is worked out here. Instants are epoch seconds.
"""

import hashlib

from sfmint.errors import AssertionRejected
from sfmint.lifetime import MARGIN, Lifetime
from sfmint.row.clauses.acquire import may_acquire
from sfmint.row.clauses.budget import budget_left
from sfmint.row.clauses.lease import mine
from sfmint.row.clauses.publish import may_publish
from sfmint.row.clauses.reject import may_reject, may_reject_again
from sfmint.row.clauses.repair import still_malformed
from sfmint.row.clauses.taint import minted_by, not_minted_by, room_left
from sfmint.row.conditional_write import AllOf, ConditionalWrite, Value
from sfmint.row.decisions import LEASE_S, Attempt, Lease, Progress, Want, servable
from sfmint.row.row import BUDGETS, CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.reason import IN_ROTATION_S, LONGEST_S, SHORTEST_PAUSE_S, Reason, remembered_until
from sfmint.salesforce.login_failures.table import LoginFailed

_LEASE = ("lease_owner", "lease_until")
_FAILURE = ("failure_code", "failure_reason", "failure_detail", "failure_until", "failure_count", "failure_keys")
_CLEAR = _LEASE + _FAILURE
_KEY = ("key_id", "key_since", "certificate_until", "config_hash")
_TOKEN = ("sealed", "fingerprint", *_KEY, "token_fence", "issued_at", "soft_expiry", "hard_expiry")


def acquire(attempt: Attempt, row: CacheRow, want: Want, progress: Progress) -> ConditionalWrite:
    """Take the lease, if nobody holds it and a login is due."""
    return ConditionalWrite(
        name="acquire",
        assign={"lease_owner": attempt.me, "lease_until": attempt.since + LEASE_S},
        increment=("fence",),
        condition=may_acquire(attempt, row, want, progress),
        repeatable=True,  # a first try that landed is recognised by its owner
        takes_lease=True,
    )


def publish(lease: Lease, token: AccessToken, sealed: bytes) -> ConditionalWrite:
    """Put the new token on the row, or confirm the row's own session, if Salesforce handed that out again.

    A session that was rejected comes back if Salesforce hands it out ten minutes later, by then on purpose.
    """
    is_the_row_s, is_rejected = (token.fingerprint == known for known in (lease.row.fingerprint, lease.row.rejected))
    values: dict[str, Value] = {
        "sealed": sealed,
        "fingerprint": token.fingerprint,
        "token_fence": lease.fence,
        "issued_at": token.issued_at,
        "soft_expiry": token.soft_expiry,
        "hard_expiry": token.hard_expiry,
    }
    # A session handed out again stays that of the key that began it: tainting that key must find it.
    minted_by_me = {} if is_the_row_s else _minted_by(lease)
    outdated = () if is_the_row_s or "certificate_until" in minted_by_me else ("certificate_until",)
    return ConditionalWrite(
        name="reaffirm-2" if is_rejected else "reaffirm" if is_the_row_s else "publish",
        assign={**values, **minted_by_me},
        remove=(*_CLEAR, *outdated, "rejected") if is_rejected else (*_CLEAR, *outdated),
        condition=may_publish(lease, token, is_the_row_s=is_the_row_s, is_rejected=is_rejected),
    )


def _minted_by(lease: Lease) -> dict[str, Value]:
    """Return what a row says of the key that minted its token; `key_since` stays while the key does."""
    attempt, row = lease.attempt, lease.row
    known = row.key_since if row.key_id == attempt.key_id else None
    since = attempt.since if known is None else known
    said: dict[str, Value] = {"key_id": attempt.key_id, "key_since": since, "config_hash": attempt.config_hash}
    return said if attempt.certificate_until is None else {**said, "certificate_until": attempt.certificate_until}


def reaffirmed(lease: Lease, token: AccessToken, lifetime_s: float) -> AccessToken:
    """Return the token with the times of a session that is handed out again, if it is one; else as it is."""
    if token.fingerprint != lease.row.fingerprint:
        return token
    asked_at = max(token.issued_at, lease.attempt.since)
    known = min(lease.row.hard_expiry or 0.0, asked_at + lifetime_s * (1 - MARGIN))
    return token.living(Lifetime.handed_out_again(asked_at, known, token.ends_at()))


def fail(lease: Lease, failed: LoginFailed, now: float, jitter: float) -> ConditionalWrite:
    """Remember why the mint failed, and give the lease back."""
    reason, detail = failed.reason, failed.detail
    row, key = lease.row, lease.attempt.failure_key
    known = row.failure_keys or frozenset()
    before = row.failure_count or 0
    # The second key of a round adds nothing, and takes nothing away: its pause is that of the first.
    count = before + 1 if key in known else max(1, before) if lease.attempt.is_second and row.is_failing(now) else 1
    usual = remembered_until(reason, count, now, jitter)
    values: dict[str, Value] = {
        "failure_code": reason.error.__name__,
        "failure_reason": reason.code,
        "failure_until": max(_pause_ends(lease, reason, now, usual), now + min(failed.retry_after_s, LONGEST_S)),
        "failure_count": count,
        "failure_keys": frozenset({key}) | (known if row.is_failing(now) else frozenset()),
    }
    if detail:
        values["failure_detail"] = detail
    remove = _LEASE if detail else (*_LEASE, "failure_detail")  # an earlier failure's
    return ConditionalWrite(name="fail", assign=values, remove=remove, condition=mine(lease))


def _pause_ends(lease: Lease, reason: Reason, now: float, usual: float) -> float:
    """Return until when a failure is remembered: a refusal for less long than usual while a change of the app may be arriving.

    It arrives within ten minutes, in which a key may be refused at one moment and accepted at the next. So a token that is
    served meanwhile is refreshed before it is over, and a rotation that was late is noticed soon after.
    """
    if reason.error is not AssertionRejected:
        return usual
    row, most_s = lease.row, IN_ROTATION_S if lease.attempt.in_rotation else LONGEST_S
    if row.hard_expiry is not None and servable(row, Want(), Progress(), now):
        most_s = min(most_s, max(SHORTEST_PAUSE_S, (row.hard_expiry - now) / 2))
    return min(usual, now + most_s)


def release(lease: Lease) -> ConditionalWrite:
    """Give the lease back without having minted."""
    return ConditionalWrite(name="release", remove=_LEASE, condition=mine(lease))


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
        condition=may_reject(fingerprint, now),
        repeatable=True,  # a first try that landed has marked this very token
    )


def reject_again(fingerprint: str, now: float) -> ConditionalWrite:
    """Mark the row's token as rejected inside a window that runs."""
    return ConditionalWrite(
        name="reject-again",
        assign={"rejected": fingerprint, "last_rejected_at": now},
        increment=("reject_count",),
        remove=("sealed",),
        condition=may_reject_again(fingerprint, now),
        repeatable=True,  # likewise
    )


def repair(row: CacheRow) -> ConditionalWrite:
    """Take away what somebody else has written into the row, as long as it stands there."""
    return ConditionalWrite(
        name="repair",
        remove=tuple(name for name, _ in row.malformed),
        condition=still_malformed(row),
    )


def flush() -> ConditionalWrite:
    """Drop the token, the lease and the remembered failure; a mint that is under way is fenced out."""
    return ConditionalWrite(name="flush", increment=("fence",), remove=_CLEAR + _TOKEN, fences_out=True)


def taint(key_id: str, *, of_row: bool) -> ConditionalWrite:
    """Bar a key for as long as the row stands; a mint with it that is under way is fenced out.

    Args:
        key_id: which key.
        of_row: the row's token is this key's, and goes too. Otherwise the row's token must be another key's, and stays.
    """
    return ConditionalWrite(
        name="taint",
        increment=("fence",),
        add={"tainted_keys": frozenset({key_id})},
        remove=_LEASE + _TOKEN if of_row else _LEASE,
        condition=AllOf(minted_by(key_id) if of_row else not_minted_by(key_id), room_left(key_id)),
        fences_out=True,
    )


def budget_key(connection: Connection, now: float) -> str:
    """Return the key of the item that counts the logins of one Salesforce user in one hour."""
    user = f"{connection.token_host}|{connection.username}".encode()
    return f"{BUDGETS}{hashlib.sha256(user).hexdigest()[:16]}#{int(now // 3600)}"


def spend_login(limit: int, now: float) -> ConditionalWrite:
    """Count one login against the hour's budget."""
    return ConditionalWrite(
        name="budget",
        increment=("logins",),
        keep={"ttl": int(now) + 2 * 3600},
        condition=budget_left(limit),
        repeatable=True,  # a login that is counted twice only makes the limit come sooner
    )
