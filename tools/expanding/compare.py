"""Compares what several programs have made of one template."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from expanding.expand import Expanded

# SAM ends the name of a version or layer with a digest of what it holds, which the programs write in different ways.
_DIGEST = re.compile(r"(?:(?<=Version)|(?<=Layer))[0-9a-f]{10}\b")


def differences(expanded: Expanded) -> Iterator[str]:
    """Give each place where two programs disagree, with both values."""
    plain = {name: _normal(template) for name, template in expanded.by.items()}
    for one, other in combinations(plain, 2):
        for place, left, right in _differing(plain[one], plain[other], ""):
            yield f"{expanded.variant}: {place}: {one} has {left}, {other} has {right}"


def _normal(value: Any) -> Any:
    match value:
        case {"Fn::Sub": str(text)}:
            return _normal(
                text
            )  # the SAM CLI takes the function away where it leaves a resource's attribute to fill in
        case dict():
            return {_DIGEST.sub("", key): _normal(part) for key, part in value.items()}
        case list():
            return [_normal(part) for part in value]
        case bool() | None:
            return value
        case _:
            return _DIGEST.sub("", str(value))  # CloudFormation takes a number as its text


def _differing(left: Any, right: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            yield from _differing(left.get(key, "nothing"), right.get(key, "nothing"), f"{place}/{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from _differing(one, other, f"{place}/{number}")
    elif left != right:
        yield place, left, right
