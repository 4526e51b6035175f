"""The org's data: made-up Accounts, in memory."""

import threading
from collections.abc import Mapping

from sfmint_local.org.identifiers import salesforce_id
from sfmint_local.org.refusal import RestError, no_such_resource
from sfmint_local.org.tables import Row, Table

EXTERNAL_ID = "External_Id__c"
FIELDS: Mapping[str, type[str] | type[int]] = {
    "Id": str,
    "Name": str,
    "Industry": str,
    "BillingCity": str,
    "NumberOfEmployees": int,
    EXTERNAL_ID: str,
}

_FIRST_NAMES = ("Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper")
_LAST_NAMES = ("Foods", "Freight", "Instruments", "Mills", "Power", "Textiles")
_INDUSTRIES = ("Agriculture", "Energy", "Manufacturing", "Retail", "Shipping")
_CITIES = ("Bergen", "Cork", "Gdansk", "Porto", "Tartu", "Utrecht", "Zadar")


class Accounts:
    """The Account object: its rows by id. Every method is atomic and hands out copies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, Row] = {}
        self._last = 0
        for number in range(len(_FIRST_NAMES) * len(_LAST_NAMES)):
            self.create(_made_up(number))

    def table(self) -> Table:
        """Return the object for queries."""
        kinds = {name: "number" if kind is int else "string" for name, kind in FIELDS.items()}
        return Table(name="Account", fields=kinds | {"Id": "id"}, rows=self.rows)

    def rows(self) -> list[Row]:
        """Return all rows, oldest first."""
        with self._lock:
            return [dict(row) for row in self._rows.values()]

    def create(self, values: object) -> str:
        """Add a row and return its id.

        Raises:
            RestError: Salesforce would not take these values.
        """
        checked = _checked(values)
        with self._lock:
            return self._insert(checked)

    def read(self, key: str, *, by: str = "Id") -> Row:
        """Return the row whose field ``by`` is ``key``.

        Raises:
            RestError: there is none.
        """
        with self._lock:
            return dict(self._rows[self._find(key, by)])

    def update(self, row_id: str, values: object) -> None:
        """Change a row.

        Raises:
            RestError: there is none, or Salesforce would not take these values.
        """
        checked = _checked(values)
        with self._lock:
            row = self._rows[self._find(row_id, "Id")]
            self._refuse_duplicate(checked, row_id=row_id)
            row.update(checked)

    def upsert(self, external_id: str, values: object) -> tuple[str, bool]:
        """Change the row of an external id, or create it; return its id and whether it is new.

        Raises:
            RestError: Salesforce would not take these values.
        """
        checked = _checked(values)
        if EXTERNAL_ID in checked:
            raise RestError(
                400, "INVALID_FIELD", f"The {EXTERNAL_ID} field should not be specified in the sobject data."
            )
        with self._lock:
            if row_id := self._search(external_id, EXTERNAL_ID):
                self._rows[row_id].update(checked)
                return row_id, False
            return self._insert(checked | {EXTERNAL_ID: external_id}), True

    def delete(self, row_id: str) -> None:
        """Remove a row.

        Raises:
            RestError: there is none.
        """
        with self._lock:
            del self._rows[self._find(row_id, "Id")]

    def _insert(self, values: Row) -> str:
        if not values.get("Name"):
            raise RestError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")
        self._refuse_duplicate(values, row_id=None)
        self._last += 1
        row_id = salesforce_id("001", self._last)
        self._rows[row_id] = {**dict.fromkeys(FIELDS), **values, "Id": row_id}
        return row_id

    def _search(self, key: str, by: str) -> str | None:
        return next((row_id for row_id, row in self._rows.items() if row[by] == key), None)

    def _find(self, key: str, by: str) -> str:
        if row_id := self._search(key, by):
            return row_id
        raise no_such_resource()

    def _refuse_duplicate(self, values: Row, *, row_id: str | None) -> None:
        external = values.get(EXTERNAL_ID)
        if external is not None and any(
            row[EXTERNAL_ID] == external and row["Id"] != row_id for row in self._rows.values()
        ):
            raise RestError(400, "DUPLICATE_VALUE", f"duplicate value found: {EXTERNAL_ID}")


def _checked(values: object) -> Row:
    if not isinstance(values, dict):
        raise RestError(400, "JSON_PARSER_ERROR", "The body must be a JSON object")
    for name, value in values.items():
        if name not in FIELDS:
            raise RestError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type Account")
        if name == "Id":
            raise RestError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
        if value is not None and type(value) is not FIELDS[name]:
            raise RestError(400, "JSON_PARSER_ERROR", f"Cannot deserialize a value of field {name}")
    # Salesforce keeps no empty texts.
    return {name: None if value == "" else value for name, value in values.items()}


def _made_up(number: int) -> Row:
    return {
        "Name": f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} {_LAST_NAMES[number // len(_FIRST_NAMES)]}",
        "Industry": _INDUSTRIES[number % len(_INDUSTRIES)],
        "BillingCity": _CITIES[number % len(_CITIES)],
        "NumberOfEmployees": 10 + 37 * number,
        EXTERNAL_ID: f"A-{number:04d}",
    }
