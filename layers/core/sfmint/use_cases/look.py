"""Look at the shared row of a connection."""

from sfmint.ports import Ports
from sfmint.row.decisions import Seen
from sfmint.row.row import CacheRow, row_key


def look(ports: Ports, name: str) -> Seen:
    """Return the row of a connection as it stands.

    Raises:
        CacheUnavailable: the store does not answer.
    """
    at = ports.clock.now()
    return Seen(CacheRow.from_item(ports.store.read(row_key(name))), at)
