"""What botocore makes its clients of AWS from, cut down to what the functions ask.

Of a service's model most describes operations that nothing here calls, and all of it is parsed whenever a client is made.
"""

import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

# Of salesforce_request, key_rotation and prober, and of their tokens' client. tests/packaging/test_networks_page.py holds them
# to what the roles may, for a role may no more than its function does.
SDK_OPERATIONS: Mapping[str, Collection[str]] = {
    "dynamodb": {"GetItem"},
    "kms": {"Encrypt", "GetPublicKey", "Sign"},
    "lambda": {"Invoke"},
    "secretsmanager": {"DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"},
    "sns": {"Publish"},
    "ssm": {"DeleteParameter", "GetParameter", "GetParametersByPath", "PutParameter"},
}
_UNREAD = ("examples-1.json", "paginators-1*.json", "waiters-2.json")


def shorten(data: Path) -> None:
    """Leave of botocore's data what a client of SDK_OPERATIONS is made from.

    Args:
        data: the folder `botocore/data`.
    """
    for packed in sorted(data.glob("*/*/*.json.gz")):
        plain = packed.with_suffix("")  # without .gz: the layer is zipped anyway
        described = _undocumented(json.loads(gzip.decompress(packed.read_bytes())))
        if plain.name == "service-2.json":
            described = cut(described, SDK_OPERATIONS.get(packed.parts[-3], ()))
        plain.write_text(_compact(described))
        packed.unlink()
    for pattern in _UNREAD:
        for path in data.glob(f"*/*/{pattern}"):
            path.unlink()
    if (endpoints := data / "endpoints.json").is_file():
        known = json.loads(endpoints.read_text())
        for partition in known["partitions"]:
            partition["services"] = {
                name: partition["services"][name]
                for name in sorted(SDK_OPERATIONS.keys() & partition["services"].keys())
            }
        endpoints.write_text(_compact(known))


def cut(model: Mapping[str, Any], operations: Collection[str]) -> dict[str, Any]:
    """Return a service's model with some of its operations, and the shapes that these need."""
    kept = {name: operation for name, operation in model.get("operations", {}).items() if name in operations}
    needed: set[str] = set()
    found = set(_shapes_in(kept))
    while found:
        needed |= found
        found = {shape for name in found for shape in _shapes_in(model["shapes"][name])} - needed
    shapes = {name: shape for name, shape in model.get("shapes", {}).items() if name in needed}
    return {**model, "operations": kept, "shapes": shapes}


def _shapes_in(part: Any) -> Iterator[str]:
    """Give the names of the shapes to which a part refers."""
    if isinstance(part, dict) and isinstance(name := part.get("shape"), str):
        yield name
    elif isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _shapes_in(each)


def _undocumented(model: Any) -> Any:
    match model:
        case dict():
            # A member of a structure may have the name as well: then it is described by an object.
            return {
                name: _undocumented(part)
                for name, part in model.items()
                if not (name == "documentation" and isinstance(part, str))
            }
        case list():
            return [_undocumented(part) for part in model]
        case _:
            return model


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
