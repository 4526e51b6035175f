"""Measuring: callers at a constant rate, for a while without a rotation and then until one has ended."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sfmint_local.callers import EVERY_S, Callers, Served
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.errors import LocalStackError
from sfmint_local.functions import Answer, FunctionError
from sfmint_local.rotation.measured import Comparison, Measured, Spread
from sfmint_local.rotation.rotated import OPEN, Rotated

BEFORE_S = 120.0
LONGEST_S = 600.0 - BEFORE_S  # of a rotation, so that all is over after ten minutes
_PAUSE_S = 1.0  # between two orders, at least

type Order = Callable[[str], Answer]
type Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Time, as it passes for whoever waits for a rotation. The clocks: seconds of the monotonic one, and of the epoch."""

    now: Callable[[], float] = field(default=time.monotonic)
    epoch: Callable[[], float] = field(default=time.time)
    sleep: Callable[[float], object] = field(default=time.sleep)


def measure(stack: EmbeddedStack, connection: str, tell: Tell) -> Measured:
    """Rotate the key of a connection under load, and return what its callers saw.

    Args:
        stack: it stands.
        connection: whose key.
        tell: is told what is being done.

    Raises:
        FunctionError: the rotation cannot begin, or not go on.
        LocalStackError: it does not end, or no call is answered.
    """
    rotated, watch = Rotated(stack, connection), Watch()
    rotated.prepare()
    rotated.let_the_org_be_slow()
    old, callers = rotated.secret(), Callers(stack.functions)
    tell(f"calling for {BEFORE_S:.0f} s before the rotation")
    with callers.calling(connection):
        first_at = watch.now()
        watch.sleep(BEFORE_S)
        began_at = watch.now()
        standing = follow(rotated.order, tell, watch)
        ended_at = watch.now()
    before = [each for each in callers.served if first_at <= each.due_at < began_at]
    during = [each for each in callers.served if began_at <= each.due_at < ended_at]
    failures = [failure.error for failure in callers.failures]
    kinds = {
        "a token (`token_broker`)": stack.functions.broker_arn(connection),
        "a request (`salesforce_request`)": stack.functions.request_arn(connection),
    }
    return Measured(
        comparisons=[
            Comparison(kind=kind, before=_spread(before, alias, failures), during=_spread(during, alias, failures))
            for kind, alias in kinds.items()
        ],
        failures=failures,
        every_s=EVERY_S,
        took_s=ended_at - began_at,
        phase=standing["phase"],
        words=standing["words"],
        old_key=_refusal(rotated, old),
        new_key=_refusal(rotated, rotated.secret()),
    )


def follow(order: Order, tell: Tell, watch: Watch) -> Answer:
    """Begin a rotation, go on when something is due, and return how it stands at its end.

    Args:
        order: gives key_rotation an operator's order.
        tell: is told of each change.
        watch: the time.

    Raises:
        FunctionError: an order cannot be obeyed.
        LocalStackError: it does not end in time.
    """
    began_at, told = watch.now(), ""
    standing = order("start")
    while True:
        line = f"{standing['phase']}, {standing['logins']} logins, {standing['refusals']} refusals in a row"
        if line != told:
            tell(f"{watch.now() - began_at:4.0f} s: {line}")
            told = line
        if standing["phase"] not in OPEN:
            return standing
        pause_s = max(_PAUSE_S, standing["next_at"] - watch.epoch())
        if watch.now() + pause_s - began_at > LONGEST_S:
            raise LocalStackError(
                f"The rotation does not end within {LONGEST_S:.0f} s: {standing['words']}",
                remedy="Let the machine do less beside it, and try again.",
            )
        watch.sleep(pause_s)
        standing = order("advance")


def _refusal(rotated: Rotated, fields: dict[str, Any]) -> str:
    try:
        rotated.tried(fields)
    except FunctionError as error:
        return error.name
    return ""


def _spread(served: list[Served], alias: str, failures: Sequence[str]) -> Spread:
    times_s = [each.took_s for each in served if each.alias == alias]
    if not times_s:
        raise LocalStackError(
            f"No call was answered; the first that failed: {failures[0] if failures else 'none'}.",
            remedy="See what the functions have logged.",
        )
    return Spread.of(times_s)
