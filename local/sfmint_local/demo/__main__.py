"""The program: ``make demo``."""

import argparse
import sys
from pathlib import Path

from sfmint_local import places
from sfmint_local.demo.outcome import FalseClaimError, Outcome, write
from sfmint_local.demo.play import play_all
from sfmint_local.demo.render import Account
from sfmint_local.demo.stage import MAIN, MISFIT, RUSH, Stage
from sfmint_local.demo.steps import all_steps
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order
from sfmint_local.org.store import Counters


def main() -> int:
    """Show every step until one is false. Returns 0 when all claims are true, 1 when one is not, 130 after Ctrl-C."""
    report = _report()
    end_in_order()
    account, outcomes, complete = Account(), list[Outcome](), False
    stack = EmbeddedStack(MAIN, RUSH, MISFIT, title="demo")
    account.begin()
    try:
        with stack:
            stage = Stage(stack)
            play_all(all_steps(stage), stage, account, outcomes, lambda: _counters(stack))
            complete = True
    except KeyboardInterrupt:
        return INTERRUPTED
    except (FalseClaimError, LocalStackError) as error:
        print(f"error: {error} The logs are in {stack.folder}.", file=sys.stderr)
        return 1
    finally:
        write(outcomes, report)
        account.sum_up(outcomes, complete=complete)
    return 0


def _report() -> Path:
    parser = argparse.ArgumentParser(
        prog="python -m sfmint_local.demo", description="Show every promise, and check it."
    )
    parser.add_argument("--report", type=Path, default=places.DEMO_FILE, help="JSON for programs; .local/demo.json")
    report: Path = parser.parse_args().report
    return report


def _counters(stack: EmbeddedStack) -> Counters:
    # Before its step has run there is no org, and so no login.
    return stack.org.counters() if hasattr(stack, "org") else Counters()


if __name__ == "__main__":
    sys.exit(main())
