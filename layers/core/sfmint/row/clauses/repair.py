"""When foreign attributes may be taken away: they are still what was found wrong."""

from sfmint.row.conditional_write import FOREIGN, AllOf, Compare, Named, Not, OfType, Value
from sfmint.row.row import CacheRow, type_of


def still_malformed(row: CacheRow) -> AllOf:
    """Return the condition of `repair`."""
    return AllOf(*(_unchanged(name, value) for name, value in row.malformed))


def _unchanged(name: str, value: Value) -> Named:
    if value == FOREIGN:
        why = "likewise for a value whose type sfmint does not even read"
        return Named(f"{name}_still_foreign", why, Not(OfType(name, type_of(name))))
    return Named(f"{name}_unchanged", "what stands there is still what was found wrong", Compare(name, "=", value))
