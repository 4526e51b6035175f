"""Checks what template.yaml expands to: ``python tools/expanded_template.py``, the smallest and the largest stack.

With ``--all`` it checks every variant. With parameters it prints what they make: ``expanded_template.py
Connections=orders,billing CacheBackend=parameter-store``, in which only account, region, partition and stack name are
left to fill in. Exit code: 0 nothing found, 1 something found.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping

from expanding.compare import differences
from expanding.expand import LONGEST, Expanded, expanded, read
from expanding.limits import too_large
from expanding.partitions import bound_to_a_partition, lint_faults, missing_services
from expanding.variants import LARGEST, SMALLEST, Variant, every
from samconfig import UnusableConfig, parse_parameters


def faults(made: Expanded) -> Iterator[str]:
    """Give everything that is wrong with an expanded template."""
    yield from differences(made)
    yield from too_large(made, read()["Parameters"])
    yield from bound_to_a_partition(made)
    yield from missing_services(made)
    yield from lint_faults(made.general)


def check(variants: Iterable[Variant]) -> int:
    """Check some variants, and print a line for each, and one for each fault."""
    found = 0
    for made in expanded(variants):
        wrong = list(faults(made)) + lint_faults(made.concrete, LONGEST["AWS::Region"])
        found += len(wrong)
        print(f"{made.variant}: {len(made.general['Resources'])} resources: {len(wrong)} faults")
        for fault in wrong:
            print(f"  {fault}")
    return found


def _made(given: Mapping[str, str]) -> Expanded:
    if unknown := sorted(set(given) - set(read()["Parameters"])):
        raise ValueError(f"The template has no parameter {', '.join(unknown)}. Correct the name.")
    [made] = expanded([Variant(connections=1, store=given.get("CacheBackend", "dynamodb"), given=given)])
    return made


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="expanded_template.py", description="Check what template.yaml expands to.")
    parser.add_argument("--all", action="store_true", help="check every variant, which takes a minute")
    parser.add_argument("parameters", nargs="*", metavar="Name=value", help="print what these make")
    words = parser.parse_args(arguments)
    try:
        if words.parameters:
            print(json.dumps(_made(parse_parameters(words.parameters)).general, indent=2))
            return 0
        return 1 if check(every() if words.all else (SMALLEST, LARGEST)) else 0
    except (UnusableConfig, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
