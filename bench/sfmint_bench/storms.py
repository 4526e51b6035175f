"""A hundred cold callers at once, as processes: what they cost in logins, also where the winner is killed mid-mint."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sfmint_bench.footing import LOGIN_MS, equal_footing, logins_taking
from sfmint_bench.gates import ALL_ANSWERED, COLD_CALLERS, WINNER_KILLED
from sfmint_bench.report import Result
from sfmint_local.environments import BareStack, Environment, Environments, Reply
from sfmint_local.errors import LocalStackError

CALLERS = 100
DEADLINE_MS = 40_000
_LATE_S = 5.0  # for the answers to arrive
_MINT_MS = 2000  # long enough to kill somebody in the middle of it
_POLL_S = 0.02
_REACHES_S = 30.0

type Logins = dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storms:
    """What storms of cold callers cost.

    Attributes:
        results: one a gate.
        logins: by the number of callers, of those that were not disturbed.
    """

    results: Sequence[Result]
    logins: Mapping[int, int]


def storms(stack: BareStack, environments: Environments, *, fewer: Sequence[int]) -> Storms:
    """Measure a hundred callers, undisturbed and with the winner killed, and smaller storms.

    Args:
        stack: where.
        environments: start the callers.
        fewer: how many callers the smaller ones have.

    Raises:
        LocalStackError: they could not be measured.
    """
    logins: Logins = {}
    for number in fewer:
        _cold_callers(stack, environments, number)
        logins[number] = stack.logins(_storm_of(number))
    cold, killed = _cold_callers(stack, environments, CALLERS), _winner_killed(stack, environments)
    logins[CALLERS] = stack.logins(_storm_of(CALLERS))
    results = [
        Result(gate=COLD_CALLERS, value=logins[CALLERS], seen=_longest(cold)),
        Result(gate=WINNER_KILLED, value=stack.logins("killed"), seen=_longest(killed)),
        all_answered([*cold, *killed]),
    ]
    return Storms(results=results, logins=logins)


def naive_storms(stack: BareStack, *, callers: Sequence[int]) -> Logins:
    """Return what as many cold callers cost with the naive recipe: logins by their number.

    Raises:
        LocalStackError: a caller got no token.
    """
    logins: Logins = {}
    with equal_footing(stack, "naive-storm") as footing, logins_taking(stack, LOGIN_MS):
        for number in callers:
            before = stack.logins(footing.connection)
            answered = footing.measured([sys.executable, "-m", "sfmint_bench.storm_process", str(number)])
            if answered != number:
                cause = f"Of {number} callers of the naive recipe {number - answered} got no token."
                raise LocalStackError(cause, remedy="Run it again, with nothing else on the machine.")
            logins[number] = stack.logins(footing.connection) - before
    return logins


def all_answered(replies: Sequence[Reply]) -> Result:
    """Return how many callers had no token at their deadline, and why."""
    failed = Counter(reason for reply in replies if (reason := _reason(reply)))
    seen = [f"deadline {DEADLINE_MS / 1000:g} s", *(f"{reason} {number}" for reason, number in failed.items())]
    return Result(gate=ALL_ANSWERED, value=failed.total(), seen=", ".join(seen))


def _storm_of(callers: int) -> str:
    return f"storm-of-{callers}"


def _cold_callers(stack: BareStack, environments: Environments, number: int) -> list[Reply]:
    stack.connect(_storm_of(number))
    callers = environments.start_many(number, stack.settings())
    with logins_taking(stack, LOGIN_MS):  # so that a late caller does not simply find the row
        _ask(_storm_of(number), callers)
        replies = _replies(callers)
    environments.end_all()
    return replies


def _winner_killed(stack: BareStack, environments: Environments) -> list[Reply]:
    stack.connect("killed")
    winner, *others = environments.start_many(CALLERS, stack.settings())
    before = stack.control.counters().token_requests
    with logins_taking(stack, _MINT_MS):
        _ask("killed", [winner])
        _wait_for_request(stack, before)
        _ask("killed", others)
        winner.kill()
        replies = _replies(others)
    environments.end_all()
    return replies


def _ask(connection: str, callers: Iterable[Environment]) -> None:
    for caller in callers:
        caller.begin({"connection": connection, "deadline_ms": DEADLINE_MS})


def _wait_for_request(stack: BareStack, before: int) -> None:
    last = time.monotonic() + _REACHES_S
    while stack.control.counters().token_requests == before:
        if time.monotonic() > last:
            cause = f"The winner has not reached the token endpoint within {_REACHES_S:g} s."
            raise LocalStackError(cause, remedy="Run it again, with nothing else on the machine.")
        time.sleep(_POLL_S)


def _replies(callers: Sequence[Environment]) -> list[Reply]:
    return [caller.finish(DEADLINE_MS / 1000 + _LATE_S) for caller in callers]


def _reason(reply: Reply) -> str | None:
    """Return why a caller had no token at its deadline, if so."""
    return reply.error or ("too late" if reply.took_s > DEADLINE_MS / 1000 else None)


def _longest(replies: Sequence[Reply]) -> str:
    return f"the longest wait {max(reply.took_s for reply in replies):.1f} s"
