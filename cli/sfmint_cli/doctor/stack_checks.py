"""Is the stack there, and does this machine tell the time as AWS does?"""

from functools import partial
from typing import Any

from sfmint import clock_skew
from sfmint_cli.aws_account import Account
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.pasteable import aws
from sfmint_cli.result import Failed
from sfmint_cli.stack import Stack

_OF_CREDENTIALS = frozenset({"ExpiredCredentials", "InvalidCredentials"})
_SIGNED_FOR_S = 300.0  # AWS's signature version 4 is good for five minutes
_SET_CLOCK = "Set this machine's clock, for instance by NTP."


def stack(case: Case) -> Finding:
    """Look for the stack, and for the connection in it."""
    try:
        case.account = Account(case.target)
        case.account.botocore.register("after-call", partial(_note_date, case))
        found = Stack.deployed(case.account, case.target.stack)
        found.require(case.name)
    except Failed as failed:  # without it nothing else is known, whatever the reason
        if failed.name in _OF_CREDENTIALS and abs(case.aws_behind_s or 0) > _SIGNED_FOR_S:
            return of_clock(case.aws_behind_s, "AWS's")
        return Finding.fault(failed.cause, failed.remedy)
    case.stack = found
    return _of_status(found) or _of_size(found, case.account.region)


def _of_status(found: Stack) -> Finding | None:
    """Return what a change of the stack means, which is under way or has failed; the stack may work all the same."""
    is_, name = found.status, found.name
    if is_.startswith("DELETE_"):
        return Finding.warning(f"The stack {name} is {is_}.", "Ask who deletes it, and name another one with --stack.")
    if is_.endswith("_IN_PROGRESS"):
        cause = f"The stack {name} is {is_}, so what follows may be half changed."
        return Finding.warning(cause, "Run doctor again when that has ended.")
    if is_ == "UPDATE_ROLLBACK_FAILED":
        command = aws("cloudformation", "continue-update-rollback", "--stack-name", name)
        return Finding.warning(f"The stack {name} is {is_}, and takes no deploy.", f"End that: {command}")
    if "ROLLBACK" in is_ or is_.endswith("_FAILED"):
        command = aws("cloudformation", "describe-stack-events", "--stack-name", name)
        return Finding.warning(f"The stack {name} is {is_}: its last deploy has failed.", f"See why: {command}")
    return None


def _of_size(found: Stack, region: str) -> Finding:
    count = len(found.connections)
    return Finding.ok(f"{found.name} in {region} has {count} {'connection' if count == 1 else 'connections'}.")


def aws_clock(case: Case) -> Finding:
    """Compare this machine's clock with that of AWS's answers."""
    return of_clock(case.aws_behind_s, "AWS's")


def of_clock(behind_s: float | None, whose: str) -> Finding:
    """Return what a difference between this machine's clock and another means.

    Args:
        behind_s: by how many seconds this one is behind; None: the other was not seen.
        whose: the other is.
    """
    if behind_s is None:
        return Finding.not_checked("No answer has said what time it is there.")
    if abs(behind_s) <= clock_skew.AGREES_WITHIN_S:
        return Finding.ok(f"This machine's clock agrees with {whose}.")
    told = clock_skew.in_words(behind_s, whose)
    cause = f"{told[0].upper()}{told[1:]}; the stack's functions have a clock of AWS's."
    kind = Finding.warning if abs(behind_s) <= clock_skew.MINTS_WITHIN_S else Finding.fault
    return kind(cause, _SET_CLOCK)


def _note_date(case: Case, http_response: Any, **_: Any) -> None:
    """Keep by how much an answer of AWS's, a refusal too, is ahead of this machine."""
    case.aws_behind_s = clock_skew.behind_s(str(http_response.headers.get("Date", "")), case.clock.now())
