"""key_rotation: replaces the keys of connections, in the four steps of Secrets Manager's rotation; answers none."""

import gc

gc.disable()  # until the function stands: nothing that its start makes is garbage

import os
from typing import TYPE_CHECKING, Any

import sfmint_client.rest.client  # noqa: F401 - what an admin connection is used by
from sfmint_values.alias_arn import asks_for_build

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

gc.freeze()  # and what it has made is not looked through again
gc.enable()


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Answer which build is deployed."""
    if asks_for_build(event, context.invoked_function_arn, context.function_name):
        return {"build": os.environ.get("SFMINT_BUILD", "")}  # noqa: TID251 - the one place
    return {}
