"""What sfmint promises, checked against what has truly happened: nothing here believes the row."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from model.salesforce import Salesforce, key_id_of
from sfmint.row.conditional_write import ConditionalWrite, Item
from sfmint.salesforce.connection import MOST_TAINTED_KEYS, Connection
from sfmint_local.promises import AGAIN_S, APART_S, REJECTIONS, WINDOW_S, Promise

__all__ = ["TRUST_S", "BrokenPromiseError", "Landing", "Promise", "Promises", "require"]

TRUST_S: Final = 30.0
_PUBLISHES: Final = frozenset({"publish", "reaffirm", "reaffirm-2"})
_REPORTS: Final = frozenset({"reject", "reject-again"})
_OF_A_HOLDER: Final = _PUBLISHES | {"fail", "release"}


class BrokenPromiseError(AssertionError):
    """Something happened that must never happen."""

    def __init__(self, promise: Promise, what: str) -> None:
        super().__init__(f"{promise.value}: {what}")
        self.promise = promise


def require(held: bool, promise: Promise, what: str) -> None:  # noqa: FBT001
    """Raise unless it is held.

    Raises:
        BrokenPromiseError: it is not.
    """
    if not held:
        raise BrokenPromiseError(promise, what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """A write of the row that has just landed.

    Attributes:
        owner: the last lease that its sender has tried to get.
        skew_s: how far ahead its sender's clock is.
        at: the true time.
    """

    update: ConditionalWrite
    owner: str
    skew_s: float
    before: Item
    after: Item
    at: float


class Promises:
    """What has truly happened, as far as a promise speaks of it.

    Args:
        salesforce: to which sfmint logs in.
        budget: logins an hour.
        spread_s: how far apart the clocks are.
    """

    def __init__(self, salesforce: Salesforce, *, budget: int, spread_s: float) -> None:
        self._salesforce = salesforce
        self._budget = budget
        self._spread_s = spread_s
        self._replaced: set[str] = set()  # configurations
        self._hours: Counter[int] = Counter()
        self._leases: dict[str, frozenset[str]] = {}  # to the keys that were tainted when it was granted
        self._fences: dict[str, object] = {}  # of the leases
        self._used: set[str] = set()
        self.row_was_restored()

    def row_was_restored(self) -> None:
        """Forget what the row knew: somebody has put an older one in its place."""
        self._holder, self._held_until = "", 0.0
        self._fence = 0
        self._outdated: set[str] = set()
        self._tainted: dict[str, float] = {}  # key ids, to the moment
        self._dropped: dict[str, float] = {}  # fingerprints, likewise
        self._rejected: dict[str, tuple[float, float]] = {}  # to the moment by the reporter's clock, and truly
        self._window: list[float] = []

    def state(self) -> Hashable:
        """Return what tells this past from every other, as far as a promise speaks of it."""
        return (
            (self._holder, self._held_until, self._fence, len(self._used), *self._window),
            (*self._leases.items(), *self._fences.items()),
            tuple(sorted(self._replaced)),
            tuple(sorted(self._outdated)),
            tuple(sorted(self._tainted.items())),
            tuple(sorted(self._dropped.items())),
            tuple(sorted(self._rejected.items())),
        )

    def secret_was_replaced(self, config_hash: str) -> None:
        """Take note of credentials that are no longer in the secret."""
        self._replaced.add(config_hash)

    def keys_were_barred(self, key_ids: frozenset[str], at: float) -> None:
        """Take note of keys that are tainted from now on."""
        self._tainted = dict.fromkeys(key_ids, at) | self._tainted

    def landed(self, landing: Landing) -> None:
        """Check a write of the row."""
        self._check_lease(landing)
        name, before, after = landing.update.name, landing.before, landing.after
        if name in _OF_A_HOLDER:
            require(before.get("fence") == self._fences.get(landing.owner), Promise.FENCED_OUT, name)
        if name in _PUBLISHES:
            self._published(landing)
        elif name in _REPORTS:
            self._was_rejected(landing)
        elif name == "flush":
            self._outdated |= self._replaced
        elif name == "taint":
            tainted = after["tainted_keys"]
            assert isinstance(tainted, frozenset)
            require(len(tainted) <= MOST_TAINTED_KEYS, Promise.ROOM, f"{len(tainted)} keys")
            self.keys_were_barred(tainted, landing.at)
        gone = before.get("fingerprint")
        if name in {"flush", "taint"} and gone not in {None, after.get("fingerprint")}:
            self._dropped[str(gone)] = landing.at
        if name in _PUBLISHES or name == "taint":
            require(after.get("key_id") not in self._tainted, Promise.TAINTED, f"after {name}")

    def logs_in(self, owner: str, connection: Connection, now: float) -> None:
        """Check a login that is about to be made."""
        require(owner in self._leases, Promise.ONE_LOGIN, f"a login under no lease ({owner})")
        require(owner not in self._used, Promise.ONE_LOGIN, f"a second login under the lease of {owner}")
        require(key_id_of(connection) not in self._leases[owner], Promise.TAINTED, f"{owner} logs in with it")
        self._used.add(owner)
        hour = int(now // 3600)
        self._hours[hour] += 1
        require(self._hours[hour] <= self._budget, Promise.BUDGET, f"{self._hours[hour]} logins")

    def served(self, fingerprint: str, now: float, *, degraded: bool) -> None:
        """Check a token at the moment when a caller gets it.

        Args:
            fingerprint: which.
            now: the true time.
            degraded: AWS did not answer this caller.
        """
        session = self._salesforce.session(fingerprint)
        may_s = AGAIN_S if self._salesforce.same_session else 0.0
        require(now < session.ends_at + may_s, Promise.TRUE_END, f"it ended {now - session.ends_at:g} s ago")
        _, rejected_at = self._rejected.get(fingerprint, (0.0, now))
        dropped_at = min(rejected_at, self._dropped.get(fingerprint, now), self._tainted.get(session.key_id, now))
        late_s = now - dropped_at - TRUST_S
        require(degraded or late_s <= 0, Promise.TRUST, f"{late_s:g} s past it")

    def _check_lease(self, landing: Landing) -> None:
        """Check that the lease which stood before the write still stands, unless it might be ended."""
        name, after = landing.update.name, landing.after
        stands = bool(self._holder) and landing.at < self._held_until - self._spread_s
        if stands and after.get("lease_owner") != self._holder:
            may = name in {"flush", "taint"} or (name != "acquire" and landing.owner == self._holder)
            require(may, Promise.LEASE, f"{name} of {landing.owner} ended that of {self._holder}")
        if name == "acquire":
            until = landing.update.assign["lease_until"]
            assert isinstance(until, float)
            self._holder, self._held_until = landing.owner, until - landing.skew_s
            self._leases[landing.owner] = frozenset(self._tainted)
            self._fences[landing.owner] = after["fence"]
        elif "lease_owner" not in after:
            self._holder = ""

    def _published(self, landing: Landing) -> None:
        name, after = landing.update.name, landing.after
        fence, issued_at, fingerprint = after["token_fence"], after["issued_at"], str(after["fingerprint"])
        assert isinstance(fence, int)
        assert isinstance(issued_at, int | float)
        require(fence > self._fence, Promise.FENCE, f"{name} under {fence} after {self._fence}")
        self._fence = fence
        require("key_id" in after, Promise.NAMED, name)
        is_new = "key_id" in landing.update.assign
        require(not is_new or landing.before.get("fingerprint") != fingerprint, Promise.AGAIN, fingerprint)
        require(after.get("config_hash") not in self._outdated, Promise.OUTDATED, name)
        if fingerprint in self._rejected:
            require(
                name != "reaffirm-2" or landing.before.get("rejected") == fingerprint, Promise.REJECTED, "of another"
            )
            age_s = issued_at - self._rejected[fingerprint][0]
            require(name == "reaffirm-2" and age_s >= WINDOW_S, Promise.REJECTED, f"{name} after {age_s:g} s")
            del self._rejected[fingerprint]
        self._dropped.pop(fingerprint, None)

    def _was_rejected(self, landing: Landing) -> None:
        fingerprint, instant = str(landing.after["rejected"]), landing.after["last_rejected_at"]
        assert isinstance(instant, float)
        require(landing.before.get("fingerprint") == fingerprint, Promise.SUCCESSOR, f"it drops {fingerprint}")
        require(fingerprint not in self._rejected, Promise.ONCE, fingerprint)
        self._rejected[fingerprint] = (instant, landing.at)
        began = landing.after.get("reject_window")
        assert isinstance(began, float)
        require(instant - began < WINDOW_S, Promise.BREAKER, "counted in a window that is over")
        last = self._window[-1] if self._window else -WINDOW_S
        require(instant - last >= APART_S, Promise.BREAKER, f"{instant - last:g} s after the last one")
        runs = bool(self._window) and instant - self._window[0] < WINDOW_S
        self._window = [*self._window, instant] if runs else [instant]
        require(len(self._window) <= REJECTIONS, Promise.BREAKER, f"number {len(self._window)}")
