"""``/services/data``: versions, limits, queries and Account records.

Source: REST API Developer Guide, dome_versions and errorcodes.
"""

import secrets
from collections import OrderedDict

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.records import EXTERNAL_ID, Accounts, Row
from sfmint_local.org.refusal import RestError, dead_session, no_such_resource, not_embedded
from sfmint_local.org.soql import Query
from sfmint_local.org.store import Store
from sfmint_local.org.wire import OrgRequest, json_answer

_VERSIONS = range(31, 68)  # 31.0 is the oldest not retired, 67.0 is Summer '26
_RETIRED = range(21, 31)
_MOST_LOCATORS = 100


class Rest:
    """The REST API. All but the list of versions needs a live session.

    Args:
        store: what the org knows.
        origin: the only address for which tokens are good.
    """

    def __init__(self, store: Store, *, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._accounts = Accounts()
        self._locators: OrderedDict[str, list[Row]] = OrderedDict()

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        base = "/services/data/<version>"
        account = f"{base}/sobjects/Account"
        return [
            Rule("/services/data", endpoint=self.versions, methods=["GET"]),
            Rule(base, endpoint=self.resources, methods=["GET"]),
            Rule(f"{base}/limits", endpoint=self.limits, methods=["GET"]),
            Rule(f"{base}/query", endpoint=self.query, methods=["GET"]),
            Rule(f"{base}/query/<locator>", endpoint=self.query_more, methods=["GET"]),
            Rule(account, endpoint=self.create, methods=["POST"]),
            Rule(f"{account}/<row_id>", endpoint=self.record, methods=["GET", "PATCH", "DELETE"]),
            Rule(f"{account}/{EXTERNAL_ID}/<key>", endpoint=self.by_external_id, methods=["GET", "PATCH"]),
            Rule(f"{base}/<path:unknown>", endpoint=self.unknown),
        ]

    def versions(self, _request: OrgRequest) -> Response:
        """List the versions; it needs no token, so it proves nothing about one."""
        return json_answer(
            [{"label": f"v{n}.0", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in _VERSIONS]
        )

    def resources(self, request: OrgRequest, version: str) -> Response:
        """List a version's resources."""
        used = self._admit(request, version)
        base = f"/services/data/{version}"
        return self._answer({name: f"{base}/{name}" for name in ("limits", "query", "sobjects")}, used)

    def limits(self, request: OrgRequest, version: str) -> Response:
        """Tell the daily limit and what is left: the probe of a token."""
        used = self._admit(request, version)
        most = self._store.settings.api_limit
        return self._answer({"DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)}}, used)

    def query(self, request: OrgRequest, version: str) -> Response:
        """Run a query and return its first page."""
        used = self._admit(request, version)
        query = Query.parse(request.args.get("q", ""))
        rows = query.run(self._accounts.rows())
        if not query.fields:
            return self._answer({"totalSize": len(rows), "done": True, "records": []}, used)
        records = [
            {"attributes": _attributes(row, version)} | {name: row[name] for name in query.fields} for row in rows
        ]
        locator = secrets.token_hex(8)
        self._locators[locator] = records
        if len(self._locators) > _MOST_LOCATORS:
            self._locators.popitem(last=False)
        return self._answer(self._page(f"/services/data/{version}/query/{locator}", records, 0), used)

    def query_more(self, request: OrgRequest, version: str, locator: str) -> Response:
        """Return a later page: ``nextRecordsUrl`` names it."""
        used = self._admit(request, version)
        name, _, start = locator.partition("-")
        records = self._locators.get(name)
        if records is None or not start.isdigit():
            raise RestError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._answer(self._page(f"/services/data/{version}/query/{name}", records, int(start)), used)

    def create(self, request: OrgRequest, version: str) -> Response:
        """Create an Account."""
        used = self._admit(request, version)
        row_id = self._accounts.create(request.get_json(silent=True))
        return self._answer({"id": row_id, "success": True, "errors": []}, used, status=201)

    def record(self, request: OrgRequest, version: str, row_id: str) -> Response:
        """Read, change or delete an Account by its id."""
        used = self._admit(request, version)
        if request.method == "PATCH":
            self._accounts.update(row_id, request.get_json(silent=True))
            return self._answer(None, used, status=204)
        if request.method == "DELETE":
            self._accounts.delete(row_id)
            return self._answer(None, used, status=204)
        row = self._accounts.read(row_id)
        return self._answer({"attributes": _attributes(row, version)} | row, used)

    def by_external_id(self, request: OrgRequest, version: str, key: str) -> Response:
        """Read an Account by its external id, or upsert it."""
        used = self._admit(request, version)
        if request.method == "PATCH":
            row_id, created = self._accounts.upsert(key, request.get_json(silent=True))
            body = {"id": row_id, "success": True, "errors": [], "created": created}
            return self._answer(body, used, status=201 if created else 200)
        row = self._accounts.read(key, by=EXTERNAL_ID)
        return self._answer({"attributes": _attributes(row, version)} | row, used)

    def unknown(self, request: OrgRequest, version: str, unknown: str) -> Response:
        """Refuse everything else: first the token, then the address."""
        del unknown
        self._admit(request, version)
        raise not_embedded()

    def _admit(self, request: OrgRequest, version: str) -> int:
        session = self._store.live_session(request.bearer) if request.is_for(self._origin) else None
        if session is None:
            self._store.count("api_refused")
            raise dead_session()
        request.note = f"{session.username} {session.fingerprint}"
        if not {"api", "full"} & set(session.scopes):
            # Status 401 like a dead session, yet a new token does not help.
            raise RestError(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
        used = self._store.count("api_requests")
        if used > self._store.settings.api_limit:
            raise RestError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        _check_version(version)
        return used

    def _answer(self, body: object, used: int, *, status: int = 200) -> Response:
        headers = {"Sforce-Limit-Info": f"api-usage={used}/{self._store.settings.api_limit}"}
        return (
            Response(status=status, headers=headers)
            if body is None
            else json_answer(body, status=status, headers=headers)
        )

    def _page(self, address: str, records: list[Row], start: int) -> dict[str, object]:
        end = start + self._store.settings.query_page_rows
        page: dict[str, object] = {"totalSize": len(records), "done": True, "records": records[start:end]}
        return page if end >= len(records) else page | {"done": False, "nextRecordsUrl": f"{address}-{end}"}


def _attributes(row: Row, version: str) -> dict[str, str]:
    return {"type": "Account", "url": f"/services/data/{version}/sobjects/Account/{row['Id']}"}


def _check_version(version: str) -> None:
    number = version.removeprefix("v").removesuffix(".0")
    if version == "latest" or (number.isdigit() and version == f"v{number}.0" and int(number) in _VERSIONS):
        return
    if number.isdigit() and int(number) in _RETIRED:
        raise RestError(410, "UNSUPPORTED_API_VERSION", "This API version is retired")
    raise no_such_resource()
