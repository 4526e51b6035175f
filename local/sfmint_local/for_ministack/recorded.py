"""What the roles of functions and schedules ask of AWS, written down a line a request; it counts where ``AUTH`` is on.

MiniStack judges what a function's code asks, by its role. It does not judge what a schedule's role may, so that is written down as
it is, and whoever reads it has to judge.
"""

import functools
import json
import os
import threading
from typing import Any

from sfmint_local.for_ministack.names import named

_VARIABLE = "SFMINT_ROLE_CALLS"  # holds the path of the file


def patch_recording() -> None:
    """Each request of a role is added to the file that the environment names."""
    from ministack import app
    from ministack.core import iam_evaluator
    from ministack.services import eventbridge

    path = os.environ.get(_VARIABLE)
    if not app.AUTH or not path:
        return
    enforce = named(iam_evaluator, "enforce")
    invoke_target = named(eventbridge, "_invoke_target")
    write = _writer(path)

    @functools.wraps(enforce)
    def enforce_and_write(key: str, action: str, *request: Any, **more: Any) -> Any:
        refusal = enforce(key, action, *request, **more)
        if caller := _role_of(key):
            role, function = caller
            context = {"lambda:SourceFunctionArn": function, **(more.get("service_context") or {})}
            write(role, action, more.get("resource_arn", "*"), context, allowed=refusal is None)
        return refusal

    @functools.wraps(invoke_target)
    def invoke_and_write(target: Any, *request: Any, **more: Any) -> Any:
        if role := target.get("RoleArn"):
            write(role.rpartition("/")[2], "lambda:InvokeFunction", target["Arn"], {}, allowed=True)
        return invoke_target(target, *request, **more)

    iam_evaluator.enforce = enforce_and_write
    eventbridge._invoke_target = invoke_and_write  # noqa: SLF001


def _role_of(key: str) -> tuple[str, str] | None:
    """Return the role that a function's code asks with, and the ARN of that function."""
    from ministack.services import sts

    session = sts._sessions.get(key) or {}  # noqa: SLF001
    function = session.get("SourceFunctionArn")
    return (session["Arn"].split("/")[1], function) if function else None


def _writer(path: str) -> Any:
    lock = threading.Lock()

    def write(role: str, action: str, resource: str, context: dict[str, Any], *, allowed: bool) -> None:
        said = {"role": role, "action": action, "resource": resource, "context": context, "allowed": allowed}
        with lock, open(path, "a") as file:  # noqa: PTH123 - it is opened for every request
            file.write(f"{json.dumps(said, default=str)}\n")

    return write
