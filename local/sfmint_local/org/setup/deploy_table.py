"""The Tooling API's object of deployments, for queries.

Source: Tooling API, DeployRequest.
"""

from sfmint_local.org.store import Store
from sfmint_local.org.tables import Row, Table

_TIMES = ("CreatedDate", "StartDate", "CompletedDate")
_COUNTS = ("NumberComponentErrors", "NumberComponentsDeployed", "NumberComponentsTotal")
_TEXTS = ("Status", "ErrorStatusCode", "ErrorMessage")


def deploy_requests(store: Store) -> Table:
    """Return the object; its rows are oldest first."""

    def rows() -> list[Row]:
        with store.lock:
            return [request.record(store.now()) for request in reversed(store.deployments.all())]

    fields = {"Id": "id", "CreatedById": "id", "CheckOnly": "boolean", "RollbackOnError": "boolean"}
    return Table(
        name="DeployRequest",
        fields=fields
        | dict.fromkeys(_TEXTS, "string")
        | dict.fromkeys(_TIMES, "time")
        | dict.fromkeys(_COUNTS, "number"),
        rows=rows,
    )
