"""What deploys leave behind: versions of functions that no alias points to, and old versions of the client layer.

A version that is gone takes nothing from the way back: ``make rollback`` publishes anew from the saved artefacts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

KEPT_LAYERS = 5


@dataclass(frozen=True, slots=True)
class Old:
    """Something that can go.

    Attributes:
        what: in words.
        delete: deletes it.
    """

    what: str
    delete: Callable[[], Any]


def old_versions(functions: Any, arns: Mapping[str, str]) -> list[Old]:
    """Return the published versions of functions that no alias points to, not even with a weight."""
    return [old for name, arn in arns.items() for old in _old_of(functions, name, arn)]


def old_layers(functions: Any, stack: str, present: str, kept: int = KEPT_LAYERS) -> list[Old]:
    """Return the versions of the client layer but the newest ones, the stack's present one, and those in use.

    What uses one is seen in the account and region, of each function's ``$LATEST`` only.

    Args:
        functions: a client of Lambda.
        stack: the stack's name.
        present: the ARN of the version that the stack has.
        kept: how many of the newest stay, for consumers that name one by its ARN.
    """
    name = f"{stack}-client"
    pages = functions.get_paginator("list_layer_versions").paginate(LayerName=name)
    used = {present} | _layers_in_use(functions)
    found = {layer["Version"]: layer["LayerVersionArn"] for page in pages for layer in page["LayerVersions"]}
    return [
        Old(
            f"layer {name}, version {number}",
            partial(functions.delete_layer_version, LayerName=name, VersionNumber=number),
        )
        for number in sorted(found, reverse=True)[kept:]
        if found[number] not in used
    ]


def _layers_in_use(functions: Any) -> set[str]:
    pages = functions.get_paginator("list_functions").paginate()
    return {layer["Arn"] for page in pages for function in page["Functions"] for layer in function.get("Layers", [])}


def _old_of(functions: Any, name: str, arn: str) -> list[Old]:
    aliases = list(functions.get_paginator("list_aliases").paginate(FunctionName=arn).search("Aliases"))
    used = {alias["FunctionVersion"] for alias in aliases} | {"$LATEST"}
    for alias in aliases:
        used |= set(alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}))
    versions = functions.get_paginator("list_versions_by_function").paginate(FunctionName=arn).search("Versions")
    return [
        Old(
            f"{name}, version {number}",
            partial(functions.delete_function, FunctionName=arn, Qualifier=number),
        )
        for version in versions
        if (number := version["Version"]) not in used
    ]
