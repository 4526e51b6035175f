"""Makes environments where their pins have changed: ``python3.13 tools/environments.py dev sam``.

Nothing is installed when this runs, so it and what it imports need the standard library only.
"""

import argparse
import fcntl
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import lambdas_python
from installers import ROOT, VENVS, Environment, Installers, NotMade
from lambdas_python import OtherPython
from shown_command import say

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports

ENVIRONMENTS = {
    "dev": Environment.named("dev", "tests and checks", folder=ROOT / ".venv", project=True),
    "local": Environment.named("local", "the local stack", project=True),
    "sam": Environment.named("sam", "the SAM CLI"),
    "site": Environment.named("site", "the site of docs/"),
    "audit": Environment.named("audit", "what looks for known weaknesses"),
    # These two run without writing byte code, as Lambda does.
    "ministack": Environment.named("ministack", "the embedded AWS", byte_code=True),
    "lambda": Environment.named("lambda", "the Lambda functions", byte_code=True),
}


def make(environments: Sequence[Environment]) -> None:
    """Make those of the environments that are not ready.

    Raises:
        NotMade: one could not be made.
    """
    if all(environment.is_ready for environment in environments):
        return
    with _alone():
        # Another may have made them meanwhile.
        if missing := [environment for environment in environments if not environment.is_ready]:
            installers = Installers()
            for environment in missing:
                installers.install(environment)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process makes environments here."""
    VENVS.mkdir(parents=True, exist_ok=True)
    with (VENVS.parent / "environments.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another make that makes environments here\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Make the environments named on the command line."""
    parser = argparse.ArgumentParser(prog="environments.py", description="Make environments from their pins.")
    parser.add_argument("names", nargs="+", choices=ENVIRONMENTS, metavar="NAME", help=", ".join(ENVIRONMENTS))
    names = parser.parse_args().names
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # ends what was started, too
    try:
        lambdas_python.check()
        make([ENVIRONMENTS[name] for name in names])
    except OtherPython as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except NotMade as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nerror: interrupted. Run make again to go on.", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
