"""Runs checks: what depends on nothing runs side by side, and what depends on a failed one is not run.

Each check has a bound, and all together have one: a host that never answers holds up only what needs it.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from traceback import extract_tb

import click

from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.result import Failed
from sfmint_values.system import Clock

ALL_S = 9.0  # for all checks together


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question.

    Attributes:
        name: what a program tells it by.
        title: what is looked at, in words.
        examine: looks, may raise `Failed`, and leaves on the case what later checks read.
        needs: names of checks that must have gone well.
        after: names of checks whose end is waited for, however they end.
        bound_s: how long it may take, in seconds.
    """

    name: str
    title: str
    examine: Callable[[Case], Finding]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    bound_s: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A check and what it has found."""

    check: Check
    finding: Finding


def results(checks: Sequence[Check], case: Case, clock: Clock, context: click.Context) -> Iterator[Result]:
    """Run checks and yield what they find, in their order, each as soon as it is known.

    Args:
        checks: each stands after those that it needs.
        case: what they are about.
        clock: for the time that all have together.
        context: of the command, for the commands that remedies name.
    """
    run = _Run(checks, case, context)
    ends_at = clock.monotonic() + ALL_S
    for check in checks:
        yield Result(check=check, finding=run.finding(check.name, max(0.0, ends_at - clock.monotonic())))


class _Run:
    """Every check in a thread of its own, which first waits for the checks that it needs."""

    def __init__(self, checks: Sequence[Check], case: Case, context: click.Context) -> None:
        self._case = case
        self._context = context
        self._checks = {check.name: check for check in checks}
        self._findings: dict[str, Future[Finding]] = {check.name: Future() for check in checks}
        for check in checks:
            Thread(target=self._settle, args=(check,), daemon=True, name=check.name).start()

    def finding(self, name: str, within_s: float) -> Finding:
        """Return what a check has found by then."""
        try:
            return self._findings[name].result(within_s)
        except TimeoutError:
            return Finding.unended(f"The {ALL_S:.0f} seconds for all checks were over.", "Run doctor again.")

    def _settle(self, check: Check) -> None:
        for name in check.after:
            self._findings[name].result()
        for name in check.needs:
            if not self._findings[name].result().is_good:
                first = self._checks[name].title
                self._findings[check.name].set_result(
                    Finding.not_checked(f"It builds on a check that is not ok: {first}.")
                )
                return
        self._findings[check.name].set_result(self._bounded(check))

    def _bounded(self, check: Check) -> Finding:
        """Return what a check finds within its bound; what it is still waiting for then is left to itself."""
        found: Future[Finding] = Future()
        Thread(target=lambda: found.set_result(self._examined(check)), daemon=True, name=check.name).start()
        try:
            return found.result(check.bound_s)
        except TimeoutError:
            return Finding.unended(
                f"There was no answer within {check.bound_s:.0f} s.",
                "Run doctor again; if it lasts, look at this machine's network.",
            )

    def _examined(self, check: Check) -> Finding:
        try:
            with self._context.scope(cleanup=False):  # a thread has none of its own
                return check.examine(self._case)
        except Failed as failed:
            return Finding.of(failed)
        except BaseException as error:  # noqa: BLE001 - one check's fault must not hide what the others find
            return _own_fault(error)


def _own_fault(error: BaseException) -> Finding:
    place = extract_tb(error.__traceback__)[-1]
    return Finding.unended(
        f"sfmint met a fault of its own: {type(error).__name__} at {Path(place.filename).stem}:{place.lineno}.",
        "Report this line with what `sfmint --version` prints to sfmint's maintainers.",
    )
