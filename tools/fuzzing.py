"""The program of `make fuzz`: gives every reader inputs near to valid ones, until the time is up.

It shares the time among the targets of `tests/fuzz`. Where a reader fails, the smallest such input is printed and kept
in `.local/fuzz`: the next run of that target begins with it. Exit code: 0 nothing found, 1 something found, 2 a wrong
command line, 130 after Ctrl-C.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Verbosity, given, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from fuzz.target import Target
from fuzz.targets import TARGETS
from sfmint_local import places
from sfmint_local.interruption import INTERRUPTED

FIRST_ROUND = 50  # inputs, after which it is known how long one takes
LONGEST_ROUND_S = 1.0
STUCK_S = 20.0  # for one input, after which its reader is taken for stuck


@dataclass(slots=True)
class Count:
    """What was done so far."""

    targets: int = 0
    inputs: int = 0
    findings: int = 0

    def line(self, seconds: float) -> str:
        """Return it as one line."""
        found = f"{self.targets} targets, {self.inputs:,} inputs, {self.findings} findings"
        return f"fuzz: {found}, {seconds:.0f} s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, and return the exit code."""
    given_ = _arguments(arguments)
    targets = [target for target in TARGETS if not given_.targets or target.name in given_.targets]
    count, began = Count(), time.monotonic()
    try:
        for at, target in enumerate(targets):
            left_s = began + given_.minutes * 60 - time.monotonic()
            print(f"{at + 1:2} of {len(targets)}: {target.name}", end=" ", file=sys.stderr, flush=True)
            _fuzz(target, left_s / (len(targets) - at), count)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        print(count.line(time.monotonic() - began))
        return INTERRUPTED
    print(count.line(time.monotonic() - began))
    return 1 if count.findings else 0


def _fuzz(target: Target, seconds: float, count: Count) -> None:
    """Give a target inputs for a while, or until it fails."""
    before, began, most = count.inputs, time.monotonic(), FIRST_ROUND
    while True:
        try:
            _round(target, most, count)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            count.findings += 1
            print(f"FOUND\n{_told(target, error)}", file=sys.stderr, flush=True)
            break
        took_s = max(time.monotonic() - began, 1e-6)
        if took_s >= seconds:
            break
        a_second = (count.inputs - before) / took_s
        most = max(1, int(a_second * min(LONGEST_ROUND_S, seconds - took_s)))
    count.targets += 1
    print(f"{count.inputs - before:,} inputs, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _round(target: Target, most: int, count: Count) -> None:
    """Give a target so many inputs; of a failure, the smallest that was found is noted with the error."""
    last: list[Any] = []

    def check(value: Any) -> None:
        count.inputs += 1
        last[:] = [value]
        with _given_up_when_stuck():
            target.check(value)

    configured = settings(
        max_examples=most,
        database=DirectoryBasedExampleDatabase(places.LOCAL / "fuzz" / target.name.replace(" ", "-")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    try:
        configured(given(target.inputs)(check))()
    except Exception as error:
        error.add_note(f"the input: {last[0]!r:.2000}" if last else "no input was made")
        raise


def _told(target: Target, error: Exception) -> str:
    """Return what a person needs: the input, how it failed, how to see it again."""
    notes = "\n".join(getattr(error, "__notes__", ()))
    again = f'see it again: make fuzz TARGETS="{target.name}" MINUTES=0.1'
    return f"{notes}\n{type(error).__name__}: {error}\n{again}"


@contextmanager
def _given_up_when_stuck() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise AssertionError(f"it does not come to an end within {STUCK_S:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, STUCK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description="Give every reader of foreign text hostile inputs.")
    parser.add_argument("--minutes", type=_minutes, default=10.0, help="how long; default 10")
    names = [target.name for target in TARGETS]
    parser.add_argument("--targets", type=lambda text: text.split(","), default=[], help="some only, by comma")
    parsed = parser.parse_args(arguments)
    if unknown := sorted(set(parsed.targets) - set(names)):
        parser.error(f"no target is called {', '.join(unknown)}; there are {', '.join(names)}")
    return parsed


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes <= 24 * 60:
        raise argparse.ArgumentTypeError("give more than 0 and at most 1440")
    return minutes


if __name__ == "__main__":
    sys.exit(main())
