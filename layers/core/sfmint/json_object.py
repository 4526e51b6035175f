"""One JSON object from outside, read so that no two readers can take two different values from it."""

import json
import zlib
from typing import Any, NoReturn

from sfmint_values.foreign import Foreign, ForeignBytes


def parse_object(text: Foreign | ForeignBytes) -> dict[str, Any]:
    """Return the object.

    Raises:
        ValueError: not JSON, no object, nested too deep, or a name stands in it twice; the message is a
            noun that says which, and quotes nothing.

    Source: RFC 8259 section 4: names should be unique, and what happens otherwise is unpredictable; section 6: NaN
    and Infinity, which Python reads, are not permitted.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except _TwiceError:
        raise ValueError("a JSON object in which a name stands twice") from None
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a fault of the text, not of the caller
    return value


def parse_compressed(data: ForeignBytes, largest: int) -> dict[str, Any]:
    """Return the object of a JSON text that zlib has compressed.

    Raises:
        ValueError: as `parse_object` and `unpacked`.
    """
    return parse_object(unpacked(data, largest))


def unpacked(data: ForeignBytes, largest: int) -> bytes:
    """Return the bytes that zlib has compressed.

    Args:
        data: the compressed bytes, whole.
        largest: how many they may be; no more are ever unpacked.

    Raises:
        ValueError: not compressed, cut short, followed by something, or larger.
    """
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(data, largest)
    except zlib.error:
        raise ValueError("not compressed") from None
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("not one compressed text of that size")
    return text


class _TwiceError(ValueError):
    """A name stands twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _TwiceError
    return fields


def _no_number(_: str) -> NoReturn:
    raise ValueError
