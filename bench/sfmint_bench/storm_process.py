"""Callers of the naive recipe, all at once and each a process of its own: python -m sfmint_bench.storm_process CALLERS FILE.

They are forked from one that has imported everything, as sfmint's are. The file gets how many of them got a token.
"""

import json
import multiprocessing
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sfmint_bench.rivals.naive import handler


def main() -> int:
    """Start them, let them go together, and wait for all."""
    number, file = int(sys.argv[1]), Path(sys.argv[2])
    forked = multiprocessing.get_context("fork")
    all_ready = forked.Barrier(number)
    callers = [forked.Process(target=_call, args=(all_ready,)) for _ in range(number)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    file.write_text(json.dumps(sum(caller.exitcode == 0 for caller in callers)))
    return 0


def _call(all_ready: Barrier) -> None:
    all_ready.wait()
    handler({}, None)


if __name__ == "__main__":
    sys.exit(main())
