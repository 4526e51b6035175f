"""The stack in the model: one row, one secret, one Salesforce user, and the true time."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from model.promises import Landing, Promises
from model.salesforce import Refusal, Salesforce, accept
from sfmint.errors import SfmintError
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Value, Written
from sfmint.row.row import CacheRow, row_key
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.grace import GRACE_S, grace_label, is_in_grace
from sfmint_testing.fakes import NOON, a_connection
from sfmint_testing.reference_store import ReferenceStore
from sfmint_values.secret import Secret

NAME: Final = "orders"
KEY: Final = row_key(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a stack is like.

    Attributes:
        skews_s: how far ahead the clock of each actor is.
        lifetime_s: of tokens.
        same_session: Salesforce hands out the session that lives, as some orgs do.
        refuse: whom Salesforce refuses, and why.
        login_budget: logins an hour.
        next_key: the private key that a rotation has made ready, if one is under way.
        former_key: the private key that a rotation has replaced a moment ago, if one has.
        errors: what callers may be answered though no call of theirs failed and they were not frozen.
    """

    skews_s: tuple[float, ...] = ()
    lifetime_s: int = 900
    same_session: bool = False
    refuse: Refusal = accept
    login_budget: int = 3600
    next_key: str | None = None
    former_key: str | None = None
    errors: tuple[type[SfmintError], ...] = ()


