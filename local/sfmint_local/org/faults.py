"""The faults that a client may meet at the org: what is said, when and how long, and in what frame."""

import inspect

from werkzeug.wrappers import Response

from sfmint_local.org import answer_faults, deploy_faults, framing_faults, wire_faults
from sfmint_local.org.fault_kinds import EFFECTS, Call
from sfmint_local.org.values import Fault

__all__ = ["Call", "answer_faults", "check", "deploy_faults", "framing_faults", "kinds", "perform", "wire_faults"]


def kinds() -> list[str]:
    """Return the names of all kinds."""
    return sorted(EFFECTS)


def check(fault: Fault) -> None:
    """Refuse a fault that cannot be performed.

    Raises:
        ValueError: an unknown kind or parameter.
    """
    if fault.kind not in EFFECTS:
        raise ValueError(f"Unknown fault {fault.kind!r}. Known are {', '.join(kinds())}.")
    try:
        inspect.signature(EFFECTS[fault.kind]).bind(None, **fault.params)
    except TypeError as error:
        raise ValueError(f"The fault {fault.kind} does not take this: {error}.") from None


def perform(fault: Fault, call: Call) -> Response:
    """Let a fault happen.

    Raises:
        ConnectionAbortedError: the fault has dealt with the connection itself.
        AnswerSent: the fault has answered by itself.
    """
    return EFFECTS[fault.kind](call, **fault.params)
