"""Whether every alias of the stack runs the build that was deployed.

The deployer invokes the alias ``live`` of each function, which gives nobody a token, and compares by ListAliases where
the connections' aliases point: it needs the right to no connection. An older build, to which one goes back, may refuse that
question. It has started then, and Lambda says which build it is.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from deploying.aws import in_words
from deploying.console import Console
from deploying.errors import Failed

_PATIENCE_S = 30  # what IAM takes to tell every host of a new role
_PAUSE_S = 1
_STATUS = b'{"action": "status"}'
_REFUSALS = {"ConnectionForbidden", "InvalidRequest"}  # how a build answers a question that it does not know


def prove(functions: Any, arns: Mapping[str, str], build: str, console: Console) -> None:
    """Wait until every alias of every function runs a build.

    Args:
        functions: a client of Lambda.
        arns: of the functions, without alias, by a short name.
        build: the digest that ``live`` has to answer.
        console: its clock.

    Raises:
        Failed: an alias does not, after half a minute.
    """
    since = console.clock()
    while amiss := [said for name, arn in arns.items() for said in _amiss(functions, name, arn, build)]:
        if console.clock() - since >= _PATIENCE_S:
            raise Failed(
                f"The stack is deployed, but not every alias runs build {build}: {'; '.join(amiss)}. "
                "Look into the function's log group, then deploy again, or go back: make rollback."
            )
        console.sleep(_PAUSE_S)


def _amiss(functions: Any, name: str, arn: str, build: str) -> list[str]:
    """Return what is not as it should be, one clause for each finding."""
    try:
        said = _said_by_live(functions, arn)
        pages = functions.get_paginator("list_aliases").paginate(FunctionName=arn)
        aliases = {alias["Name"]: alias["FunctionVersion"] for alias in pages.search("Aliases")}
    except ClientError as error:
        return [f"{name} cannot be asked: {in_words(error)}"]
    if "errorType" in said:
        return [f"{name}:live fails with {said['errorType']}: {said.get('errorMessage')}"]
    if said.get("build") != build:
        return [f"{name}:live answers {said.get('build') or 'none'}"]
    return [
        f"{name}:{alias} is at version {version} and live at {aliases['live']}"
        for alias, version in aliases.items()
        if version != aliases["live"]
    ]


def _said_by_live(functions: Any, arn: str) -> dict[str, Any]:
    """Return the build of ``live`` by its own word, or by Lambda's if it refuses to say; or the error that it ends with."""
    answer = functions.invoke(FunctionName=f"{arn}:live", Payload=_STATUS)
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    if said.get("errorType") not in _REFUSALS:
        return said
    settings = functions.get_function_configuration(FunctionName=f"{arn}:live")
    return {"build": settings.get("Environment", {}).get("Variables", {}).get("SFMINT_BUILD")}
