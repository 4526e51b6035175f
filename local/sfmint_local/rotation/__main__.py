"""The program: ``make rotation``."""

import argparse
import json
import sys

from marked_blocks import filled
from sfmint_local import places
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.errors import LocalStackError
from sfmint_local.functions import FunctionError
from sfmint_local.interruption import INTERRUPTED, end_in_order
from sfmint_local.rotation.measured import Measured
from sfmint_local.rotation.measuring import measure
from sfmint_local.rotation.rotated import ADMIN

PAGE = places.ROOT / "docs/rotation.md"
_CONNECTION = LocalConnection("orders")


def main() -> int:
    """Rotate. Returns 0 when no caller noticed, 1 when one did or the local stack failed, 130 after Ctrl-C."""
    arguments = _arguments()
    end_in_order()
    stack = EmbeddedStack(_CONNECTION, title="rotation", parameters={"AdminConnections": ADMIN.name})
    try:
        with stack:
            for step in stack.steps():
                _tell(step.name)
                step.run()
            measured = measure(stack, _CONNECTION.name, _tell)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (FunctionError, LocalStackError) as error:
        print(f"error: {error} The logs are in {stack.folder}.", file=sys.stderr)
        return 1
    print(json.dumps(measured.to_json(), indent=2) if arguments.json else measured.to_text(), flush=True)
    faults = list(measured.faults())
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if arguments.page and not faults:
        PAGE.write_text(on_page(PAGE.read_text(), measured))
    return 1 if faults else 0


def on_page(page: str, measured: Measured) -> str:
    """Return docs/rotation.md with other figures.

    Raises:
        NoMarkers: it has no place for them.
    """
    return filled(page, "rotation", {"callers": measured.to_block()})


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sfmint_local.rotation",
        description="Rotate a key under load, in full time, and compare what callers see with the time before.",
    )
    parser.add_argument("--json", action="store_true", help="figures for programs")
    parser.add_argument("--page", action="store_true", help="write docs/rotation.md where nothing is wrong")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
