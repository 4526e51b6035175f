"""Warm invocations of the broker and its rivals, in a process as Lambda's: python -m sfmint_bench.warm_process CLOCK ROUNDS FILE.

A program of its own, so that nothing but the functions, their libraries and their settings is in the process. The file gets
what was measured; stdout takes the functions' log.
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sfmint_bench.aws_calls import CallCounter
from sfmint_bench.cold_process import Context
from sfmint_bench.pairs import Contender, cpu_of, in_turns, wall_of

if TYPE_CHECKING:
    from sfmint.use_cases.memory import Memory

_LONG_AGO_S = 3600.0
_CLOCKS = {"cpu": cpu_of, "wall": wall_of}

type Handler = Callable[[object, object], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One kind of invocation.

    Attributes:
        name: of the kind.
        handler: what Lambda calls.
        context: what Lambda tells it.
        source: where the answer must say that its token comes from; None: it does not say.
        arrange: brings the environment into the state that makes it this kind.
        times: how often in each round.
    """

    name: str
    handler: Handler
    context: Context
    source: str | None = None
    arrange: Callable[[], object] = lambda: None
    times: int = 1

    def measure(self, clock: Callable[[Callable[[], object]], float]) -> float:
        """Return what the clock says of one invocation."""
        self.arrange()
        return clock(self.invoke)

    def invoke(self) -> dict[str, Any]:
        """Invoke the handler."""
        return self.handler({}, self.context)

    def check(self) -> None:
        """Raise where it is not what it is called."""
        self.arrange()
        if (source := self.invoke().get("source")) != self.source:
            raise RuntimeError(f"The {self.name} was served from {source}, not from {self.source}.")


def invocations(connection: str, kms_connection: str) -> list[Invocation]:
    """Return every kind, of a connection and of one whose key KMS has; the broker's first token is minted on the way."""
    context = Context(connection)
    rivals = {
        "naive": _rival("naive"),
        "simple-salesforce": _rival("simple_salesforce_login"),
        "cached secret": _rival("cached_secret"),
    }
    _send_expiry_as_a_number()
    return [
        *_of_the_broker(connection, kms_connection, context),
        *(Invocation(name=name, handler=handler, context=context) for name, handler in rivals.items()),
    ]


def _of_the_broker(connection: str, kms_connection: str, context: Context) -> list[Invocation]:
    app: Any = importlib.import_module("app")
    memory: Memory = app.FUNCTION.use_case.memory
    forget_row, forget_row_of_kms = _forget_row(connection), _forget_row(kms_connection)

    def end_trust() -> None:
        held = memory.held(connection)
        if held is not None:
            memory.confirm(held.token, held.confirmed_at - _LONG_AGO_S)

    def forget() -> None:
        forget_row()
        memory.forget(connection)

    def forget_of_kms() -> None:
        forget_row_of_kms()
        memory.forget(kms_connection)

    def kind(name: str, source: str, arrange: Callable[[], object], times: int) -> Invocation:
        return Invocation(name=name, handler=app.handler, context=context, source=source, arrange=arrange, times=times)

    app.handler({}, context)
    return [
        kind("memory hit", "memory", lambda: None, 50),
        kind("trust renewal", "memory", end_trust, 10),
        kind("row hit", "cache", lambda: memory.forget(connection), 10),
        kind("mint", "minted", forget, 1),
        replace(kind("mint with a key in KMS", "minted", forget_of_kms, 1), context=Context(kms_connection)),
    ]


def _rival(module: str) -> Handler:
    handler: Handler = importlib.import_module(f"sfmint_bench.rivals.{module}").handler
    return handler


def _forget_row(connection: str) -> Callable[[], object]:
    import boto3  # the rivals have brought it

    table, key = os.environ["SFMINT_TABLE"], {"pk": {"S": f"t1#{connection}"}}
    client = boto3.client("dynamodb")
    return lambda: client.delete_item(TableName=table, Key=key)


def _send_expiry_as_a_number() -> None:
    """Let simple-salesforce send a number, as RFC 7519 has it; it sends text, which Salesforce takes and our org does not."""
    import jwt
    from simple_salesforce import login

    def encode(claims: dict[str, Any], key: str, algorithm: str) -> str:
        return jwt.encode({**claims, "exp": int(claims["exp"])}, key, algorithm)

    setattr(login, "jwt", SimpleNamespace(encode=encode))  # noqa: B010 - a checker would not have a module replaced


def main() -> int:
    """Measure, and write what was measured."""
    clock, rounds, file = sys.argv[1:]
    counter = CallCounter()
    with counter.watching():
        kinds = invocations(os.environ["CONNECTION"], os.environ["KMS_CONNECTION"])
        calls: dict[str, dict[str, int]] = {}
        for kind in kinds:
            kind.check()
            kind.arrange()
            calls[kind.name] = counter.during(kind.invoke)
    gc.freeze()  # so that nobody's collector looks through what the others have loaded
    contenders = [
        Contender(name=kind.name, measure=partial(kind.measure, _CLOCKS[clock]), times=kind.times) for kind in kinds
    ]
    measured = {"calls": calls, "taken_s": in_turns(contenders, rounds=int(rounds))}
    Path(file).write_text(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