ORDINARY: Final = Setting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Somebody edits the row by hand.

    Attributes:
        put: attributes to set; an instant is given in seconds from now.
        remove: attributes to remove.
    """

    put: Mapping[str, Value] = field(default_factory=dict)
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSecret:
    """An operator stores other credentials: another user, or another key; or bars a key, whose id is carried over from then on."""

    username: str | None = None
    private_key: str | None = None
    tainted_key: str | None = None


@dataclass(frozen=True, slots=True)
class FinishRotation:
    """A rotation makes its key the current one, and lets the former one log in for a while."""


@dataclass(frozen=True, slots=True)
class EndSessions:
    """An administrator of Salesforce ends every session."""


@dataclass(frozen=True, slots=True)
class RestoreRow:
    """An operator puts the row back as it was when the scenario began: its fence counts again from there."""


type Deed = ChangeSecret | FinishRotation | EndSessions | RestoreRow


def unchanged(update: ConditionalWrite) -> ConditionalWrite:
    """Return the write as it is."""
    return update


class Stack:
    """One row, one secret, one Salesforce user.

    Args:
        setting: what it is like.
        mutate: changes each write before it is sent: to show that no clause is idle.
    """

    def __init__(self, setting: Setting, mutate: Callable[[ConditionalWrite], ConditionalWrite]) -> None:
        self.time = NOON
        self.setting = setting
        self.store = ReferenceStore()
        self.saved: dict[str, Value] = {}
        self.copies: dict[bytes, tuple[int, AccessToken]] = {}
        self.connection = a_connection(NAME, lifetime_s=setting.lifetime_s)
        self.salesforce = Salesforce(refuse=setting.refuse, same_session=setting.same_session)
        skews_s = setting.skews_s or (0.0,)
        spread_s = max(skews_s) - min(skews_s)
        self.promises = Promises(self.salesforce, budget=setting.login_budget, spread_s=spread_s)
        self.next_key, self.former_key = setting.next_key, setting.former_key
        self.grace_ends_at = self.time + GRACE_S
        self.secret_changes = self.rotation_ends = False
        self._mutate = mutate

    @property
    def budget_is_short(self) -> bool:
        """The login budget may run out: its order matters then."""
        return self.setting.login_budget < ORDINARY.login_budget

    @property
    def row(self) -> dict[str, Value]:
        """The row as it stands."""
        return self.store.items.get(KEY, {})

    def write(self, key: str, update: ConditionalWrite, owner: str, skew_s: float) -> Written | ConditionFailed:
        """Carry out a write.

        Args:
            key: of the row, or of the budget.
            update: the write.
            owner: the last lease that its sender has tried to get.
            skew_s: how far ahead its sender's clock is.
        """
        before = dict(self.store.items.get(key, {}))
        outcome = self.store.write(key, self._mutate(update))
        if isinstance(outcome, Written) and key == KEY:
            self.promises.landed(
                Landing(update=update, owner=owner, skew_s=skew_s, before=before, after=outcome.item, at=self.time)
            )
        return outcome

    def seal(self, token: AccessToken, fence: int) -> bytes:
        """Return a sealed copy."""
        copy = f"{token.fingerprint}/{fence}".encode()
        self.copies[copy] = (fence, token)
        return copy

    def unseal(self, row: CacheRow) -> AccessToken | None:
        """Return the token of the row's copy, if it opens and agrees."""
        fence, token = self.copies.get(row.sealed or b"", (0, None))
        agrees = token is not None and (fence, token.fingerprint) == (row.token_fence, row.fingerprint)
        return token if agrees else None

    def pending(self) -> Connection | None:
        """Return what a rotation has made ready."""
        return self._with_key(self.next_key)

    def previous(self, now: float) -> Connection | None:
        """Return what a rotation has replaced, while that may log in."""
        return self._with_key(self.former_key) if is_in_grace([grace_label(self.grace_ends_at)], now) else None

    def _with_key(self, key: str | None) -> Connection | None:
        return None if key is None else replace(self.connection, private_key=Secret(key))

    def login(self, connection: Connection, owner: str) -> Mapping[str, Any]:
        """Log in at Salesforce.

        Raises:
            LoginFailed: it refuses.
        """
        self.promises.logs_in(owner, connection, self.time)
        return self.salesforce.login(connection, self.time)

    def do(self, deed: Deed) -> None:
        """Let an operator do something."""
        match deed:
            case FinishRotation():
                self._finish_rotation()
            case ChangeSecret(username, private_key, tainted_key):
                changes: dict[str, Any] = {"username": username} if username else {}
                changes |= {"private_key": Secret(private_key)} if private_key else {}
                changes |= {"tainted_keys": self.connection.tainted_keys | {tainted_key}} if tainted_key else {}
                former, self.connection = self.connection, replace(self.connection, **changes)
                if former.config_hash != self.connection.config_hash:
                    self.promises.secret_was_replaced(former.config_hash)
            case EndSessions():
                sessions = self.salesforce.sessions
                sessions[:] = [replace(session, ended=True) for session in sessions]
            case RestoreRow():
                self.store.items[KEY] = dict(self.saved)
                self.promises.row_was_restored()

    def _finish_rotation(self) -> None:
        ready = self.pending()
        if ready is None:
            return  # another run has finished it
        self.former_key, self.next_key = self.connection.pem().reveal(), None
        self.connection, self.grace_ends_at = ready, self.time + GRACE_S

    def edit(self, edit: Edit) -> None:
        """Edit the row by hand."""
        if "fence" in (*edit.put, *edit.remove):
            self.promises.row_was_restored()
        if isinstance(barred := edit.put.get("tainted_keys"), frozenset):
            self.promises.keys_were_barred(barred, self.time)
        row = self.store.items.setdefault(KEY, {})
        put = {name: self.time + value if isinstance(value, float) else value for name, value in edit.put.items()}
        self.store.items[KEY] = {name: value for name, value in (row | put).items() if name not in edit.remove}

    def state(self) -> Hashable:
        """Return what tells this stack from every other."""
        return (
            self.time,
            frozenset(self.row.items()),
            tuple(sorted((key, item.get("logins")) for key, item in self.store.items.items() if key != KEY)),
            tuple(self.salesforce.sessions),
            self.salesforce.logins,
            (self.connection.username, self.connection.pem().reveal(), self.connection.tainted_keys),
            (self.next_key, self.former_key, self.grace_ends_at),
            self.promises.state(),
        )
