"""When foreign attributes may be taken away: they are still what was found wrong."""

from sfmint.lifetime import EARLIEST, LATEST, is_instant
from sfmint.row.conditional_write import FOREIGN, AllOf, Between, Compare, Named, Not, OfType, Value
from sfmint.row.row import CacheRow, type_of

_ROUNDED = 1e-15  # of a number: more than what it has lost as a float


def still_malformed(row: CacheRow) -> AllOf:
    """Return the condition of `repair`."""
    return AllOf(*(_unchanged(name, value) for name, value in row.malformed))


def _unchanged(name: str, value: Value) -> Named:
    is_number = isinstance(value, int | float)
    if value == FOREIGN or (is_number and type_of(name) != "N"):
        why = "likewise for a value whose type sfmint does not even read"
        return Named(f"{name}_still_foreign", why, Not(OfType(name, type_of(name))))
    if isinstance(value, int | float):
        return _number_unchanged(name, value)
    return Named(f"{name}_unchanged", "what stands there is still what was found wrong", Compare(name, "=", value))


def _number_unchanged(name: str, value: float) -> Named:
    if not is_instant(value):
        why = "likewise for a number that is no instant, such as one in milliseconds"
        return Named(f"{name}_still_out_of_range", why, Not(Between(name, EARLIEST, LATEST)))
    # A count that is no whole number. DynamoDB's numbers have up to 38 digits, so this one may be rounded.
    margin = _ROUNDED * max(abs(value), 1.0)
    near = Between(name, value - margin, value + margin)
    return Named(f"{name}_unchanged", "likewise for a count that is no whole number", near)
