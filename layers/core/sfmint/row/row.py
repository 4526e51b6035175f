"""The row that one connection has in the store: the token sealed, the lease, the failure, the rejections."""

from dataclasses import dataclass, fields
from math import inf
from typing import Any, Literal, Self, get_args

from sfmint.lifetime import EARLIEST, LATEST, Lifetime
from sfmint.row.conditional_write import FOREIGN, Item, Value

ABSURD_S = 60.0  # a lease or issue time further ahead than this was written by a broken clock
NEVER_S = 3900.0  # likewise a failure: none is remembered for longer than an hour
BUDGETS = "b1#"  # what the keys of login budgets begin with, which are items of the same store
SCHEMA = "t1#"  # an incompatible row gets t2#, so that old and new code run side by side


def row_key(connection: str) -> str:
    """Return the key of a connection's row."""
    return SCHEMA + connection


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRow:
    """One row as it was read. What sfmint cannot have written counts as missing, and is named. Instants are epoch seconds.

    Attributes:
        fence: grows with every lease that is granted, and every flush and taint; None: there was none.
        lease_owner: who holds the lease, unique to one attempt.
        lease_until: when it ends by itself.
        sealed: the whole token answer, encrypted. All below are hints; only this is believed.
        fingerprint: of the sealed token.
        key_id: which key minted it.
        key_since: since when that key mints, without another in between.
        certificate_until: end of that key's certificate; None: the secret has none.
        config_hash: which configuration minted it.
        token_fence: the fence under which it was published.
        issued_at: when it was issued.
        soft_expiry: from when on it is refreshed.
        hard_expiry: from when on it is never served.
        rejected: fingerprint of the token that was rejected last.
        last_rejected_at: when.
        reject_window: start of the window in which rejections are counted.
        reject_count: rejections in that window.
        failure_code: class name of the failure that is remembered.
        failure_reason: code of its reason.
        failure_detail: what is known of that one case, a clause.
        failure_until: until when it is remembered.
        failure_count: failures in a row.
        failure_keys: `config_hash|key_id` of those who met it.
        tainted_keys: key ids that may never mint again.
        malformed: attributes of a wrong type, and numbers that are no instant and no count, with their values: somebody
            else must have written them. `tainted_keys` is never among them: it must not be removed, and
            `contains` works on a list too.
    """

    fence: int | None = None
    lease_owner: str | None = None
    lease_until: float | None = None
    sealed: bytes | None = None
    fingerprint: str | None = None
    key_id: str | None = None
    key_since: float | None = None
    certificate_until: float | None = None
    config_hash: str | None = None
    token_fence: int | None = None
    issued_at: float | None = None
    soft_expiry: float | None = None
    hard_expiry: float | None = None
    rejected: str | None = None
    last_rejected_at: float | None = None
    reject_window: float | None = None
    reject_count: int | None = None
    failure_code: str | None = None
    failure_reason: str | None = None
    failure_detail: str | None = None
    failure_until: float | None = None
    failure_count: int | None = None
    failure_keys: frozenset[str] | None = None
    tainted_keys: frozenset[str] | None = None
    malformed: tuple[tuple[str, Value], ...] = ()

    @property
    def lifetime(self) -> Lifetime:
        """The token's times; one that is missing is infinitely far ahead."""
        times = (self.issued_at, self.soft_expiry, self.hard_expiry)
        return Lifetime(*(inf if instant is None else instant for instant in times))

    @classmethod
    def from_item(cls, item: Item | None) -> Self:
        """Return the row of a stored item; no item is an empty row."""
        known = {name: item[name] for name in _TYPES if name in item} if item else {}
        good = {
            name: value
            for name, value in known.items()
            if type(value) in _TYPES[name] and (EARLIEST <= value <= LATEST if name in _NUMBERS else value != FOREIGN)  # type: ignore[operator]
        }
        odd = tuple((name, value) for name, value in known.items() if name not in good and name != "tainted_keys")
        return cls(**good, malformed=odd)  # type: ignore[arg-type]

    def is_leased(self, now: float) -> bool:
        """Return whether somebody holds the lease."""
        return self.lease_until is not None and now < self.lease_until <= now + ABSURD_S

    def is_failing(self, now: float) -> bool:
        """Return whether the failure that the row remembers still counts."""
        return self.failure_until is not None and now < self.failure_until <= now + NEVER_S

    def stands_by(self, fingerprint: str) -> bool:
        """Return whether this is the row's token, and was not rejected."""
        return fingerprint == self.fingerprint != self.rejected

    def flaw(self, now: float) -> str | None:
        """Return what is odd about the row: nothing that sfmint writes, or a clock far off. A mint repairs it."""
        parts = [self.fingerprint, self.token_fence, self.hard_expiry, self.issued_at, self.soft_expiry]
        whole = [part is not None for part in parts]
        if self.fingerprint is None or self.fingerprint != self.rejected:  # a rejection takes the sealed copy away
            whole.append(self.sealed is not None)
        if any(whole) and not all(whole):
            return "half a token"
        if self.lease_until is not None and self.lease_until > now + ABSURD_S:
            return "a lease that ends far ahead"
        if self.failure_until is not None and self.failure_until > now + NEVER_S:
            return "a failure that lasts far ahead"
        return None


def type_of(name: str) -> Literal["S", "N", "B", "SS"]:
    """Return the type of a row's attribute in DynamoDB's letters."""
    return _LETTERS[_TYPES[name][0]]


def _accepted(hint: Any) -> tuple[type, ...]:
    kinds = tuple(getattr(kind, "__origin__", kind) for kind in get_args(hint) if kind is not type(None))
    return (*kinds, int) if float in kinds else kinds  # a whole number of seconds is stored as an integer


_TYPES = {field.name: _accepted(field.type) for field in fields(CacheRow) if field.name != "malformed"}
_NUMBERS = frozenset(name for name, types in _TYPES.items() if int in types)  # counts are smaller than any instant
_LETTERS: dict[type, Literal["S", "N", "B", "SS"]] = {str: "S", int: "N", float: "N", bytes: "B", frozenset: "SS"}
