"""``/services/data``: versions, limits and Account records.

Source: REST API Developer Guide, dome_versions and errorcodes.
"""

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.gate import Gate
from sfmint_local.org.records import EXTERNAL_ID, Accounts
from sfmint_local.org.refusal import no_such_resource, not_embedded
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Row
from sfmint_local.org.wire import OrgRequest, json_answer


class Rest:
    """The REST API. All but the list of versions needs a live session.

    Args:
        store: what the org knows.
        gate: lets requests in.
        accounts: the org's data.
    """

    def __init__(self, store: Store, gate: Gate, accounts: Accounts) -> None:
        self._store = store
        self._gate = gate
        self._accounts = accounts

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        base = "/services/data/<version>"
        account = f"{base}/sobjects/Account"
        return [
            Rule("/services/data", endpoint=self.versions, methods=["GET"]),
            Rule(base, endpoint=self.resources, methods=["GET"]),
            Rule(f"{base}/limits", endpoint=self.limits, methods=["GET"]),
            Rule(account, endpoint=self.create, methods=["POST"]),
            Rule(f"{account}/<row_id>", endpoint=self.record, methods=["GET", "PATCH", "DELETE"]),
            Rule(f"{account}/{EXTERNAL_ID}/<key>", endpoint=self.by_external_id, methods=["GET", "PATCH"]),
            Rule(f"{base}/tooling/sobjects/SourceMember/describe", endpoint=self.no_tracking, methods=["GET"]),
            Rule(f"{base}/<path:unknown>", endpoint=self.unknown),
        ]

    def versions(self, _request: OrgRequest) -> Response:
        """List the versions; it needs no token, so it proves nothing about one."""
        return json_answer(
            [{"label": f"v{n}.0", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in self._gate.versions()]
        )

    def resources(self, request: OrgRequest, version: str) -> Response:
        """List a version's resources."""
        admitted = self._gate.admit(request, version)
        base = f"/services/data/{version}"
        return self._gate.answer({name: f"{base}/{name}" for name in ("limits", "query", "sobjects")}, admitted)

    def limits(self, request: OrgRequest, version: str) -> Response:
        """Tell the daily limit and what is left: the probe of a token."""
        admitted = self._gate.admit(request, version)
        most = self._store.settings.api_limit
        return self._gate.answer(
            {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - admitted.used)}}, admitted
        )

    def create(self, request: OrgRequest, version: str) -> Response:
        """Create an Account."""
        admitted = self._gate.admit(request, version)
        row_id = self._accounts.create(request.get_json(silent=True))
        return self._gate.answer({"id": row_id, "success": True, "errors": []}, admitted, status=201)

    def record(self, request: OrgRequest, version: str, row_id: str) -> Response:
        """Read, change or delete an Account by its id."""
        admitted = self._gate.admit(request, version)
        if request.method == "PATCH":
            self._accounts.update(row_id, request.get_json(silent=True))
            return self._gate.answer(None, admitted, status=204)
        if request.method == "DELETE":
            self._accounts.delete(row_id)
            return self._gate.answer(None, admitted, status=204)
        row = self._accounts.read(row_id)
        return self._gate.answer({"attributes": _attributes(row, version)} | row, admitted)

    def by_external_id(self, request: OrgRequest, version: str, key: str) -> Response:
        """Read an Account by its external id, or upsert it."""
        admitted = self._gate.admit(request, version)
        if request.method == "PATCH":
            row_id, created = self._accounts.upsert(key, request.get_json(silent=True))
            body = {"id": row_id, "success": True, "errors": [], "created": created}
            return self._gate.answer(body, admitted, status=201 if created else 200)
        row = self._accounts.read(key, by=EXTERNAL_ID)
        return self._gate.answer({"attributes": _attributes(row, version)} | row, admitted)

    def no_tracking(self, request: OrgRequest, version: str) -> Response:
        """Say as an org without source tracking does that it has none: the sf CLI asks before it retrieves."""
        self._gate.admit(request, version)
        raise no_such_resource()

    def unknown(self, request: OrgRequest, version: str, unknown: str) -> Response:
        """Refuse everything else: first the token, then the address."""
        del unknown
        self._gate.admit(request, version)
        raise not_embedded()


def _attributes(row: Row, version: str) -> dict[str, str]:
    return {"type": "Account", "url": f"/services/data/{version}/sobjects/Account/{row['Id']}"}
