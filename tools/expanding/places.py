"""Walks a template: every text in it, with the place where it stands."""

from collections.abc import Iterator
from typing import Any

type Place = tuple[str, ...]


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Give each text of a part, keys left out, with the keys and indices that lead to it."""
    match value:
        case dict():
            for key, part in value.items():
                yield from texts(part, (*place, key))
        case list():
            for number, part in enumerate(value):
                yield from texts(part, (*place, str(number)))
        case str():
            yield place, value
        case _:
            pass


def keys(value: Any) -> Iterator[str]:
    """Give each key of a part."""
    match value:
        case dict():
            for key, part in value.items():
                yield key
                yield from keys(part)
        case list():
            for part in value:
                yield from keys(part)
        case _:
            pass
