"""An item as one text, for stores that have no types of their own."""

import base64
import json
import math
import zlib
from typing import Any

from sfmint.json_object import parse_compressed
from sfmint.row.conditional_write import FOREIGN, Item, Value
from sfmint_values.foreign import Foreign

_LARGEST = 1 << 16  # bytes of an item before they were compressed; ours have some 5,000
_WHOLE_BELOW = 10**38  # as in DynamoDB, whose numbers have 38 digits


def to_text(item: Item) -> str:
    """Return an item as JSON, compressed, in base64: Parameter Store refuses a value with `{{`."""
    plain = json.dumps({name: _plain(value) for name, value in item.items()}, allow_nan=False)
    return base64.b64encode(zlib.compress(plain.encode())).decode()


def from_text(text: Foreign) -> Item | None:
    """Return the item of a text, or None where it is none."""
    try:
        fields = parse_compressed(base64.b64decode(text, validate=True), _LARGEST)
    except ValueError:
        return None
    return {name: _value(value) for name, value in fields.items()}


def _plain(value: Value) -> Any:
    match value:
        case bytes():
            return {"base64": base64.b64encode(value).decode()}
        case frozenset():
            return sorted(value)
        case _:
            return value


def _value(plain: Any) -> Value:
    match plain:
        case bool():
            return FOREIGN
        case int() if abs(plain) >= _WHOLE_BELOW:
            return FOREIGN
        case str() | int():
            return plain
        case float() if math.isfinite(plain):
            return plain
        case [*members] if members and all(isinstance(member, str) for member in members):
            return frozenset(members)
        case {"base64": str(text), **rest} if not rest:
            return _bytes(text)
        case _:
            return FOREIGN


def _bytes(text: str) -> Value:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return FOREIGN
