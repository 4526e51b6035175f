"""The program: ``make soak``."""

import argparse
import json
import random
import sys
from typing import TYPE_CHECKING

from sfmint_local.environments import BareStack, Environments
from sfmint_local.errors import LocalStackError
from sfmint_local.faults.wire import Wire
from sfmint_local.interruption import INTERRUPTED, end_in_order
from sfmint_local.soak.plan import Plan
from sfmint_local.soak.soak import Soak

if TYPE_CHECKING:
    from sfmint_local.soak.account import Account

_LONGEST_MINUTES = 24 * 60.0


def main() -> int:
    """Soak. Returns 0 when no answer was wrong, 1 when one was or the local stack failed, 130 after Ctrl-C."""
    arguments = _arguments()
    plan = Plan(minutes=arguments.minutes, seed=arguments.seed, store=arguments.store)
    end_in_order()
    print(f"soaking {plan.store} for {plan.minutes:g} minutes, seed {plan.seed}", file=sys.stderr, flush=True)
    accounts: list[Account] = []
    status = 0
    try:
        with (
            BareStack("soak") as stack,
            Environments(stack.folder) as environments,
            Wire(stack.aws.endpoint_url) as wire,
        ):
            soak = Soak(plan, stack, environments, wire)
            accounts.append(soak.account)
            soak.run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 1
    for account in accounts:
        print(json.dumps(account.to_json(), indent=2) if arguments.json else account.to_text(), flush=True)
        status = 1 if account.wrong else status
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sfmint_local.soak",
        description="Ask many processes for tokens while everything around them fails, and judge every answer.",
    )
    parser.add_argument("--minutes", type=_minutes, default=3.0, help="how long; default 3")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of all that is random"
    )
    parser.add_argument("--store", choices=("dynamodb", "parameter-store"), default="dynamodb", help="default dynamodb")
    parser.add_argument("--json", action="store_true", help="closing figures for programs")
    return parser.parse_args()


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes <= _LONGEST_MINUTES:
        raise argparse.ArgumentTypeError(f"it must be more than 0 and at most {_LONGEST_MINUTES:.0f}")
    return minutes


if __name__ == "__main__":
    sys.exit(main())
