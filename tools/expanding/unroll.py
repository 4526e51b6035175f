"""Unrolls the loops of a template, as the transform AWS::LanguageExtensions does.

Source: AWS CloudFormation Template Reference Guide, "Fn::ForEach".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

LOOP = "Fn::ForEach::"
_NOT_IN_A_LOGICAL_ID = re.compile(r"[^A-Za-z0-9]")


def unrolled(value: Any, lists: Mapping[str, Sequence[str]], bound: Mapping[str, str] | None = None) -> Any:
    """Return a part of a template without loops.

    Args:
        value: the part.
        lists: the parameters that are lists, as a loop names them.
        bound: the variables of the loops around the part, with their present values.
    """
    bound = bound or {}
    match value:
        case {"Ref": str(name)} if name in bound:
            return bound[name]
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _filled_in(text, bound)}
        case dict():
            found: dict[str, Any] = {}
            for key, part in value.items():
                found |= (
                    _loop(part, lists, bound)
                    if key.startswith(LOOP)
                    else {_key(key, bound): unrolled(part, lists, bound)}
                )
            return found
        case list():
            return [unrolled(part, lists, bound) for part in value]
        case _:
            return value


def _loop(loop: Sequence[Any], lists: Mapping[str, Sequence[str]], bound: Mapping[str, str]) -> dict[str, Any]:
    variable, collection, body = loop
    found: dict[str, Any] = {}
    for item in _items(collection, lists):
        for key, part in unrolled(body, lists, {**bound, variable: item}).items():
            if key in found:
                raise ValueError(f"The loop over {variable} makes {key} twice. Rename a connection.")
            found[key] = part
    return found


def _items(collection: Any, lists: Mapping[str, Sequence[str]]) -> list[str]:
    match collection:
        case {"Ref": str(name)}:
            return list(lists[name])
        case list():
            return [item for part in collection for item in _items(part, lists)]
        case _:
            return [str(collection)]


def _key(key: str, bound: Mapping[str, str]) -> str:
    for variable, item in bound.items():
        key = key.replace(f"&{{{variable}}}", _NOT_IN_A_LOGICAL_ID.sub("", item))
    return _filled_in(key, bound)


def _filled_in(text: str, bound: Mapping[str, str]) -> str:
    for variable, item in bound.items():
        text = text.replace(f"${{{variable}}}", item)
    return text
