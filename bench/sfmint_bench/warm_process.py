"""Warm invocations of the broker and of the naive recipe, in a process as Lambda's: python -m sfmint_bench.warm_process FILE.

A program of its own, so that nothing but the function, its libraries and its settings is in the process. The file gets what
was measured; stdout takes the function's log.
"""

import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sfmint_bench.aws_calls import CallCounter, watched
from sfmint_bench.pairs import Contender, cpu_of, in_turns

FUNCTION = "sfmint-token-broker"
CONNECTION = "warm"
ROUNDS = 60
_LONG_AGO_S = 3600.0


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a handler of its call."""

    function_name: str = FUNCTION
    invoked_function_arn: str = f"arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}:{CONNECTION}"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Returns the whole of the function's time-out."""
        return 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One kind of invocation.

    Attributes:
        name: of the kind.
        handler: what Lambda calls.
        source: where the answer must say that its token comes from; None: it does not say.
        arrange: brings the environment into the state that makes it this kind.
        times: how often in each round.
    """

    name: str
    handler: Callable[[object, object], dict[str, Any]]
    source: str | None = None
    arrange: Callable[[], object] = lambda: None
    times: int

    def measure(self) -> float:
        """Returns the seconds of CPU time of one invocation."""
        self.arrange()
        return cpu_of(self.invoke)

    def invoke(self) -> dict[str, Any]:
        """Invokes the handler."""
        return self.handler({}, Context())

    def check(self) -> None:
        """Raises where it is not what it is called."""
        self.arrange()
        if (source := self.invoke().get("source")) != self.source:
            raise RuntimeError(f"The {self.name} was served from {source}, not from {self.source}.")


def invocations() -> list[Invocation]:
    """Returns every kind; the broker's first token is minted on the way."""
    app: Any = importlib.import_module("app")
    naive: Any = importlib.import_module("sfmint_bench.rivals.naive")
    memory: dict[str, Any] = app.FUNCTION.use_case.memory

    def end_trust() -> None:
        held = memory[CONNECTION]
        memory[CONNECTION] = replace(held, confirmed_at=held.confirmed_at - _LONG_AGO_S)

    app.handler({}, Context())
    return [
        Invocation(name="memory hit", handler=app.handler, source="memory", times=50),
        Invocation(name="trust renewal", handler=app.handler, source="memory", arrange=end_trust, times=10),
        Invocation(name="row hit", handler=app.handler, source="cache", arrange=memory.clear, times=10),
        Invocation(name="naive", handler=naive.handler, times=1),
    ]


def main() -> int:
    """Measures, and writes what was measured."""
    counter = CallCounter()
    with watched(counter.see):
        kinds = invocations()
        calls: dict[str, dict[str, int]] = {}
        for kind in kinds:
            kind.check()
            kind.arrange()
            calls[kind.name] = counter.during(kind.invoke)
    contenders = [Contender(name=kind.name, measure=kind.measure, times=kind.times) for kind in kinds]
    measured = {"calls": calls, "cpu_s": in_turns(contenders, rounds=ROUNDS)}
    Path(sys.argv[1]).write_text(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
