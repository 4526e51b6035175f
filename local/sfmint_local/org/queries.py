"""``/services/data/VERSION/query`` and ``/tooling/query``: pages of records.

Source: REST API Developer Guide, resources_query; Tooling API, REST Resources.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.gate import Admitted, Gate
from sfmint_local.org.refusal import RestError
from sfmint_local.org.soql import Query
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Row, Schema
from sfmint_local.org.wire import OrgRequest

_MOST_LOCATORS = 100


class Queries:
    """Answers queries at one address.

    Args:
        store: what the org knows.
        gate: lets requests in.
        under: what stands between the version and ``query``: nothing, or ``/tooling``.
        schema: the objects that a request sees.
    """

    def __init__(self, store: Store, gate: Gate, *, under: str, schema: Callable[[Admitted], Schema]) -> None:
        self._store = store
        self._gate = gate
        self._under = under
        self._schema = schema
        self._locators: OrderedDict[str, list[Row]] = OrderedDict()

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        base = f"/services/data/<version>{self._under}/query"
        return [
            Rule(base, endpoint=self.query, methods=["GET"]),
            Rule(f"{base}/<locator>", endpoint=self.query_more, methods=["GET"]),
        ]

    def query(self, request: OrgRequest, version: str) -> Response:
        """Run a query and return its first page; with ``columns=true``, what its records would have."""
        admitted = self._gate.admit(request, version)
        query = Query.parse(request.args.get("q", ""))
        schema = self._schema(admitted)
        if request.args.get("columns") == "true":
            described = {"columnMetadata": schema.columns(query), "entityName": schema.table(query.object).name}
            return self._gate.answer(described, admitted)
        records = schema.run(query)
        if not query.fields:
            return self._gate.answer({"totalSize": len(records), "done": True, "records": []}, admitted)
        locator = secrets.token_hex(8)
        self._locators[locator] = records
        if len(self._locators) > _MOST_LOCATORS:
            self._locators.popitem(last=False)
        return self._page(admitted, locator, 0)

    def query_more(self, request: OrgRequest, version: str, locator: str) -> Response:
        """Return a later page: ``nextRecordsUrl`` names it."""
        admitted = self._gate.admit(request, version)
        name, _, start = locator.partition("-")
        if name not in self._locators or not start.isdigit():
            raise RestError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(admitted, name, int(start))

    def _page(self, admitted: Admitted, locator: str, start: int) -> Response:
        records = self._locators[locator]
        end = start + self._store.settings.query_page_rows
        page: Row = {"totalSize": len(records), "done": True, "records": records[start:end]}
        if end < len(records):
            address = f"/services/data/{admitted.version}{self._under}/query/{locator}-{end}"
            page |= {"done": False, "nextRecordsUrl": address}
        return self._gate.answer(page, admitted)
