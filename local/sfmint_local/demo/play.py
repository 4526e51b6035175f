"""Playing the steps: each is timed, its logins are counted, and the first false claim ends the play."""

import time
from collections.abc import Callable, Iterable

from sfmint_local.demo.outcome import FalseClaimError, Outcome, Shown
from sfmint_local.demo.render import Account
from sfmint_local.demo.stage import Stage, equal
from sfmint_local.demo.steps import Claim
from sfmint_local.errors import LocalStackError
from sfmint_local.org.store import Counters

type Count = Callable[[], Counters]


def play_all(steps: Iterable[Claim], stage: Stage, account: Account, outcomes: list[Outcome], count: Count) -> None:
    """Play steps and tell of each.

    Args:
        steps: what to play, in order.
        stage: what the steps act on.
        account: whom to tell.
        outcomes: where each step's outcome is added as soon as it is over.
        count: reads the org's counters.

    Raises:
        FalseClaimError: a step's claim was false.
    """
    for step in steps:
        with account.step(step.name):
            outcome = _play(step, stage, count)
        outcomes.append(outcome)
        account.tell(outcome)
        if not outcome.ok:
            raise FalseClaimError(f"The step {step.name!r} failed.")


def _play(step: Claim, stage: Stage, count: Count) -> Outcome:
    before, began = count(), time.perf_counter()
    try:
        shown, ok = step.run(stage), True
        after = count()
        equal(after.logins_granted - before.logins_granted, step.logins, "the number of logins at Salesforce")
        asked = after.token_requests - before.token_requests
        equal(asked, step.logins + step.refused, "the number of times that Salesforce was asked for a token")
    except (FalseClaimError, LocalStackError) as error:
        shown, ok = Shown(str(error)), False
    except Exception as error:  # noqa: BLE001 - whatever goes wrong makes the claim false
        shown, ok = Shown(f"{type(error).__name__}: {error}"), False
    ms = round((time.perf_counter() - began) * 1000)
    logins = count().logins_granted - before.logins_granted
    return Outcome(name=step.name, ok=ok, ms=ms, logins=logins, shown=shown)
