"""Callers that never rest: each invokes an alias again and again, and remembers what it was refused."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint_local.functions import Functions

_PAUSE_S = 0.1
_PATIENCE_S = 60.0
_READ = {"method": "GET", "path": "/services/data/v67.0/limits"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that was let down."""

    connection: str
    error: str


@dataclass(slots=True)
class Callers:
    """For each connection one that asks for tokens, and one that has requests sent.

    Attributes:
        functions: whose aliases they invoke.
        failures: what they were refused, in order.
        calls: how many calls of an alias were answered.
    """

    functions: Functions
    failures: list[Failure] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    _ends: dict[str, Event] = field(default_factory=dict)
    _threads: dict[str, dict[str, Thread]] = field(default_factory=dict)

    def start(self, *connections: str) -> None:
        """Let the callers of connections begin, and wait until they are served."""
        for name in connections:
            self._ends[name], client = Event(), self.functions.aws.functions
            events = {self.functions.broker_arn(name): {}, self.functions.request_arn(name): _READ}
            self._threads[name] = {
                alias: Thread(target=self._call, args=(client, name, alias, event), daemon=True)
                for alias, event in events.items()
            }
            for thread in self._threads[name].values():
                thread.start()
        self.go_on()

    def stop(self, connection: str) -> None:
        """Let the callers of a connection end."""
        self._ends.pop(connection).set()
        for thread in self._threads.pop(connection).values():
            thread.join()

    def go_on(self) -> None:
        """Wait until each that runs has been served twice more, or a call has failed."""
        before, last = Counter(self.calls), time.monotonic() + _PATIENCE_S
        aliases = [alias for threads in self._threads.values() for alias in threads]
        while not self.failures and any(self.calls[alias] < before[alias] + 2 for alias in aliases):
            assert time.monotonic() < last, "the callers are not answered any more"
            time.sleep(_PAUSE_S)

    def await_failure(self) -> None:
        """Wait until a call has failed."""
        last = time.monotonic() + _PATIENCE_S
        while not self.failures:
            assert time.monotonic() < last, "no call fails"
            time.sleep(_PAUSE_S)

    def forget(self) -> list[Failure]:
        """Let all end and begin anew; return what has failed until then."""
        names = list(self._ends)
        for name in names:
            self.stop(name)
        failures, self.failures = self.failures, []
        self.start(*names)
        return failures

    @contextmanager
    def calling(self, *connections: str) -> Iterator["Callers"]:
        """Let them call for the block, and at its end have lost no call."""
        try:
            self.start(*connections)
            yield self
        finally:
            for name in list(self._ends):
                self.stop(name)

    def _call(self, client: Any, connection: str, alias: str, event: Mapping[str, str]) -> None:
        ended = self._ends[connection]
        while not ended.wait(_PAUSE_S):
            try:
                invoked = client.invoke(FunctionName=alias, Payload=json.dumps(event))
                answer = json.loads(invoked["Payload"].read())
            except (ClientError, BotoCoreError) as error:
                self.failures.append(Failure(connection, repr(error)))
                continue
            if "FunctionError" in invoked:
                self.failures.append(Failure(connection, f"{answer['errorType']}: {answer['errorMessage']}"))
                continue
            if token := answer.get("access_token"):
                self.functions.tokens.add(token)  # what a search for leaks looks for
            self.calls[alias] += 1
