"""Faults of a deployment: with ``where`` "deploy" they meet the request that starts it."""

from werkzeug.wrappers import Response

from sfmint_local.org.fault_kinds import Call, kind
from sfmint_local.org.setup.deployment import Fate


@kind
def deploy_fails(
    call: Call, *, code: str = "UNKNOWN_EXCEPTION", message: str = "An unexpected error occurred."
) -> Response:
    """Let the deployment fail as a whole, after its time: a code and a message, and nothing of any component."""
    call.request.fate = Fate(kind="fails", error=(code, message))
    return call.answer()


@kind
def deploy_hangs(call: Call) -> Response:
    """Let the deployment never be done."""
    call.request.fate = Fate(kind="hangs")
    return call.answer()


@kind
def deploy_half(call: Call) -> Response:
    """Let half of the deployment's components stay, whatever rollbackOnError says."""
    call.request.fate = Fate(kind="half")
    return call.answer()
