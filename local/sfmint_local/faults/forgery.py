"""What somebody writes onto a row without sfmint: tokens that it has never sealed, and copies that it has sealed before.

Who does so may read and write the store, and has a KMS key of his own, but may not use the stack's.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sfmint.ports import Sealer
from sfmint.row.conditional_write import ConditionalWrite, Item
from sfmint.row.row import row_key
from sfmint.salesforce.access_token import AccessToken
from sfmint_local.faults.token_state import EXPIRED, FRESH, Planter, made_up_token

_HUGE = 10**9  # a fence that no row reaches
_HOUR_S, _FAR_AHEAD_S = 3600.0, 1e8
_ELSEWHERE = "https://elsewhere.my.salesforce.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One connection's row, and those who write it.

    Attributes:
        connection: whose.
        neighbour: another connection, whose row may be copied from.
        planter: writes as sfmint does.
        strangers: seals with the stranger's own key.
    """

    connection: str
    neighbour: str
    planter: Planter
    strangers: Sealer

    def read(self, connection: str = "") -> Item:
        """Return a connection's item as it stands; by default the row's own."""
        return self.planter.store.read(row_key(connection or self.connection)) or {}

    def overwrite(self, item: Item) -> None:
        """Put another item in the place of the one that stands there."""
        gone = tuple(name for name in self.read() if name not in item)
        self.planter.store.write(
            row_key(self.connection), ConditionalWrite(name="a stranger's", assign=item, remove=gone)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What has been done.

    Attributes:
        token: sfmint's own, which stands or stood on the row; None: there is none.
        others: what the page calls the tokens that must not be taken for it.
    """

    token: AccessToken | None
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """One way to write onto a row.

    Attributes:
        name: what the page calls it.
        commit: does it to a row without a token.
        slow: whoever meets it waits for seconds.
    """

    name: str
    commit: Callable[[Row], Deed]
    slow: bool = False


def _forged(seal: Callable[[Row, AccessToken], bytes]) -> Callable[[Row], Deed]:
    """Return what puts a token of the stranger's own org onto a row, sealed in some way."""

    def commit(row: Row) -> Deed:
        own = row.planter.plant(row.connection, FRESH)
        forged = replace(made_up_token(row.connection, FRESH), instance_url=_ELSEWHERE)
        told: Item = {
            "fence": _HUGE,
            "token_fence": _HUGE,
            "sealed": seal(row, forged),
            "fingerprint": forged.fingerprint,
            "issued_at": forged.issued_at,
            "soft_expiry": forged.soft_expiry,
            "hard_expiry": forged.hard_expiry,
        }
        row.overwrite({**row.read(), **told})
        return Deed(token=own, others={forged.access_token.reveal(): "a FORGED token"})

    return commit


def _in_clear(_row: Row, token: AccessToken) -> bytes:
    return _HUGE.to_bytes(8) + token.to_bytes()


def _with_own_key(row: Row, token: AccessToken) -> bytes:
    return row.strangers.seal(token, _HUGE)


def _random(_row: Row, _token: AccessToken) -> bytes:
    return b"\x01" + os.urandom(512)


def _neighbours(row: Row) -> Deed:
    own = row.planter.plant(row.connection, FRESH)
    other = row.planter.plant(row.neighbour, FRESH)
    row.overwrite(row.read(row.neighbour))
    return Deed(token=own, others={other.access_token.reveal(): "ANOTHER CONNECTION'S token"})


def _replayed(
    words: str,
    succeed: Callable[[Planter, str, AccessToken], AccessToken],
    change: Callable[[Item], Item] = lambda item: item,
) -> Callable[[Row], Deed]:
    """Return what puts an older item back in the place of a row's present one.

    Args:
        words: for its token.
        succeed: ends that token and puts another in its place.
        change: what the stranger changes in the item.
    """

    def commit(row: Row) -> Deed:
        older = row.planter.plant(row.connection, FRESH)
        item = row.read()
        own = succeed(row.planter, row.connection, older)
        row.overwrite(change(item))
        return Deed(token=own, others={older.access_token.reveal(): words})

    return commit


def _refreshed(planter: Planter, connection: str, _token: AccessToken) -> AccessToken:
    return planter.plant(connection, FRESH)


def _flushed(planter: Planter, connection: str, _token: AccessToken) -> AccessToken:
    planter.flush(connection)
    return planter.plant(connection, FRESH)


def _rejected(planter: Planter, connection: str, token: AccessToken) -> AccessToken:
    planter.reject(connection, token)
    return planter.plant(connection, FRESH)


def _under_a_later_fence(item: Item) -> Item:
    return {**item, "fence": _HUGE, "token_fence": _HUGE}


def _prolonged(row: Row) -> Deed:
    own = row.planter.plant(row.connection, EXPIRED)
    row.overwrite({**row.read(), "soft_expiry": time.time() + _HOUR_S, "hard_expiry": time.time() + 2 * _HOUR_S})
    return Deed(token=own)


def _locked(row: Row) -> Deed:
    own = row.planter.plant(row.connection, EXPIRED)
    row.overwrite({**row.read(), "lease_owner": "a-stranger", "lease_until": time.time() + _FAR_AHEAD_S})
    return Deed(token=own)


def _immeasurable(row: Row) -> Deed:
    own = row.planter.plant(row.connection, FRESH)
    row.overwrite({**row.read(), **dict.fromkeys(("fence", "issued_at", "soft_expiry", "hard_expiry"), 1e120)})
    return Deed(token=own)


FORGERIES = (
    Forgery(name="token in clear", commit=_forged(_in_clear)),
    Forgery(name="token under another key", commit=_forged(_with_own_key)),
    Forgery(name="random bytes", commit=_forged(_random)),
    Forgery(name="row of another connection", commit=_neighbours),
    Forgery(name="expired copy with a later end", commit=_prolonged),
    Forgery(
        name="older copy under a later fence", commit=_replayed("the older token", _refreshed, _under_a_later_fence)
    ),
    Forgery(name="older copy", commit=_replayed("the older token", _refreshed)),
    Forgery(name="flushed copy", commit=_replayed("the flushed token", _flushed)),
    Forgery(name="rejected copy", commit=_replayed("the rejected token", _rejected)),
    Forgery(name="login under way for ever", commit=_locked),
    Forgery(name="numbers beyond all measure", commit=_immeasurable),
)
