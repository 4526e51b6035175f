"""What a request sees: the objects of its user, under the addresses of its version."""

from sfmint_local.org.gate import Admitted
from sfmint_local.org.records import Accounts
from sfmint_local.org.setup.tables import tooling_tables, visible_tables
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Schema


class Sight:
    """Shows objects.

    Args:
        store: what the org knows.
        accounts: the org's data.
    """

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def data(self, admitted: Admitted) -> Schema:
        """Return what queries and records see."""
        tables = [self._accounts.table(), *visible_tables(self._store, admitted.session.username)]
        return Schema(tables, sobjects=f"/services/data/{admitted.version}/sobjects")

    def tooling(self, admitted: Admitted) -> Schema:
        """Return what queries of the Tooling API see."""
        tables = tooling_tables(self._store, admitted.session.username)
        return Schema(tables, sobjects=f"/services/data/{admitted.version}/tooling/sobjects")
