"""Who else may invoke an alias: what ``aws lambda add-permission`` has given, which goes with the alias."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError


def grants(functions: Any, aliases: Iterable[str], own: Collection[str] = ()) -> Iterator[str]:
    """Give a clause for each grant in the aliases' own policies.

    Args:
        functions: a client of Lambda.
        aliases: their ARNs.
        own: the ids of the statements that are the stack's own.
    """
    for alias in aliases:
        try:
            policy = functions.get_policy(FunctionName=alias)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                continue
            raise
        for statement in (each for each in json.loads(policy)["Statement"] if each.get("Sid") not in own):
            principal = statement.get("Principal", {})
            who = principal if isinstance(principal, str) else ", ".join(map(str, principal.values()))
            yield f"{who} on {alias.rpartition('function:')[2]}"
