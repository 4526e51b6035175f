"""How large DynamoDB takes an item to be, and what reading and writing it uses.

Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats" and "DynamoDB read and write operations".
"""

import math

from sfmint.row.conditional_write import Item, Value

READ_UNIT_BYTES = 4096  # of a consistent read; a projection saves nothing
WRITE_UNIT_BYTES = 1024
_SET_BYTES = 3


def item_bytes(key: str, item: Item | None) -> int:
    """Returns the size of an item with its key `pk`; of none, nothing."""
    if item is None:
        return 0
    return len("pk") + len(key.encode()) + sum(len(name) + _value_bytes(value) for name, value in item.items())


def read_units(size: int) -> int:
    """Returns the read request units of one consistent read of an item of so many bytes; of none, one."""
    return max(1, math.ceil(size / READ_UNIT_BYTES))


def write_units(before: int, after: int) -> int:
    """Returns the write request units of one update, refused or not: the larger of the item before and after counts."""
    return max(1, math.ceil(max(before, after) / WRITE_UNIT_BYTES))


def _value_bytes(value: Value) -> int:
    match value:
        case str():
            return len(value.encode())
        case bytes():
            return len(value)
        case frozenset():
            return _SET_BYTES + sum(len(member.encode()) + 1 for member in value)
        case int() | float():
            digits = repr(value).replace(".", "").strip("-0")
            return math.ceil(len(digits) / 2) + 1
