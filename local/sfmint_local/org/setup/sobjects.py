"""``/services/data/VERSION/sobjects``: the records of Setup, and the few that can be changed so.

Source: REST API Developer Guide, resources_sobject_basic_info and errorcodes; Object Reference.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.gate import Admitted, Gate
from sfmint_local.org.identifiers import user_id
from sfmint_local.org.refusal import RestError, insufficient_access, no_such_resource, not_embedded
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import APP, PERMISSION_SET, Component
from sfmint_local.org.setup.licences import set_licence, user_licence
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Row, Schema
from sfmint_local.org.values import PROFILES, User
from sfmint_local.org.wire import OrgRequest

_ASSIGNING = frozenset({rights.ASSIGN_PERMISSION_SETS, rights.MANAGE_USERS})
_TYING = frozenset({rights.MANAGE_PERMISSION_SETS})
_MANAGING = frozenset({rights.MANAGE_USERS})


class SetupRecords:
    """The records of Setup.

    Args:
        store: what the org knows.
        gate: lets requests in.
        schema: the objects that a request sees.
    """

    def __init__(self, store: Store, gate: Gate, schema: Callable[[Admitted], Schema]) -> None:
        self._store = store
        self._gate = gate
        self._schema = schema
        self._creates = {"PermissionSetAssignment": self._assign, "SetupEntityAccess": self._tie}
        self._deletes = {"PermissionSetAssignment": self._unassign, "SetupEntityAccess": self._untie}

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        base = "/services/data/<version>/sobjects/<kind>"
        return [
            Rule(base, endpoint=self.create, methods=["POST"]),
            Rule(f"{base}/<row_id>", endpoint=self.record, methods=["GET", "PATCH", "DELETE"]),
        ]

    def create(self, request: OrgRequest, version: str, kind: str) -> Response:
        """Create a record.

        Raises:
            RestError: as Salesforce refuses it.
        """
        admitted = self._gate.admit(request, version)
        name = self._known(admitted, kind)
        if name not in self._creates:
            message = f"entity type cannot be inserted: {name}"
            raise RestError(400, "INVALID_TYPE_FOR_OPERATION", message)
        values = request.get_json(silent=True)
        if not isinstance(values, dict):
            raise RestError(400, "JSON_PARSER_ERROR", "The body must be a JSON object")
        made = self._creates[name](admitted, values)
        return self._gate.answer({"id": made, "success": True, "errors": []}, admitted, status=201)

    def record(self, request: OrgRequest, version: str, kind: str, row_id: str) -> Response:
        """Read, change or delete a record.

        Raises:
            RestError: as Salesforce refuses it.
        """
        admitted = self._gate.admit(request, version)
        name = self._known(admitted, kind)
        schema = self._schema(admitted)
        table = schema.table(name)
        row = next((row for row in table.rows() if row["Id"][:15] == row_id[:15]), None)
        if row is None:
            raise no_such_resource()
        if request.method == "DELETE":
            self._delete(admitted, name, row["Id"])
            return self._gate.answer(None, admitted, status=204)
        if request.method == "PATCH":
            self._change(admitted, name, row, request.get_json(silent=True))
            return self._gate.answer(None, admitted, status=204)
        return self._gate.answer(schema.record(table, row), admitted)

    def _known(self, admitted: Admitted, kind: str) -> str:
        try:
            return self._schema(admitted).table(kind).name
        except RestError:
            raise not_embedded() from None

    def _assign(self, admitted: Admitted, values: Row) -> str:
        self._require(admitted, _ASSIGNING)
        _check_fields(values, required=("AssigneeId", "PermissionSetId"), kind="PermissionSetAssignment")
        user = self._user(values["AssigneeId"])
        permission_set = self._component(PERMISSION_SET.name, values["PermissionSetId"], "Permission Set ID")
        _check_licence(user, permission_set)
        made = self._store.setup.assign(user.username, permission_set.full_name)
        if made is None:
            message = (
                f"Duplicate PermissionSetAssignment. Assignee: {values['AssigneeId']}, "
                f"Permission Set: {values['PermissionSetId']}"
            )
            raise RestError(400, "DUPLICATE_VALUE", message)
        return made

    def _tie(self, admitted: Admitted, values: Row) -> str:
        self._require(admitted, _TYING)
        _check_fields(values, required=("ParentId", "SetupEntityId"), kind="SetupEntityAccess")
        permission_set = self._component(PERMISSION_SET.name, values["ParentId"], "Parent ID")
        app = self._component(APP.name, values["SetupEntityId"], "Setup Entity ID")
        if set_licence(permission_set):
            message = "The user license doesn't allow the permission: External Client Apps"
            raise RestError(400, "FIELD_INTEGRITY_EXCEPTION", message)
        made = self._store.setup.tie(permission_set.full_name, app.full_name)
        if made is None:
            raise RestError(400, "DUPLICATE_VALUE", "duplicate value found: ParentId, SetupEntityId")
        return made

    def _delete(self, admitted: Admitted, kind: str, row_id: str) -> None:
        if kind not in self._deletes:
            raise RestError(400, "INVALID_TYPE_FOR_OPERATION", f"entity type does not support delete: {kind}")
        self._deletes[kind](admitted, row_id)

    def _unassign(self, admitted: Admitted, row_id: str) -> None:
        self._require(admitted, _ASSIGNING)
        if not self._store.setup.unassign(row_id):
            message = "You can't delete the permission set assignment of a profile."
            raise RestError(400, "INVALID_CROSS_REFERENCE_KEY", message)

    def _untie(self, admitted: Admitted, row_id: str) -> None:
        self._require(admitted, _TYING)
        if not self._store.setup.untie(row_id):
            message = "The app's policies name this permission set: change commaSeparatedPermissionSet"
            raise RestError(400, "INVALID_CROSS_REFERENCE_KEY", message)

    def _change(self, admitted: Admitted, kind: str, row: Row, values: object) -> None:
        if kind != "User":
            raise RestError(400, "INVALID_TYPE_FOR_OPERATION", f"entity type does not support update: {kind}")
        self._require(admitted, _MANAGING)
        match values:
            case {"IsActive": bool(active), **rest} if not rest:
                user = self._user(row["Id"])
                self._store.put_user(replace(user, status="active" if active else "inactive"))
            case _:
                raise RestError(400, "INVALID_FIELD", "The embedded org changes IsActive of a user, and nothing else.")

    def _require(self, admitted: Admitted, one_of: frozenset[str]) -> None:
        if not self._store.setup.rights(admitted.session.username) & one_of:
            raise insufficient_access()

    def _user(self, key: Any) -> User:
        _check_id(key, "005", "Assignee ID")
        found = (user for user in self._store.users() if user_id(user.username)[:15] == key[:15])
        return next(found, None) or _unknown()

    def _component(self, kind: str, key: Any, field: str) -> Component:
        parts = self._store.setup.components(kind)
        _check_id(key, PERMISSION_SET.key_prefix if kind == PERMISSION_SET.name else APP.key_prefix, field)
        found = (part for part in parts if self._store.setup.id_of(part)[:15] == key[:15])
        return next(found, None) or _unknown()


def _check_licence(user: User, permission_set: Component) -> None:
    bound = user_licence(permission_set)
    if bound and bound != PROFILES[user.profile]:
        message = (
            f"Can't assign permission set {permission_set.full_name} to user {user.username}. "
            "The user license doesn't match the license of the permission set."
        )
        raise RestError(400, "FIELD_INTEGRITY_EXCEPTION", message)


def _check_fields(values: Row, *, required: tuple[str, ...], kind: str) -> None:
    for name in values:
        if name not in required:
            raise RestError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}")
    if missing := [name for name in required if not values.get(name)]:
        raise RestError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]")


def _check_id(key: Any, prefix: str, field: str) -> None:
    if not isinstance(key, str) or len(key) not in {15, 18} or not key.isalnum() or not key.startswith(prefix):
        raise RestError(400, "MALFORMED_ID", f"{field}: id value of incorrect type: {key}")


def _unknown() -> NoReturn:
    raise RestError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
