"""One connection's row at noon and what may have happened to it, and each write with a row that it is made for."""

from dataclasses import replace
from typing import Any

from sfmint.row import writes
from sfmint.row.conditional_write import ConditionalWrite, Value
from sfmint.row.decisions import Attempt, Lease, Progress, Want
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import NOON
from sfmint_values.secret import Secret, fingerprint_of

FP, OTHER_FP = "f" * 16, "0" * 16
GOOD: dict[str, Value] = {
    "fence": 7,
    "sealed": b"copy",
    "fingerprint": FP,
    "key_id": "key",
    "config_hash": "config",
    "token_fence": 7,
    "issued_at": NOON - 100,
    "soft_expiry": NOON + 350,
    "hard_expiry": NOON + 755,
}
SOFT = {"soft_expiry": NOON}
LEASED: dict[str, Value] = {"lease_owner": "other", "lease_until": NOON + 20}
FAILING: dict[str, Value] = {
    "failure_code": "SalesforceUnavailable",
    "failure_reason": "no_answer",
    "failure_until": NOON + 60,
    "failure_count": 1,
    "failure_keys": frozenset({"config|key"}),
}
REFUSED = FAILING | {"failure_code": "AssertionRejected", "failure_reason": "wrong_key"}
REJECTED: dict[str, Value] = {"rejected": FP, "last_rejected_at": NOON - 5}
LIFE = {"issued_at": NOON - 800, "hard_expiry": NOON + 200}  # a thousand seconds
MINE = {"lease_owner": "me", "lease_until": NOON + 20}
TAINTED = {"tainted_keys": frozenset({"key"})}
ATTEMPT = Attempt(me="me", seen=7, key_id="key", config_hash="config", since=NOON)
GONE: Any = ...  # in place of a value: the attribute is not there


def item(*changes: dict[str, Any], base: dict[str, Value] = GOOD) -> dict[str, Value]:
    """Return the good row with changes; GONE takes an attribute away."""
    changed: dict[str, Any] = dict(base)
    for change in changes:
        changed |= change
    return {name: value for name, value in changed.items() if value is not GONE}


def row(*changes: dict[str, Any]) -> CacheRow:
    return CacheRow.from_item(item(*changes))


def asked(case: Want | Progress) -> tuple[Want, Progress]:
    """Return what a caller wants and what has come of it; a case names the one that matters to it."""
    return (case, Progress()) if isinstance(case, Want) else (Want(), case)


def gone(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, GONE)


EMPTY = gone(*GOOD)
TOKEN = AccessToken(
    connection="orders",
    access_token=Secret("token"),
    token_type="Bearer",
    instance_url="https://acme.my.salesforce.com",
    scope="api",
    id="",
    org_id="",
    user_id="",
    fingerprint=fingerprint_of("token"),
    issued_at=NOON,
    soft_expiry=NOON + 450,
    hard_expiry=NOON + 855,
)
NEW = TOKEN.fingerprint
LEASE_ROW = item(MINE, {"fence": 8})
LEASE = Lease(attempt=ATTEMPT, fence=8, row=CacheRow.from_item(LEASE_ROW))
AGAIN = item({"fingerprint": NEW}, base=LEASE_ROW)  # the row already holds the session that is handed out again
AGAIN_LEASE = replace(LEASE, row=CacheRow.from_item(AGAIN))
AGED = item({"rejected": NEW, "last_rejected_at": NOON - 600}, base=AGAIN)
AGED_LEASE = replace(LEASE, row=CacheRow.from_item(AGED))
FLUSHED = item(dict.fromkeys(("sealed", "fingerprint", "key_id", "config_hash", "token_fence"), GONE), base=AGED)
FLUSHED_LEASE = replace(LEASE, row=CacheRow.from_item(FLUSHED))
DUE = item(SOFT)
WINDOW = item({"last_rejected_at": NOON - 60, "reject_window": NOON - 599, "reject_count": 2})
WRITES: dict[str, tuple[ConditionalWrite, dict[str, Value]]] = {
    "acquire": (writes.acquire(ATTEMPT, CacheRow.from_item(DUE), Want(), Progress()), DUE),
    "first acquire": (writes.acquire(replace(ATTEMPT, seen=None), CacheRow(), Want(), Progress()), {}),
    "publish": (writes.publish(LEASE, TOKEN, b"new"), LEASE_ROW),
    "reaffirm": (writes.publish(AGAIN_LEASE, TOKEN, b"new"), AGAIN),
    "reaffirm-2": (writes.publish(AGED_LEASE, TOKEN, b"new"), AGED),
    "reaffirm-2 after a flush": (writes.publish(FLUSHED_LEASE, TOKEN, b"new"), FLUSHED),
    "fail": (writes.fail(LEASE, LoginFailed(REASONS["wrong_key"]), NOON, 1.0), LEASE_ROW),
    "release": (writes.release(LEASE), LEASE_ROW),
    "reject": (writes.reject(FP, NOON), item()),
    "reject-again": (writes.reject_again(FP, NOON), WINDOW),
    "taint": (writes.taint("key", of_row=True), item()),
    "taint of another's": (writes.taint("leaked", of_row=False), item()),
    "budget": (writes.spend_login(240, NOON), {"logins": 239}),
}
