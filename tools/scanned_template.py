"""Has checkov look at what template.yaml expands to: ``python tools/scanned_template.py``.

Each finding needs a reason in tools/supply_chain/accepted.py, which `make docs` writes into docs/supply-chain.md. Exit code:
0 nothing else found, 1 something found.
"""

import sys
from dataclasses import replace

from expanding.expand import expanded
from expanding.variants import LARGEST, SMALLEST, STORES, Variant
from supply_chain.checkov import NotScanned, faults, scan

# Each condition of the template holds in one of them and does not in another; more connections only repeat resources.
SCANNED = (
    Variant(connections=1, store="dynamodb"),
    SMALLEST,
    *(
        replace(LARGEST, connections=2, store=store, given={**LARGEST.given, "AwsEndpoints": endpoints})
        for store, endpoints in zip(STORES, ("fips", "dualstack"), strict=True)
    ),
)


def main() -> int:
    """Scan the variants, and print what is wrong."""
    try:
        stacks = expanded(SCANNED)
        findings = scan([stack.concrete for stack in stacks])
    except (NotScanned, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    found = list(faults(findings, stacks))
    print(
        f"checkov: {len(stacks)} stacks: {len(findings)} findings that are accepted or told here, {len(found)} faults"
    )
    for fault in found:
        print(f"  {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
