"""Callers that never rest: each invokes an alias at a constant rate, and remembers what it was refused and how long it waited."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint_local.errors import LocalStackError
from sfmint_local.functions import Functions

EVERY_S = 0.125
_LOOK_S = 0.1
_PATIENCE_S = 60.0
_READ = {"method": "GET", "path": "/services/data/v67.0/limits"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that was let down."""

    connection: str
    error: str


@dataclass(frozen=True, slots=True)
class Served:
    """A call that was answered.

    Attributes:
        alias: whose ARN was invoked.
        due_at: when it was due; seconds of the monotonic clock.
        took_s: from then to its answer: a call that has to wait for the one before has waited too.
    """

    alias: str
    due_at: float
    took_s: float


@dataclass(slots=True)
class Callers:
    """For each connection one that asks for tokens, and one that has requests sent.

    Attributes:
        functions: whose aliases they invoke.
        every_s: from one call of a caller to its next, however long a call takes.
        failures: what they were refused, in order.
        served: what was answered, in order.
        calls: how many calls of an alias were answered.
    """

    functions: Functions
    every_s: float = EVERY_S
    failures: list[Failure] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    _ends: dict[str, Event] = field(default_factory=dict)
    _threads: dict[str, dict[str, Thread]] = field(default_factory=dict)

    def start(self, *connections: str) -> None:
        """Let the callers of connections begin, and wait until they are served.

        Raises:
            LocalStackError: they are not, for a minute.
        """
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
        """Wait until each that runs has been served twice more, or a call has failed.

        Raises:
            LocalStackError: neither came about for a minute.
        """
        before = Counter(self.calls)
        aliases = [alias for threads in self._threads.values() for alias in threads]
        ends_at = time.monotonic() + _PATIENCE_S
        while not self.failures and any(self.calls[alias] < before[alias] + 2 for alias in aliases):
            _look_again(ends_at, "The callers are not answered any more.")

    def await_failure(self) -> None:
        """Wait until a call has failed.

        Raises:
            LocalStackError: none has, for a minute.
        """
        ends_at = time.monotonic() + _PATIENCE_S
        while not self.failures:
            _look_again(ends_at, "No call fails.")

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
        ended, due_at = self._ends[connection], time.monotonic()
        while not ended.wait(max(0.0, due_at - time.monotonic())):
            error = self._refusal(client, alias, event)
            if error is None:
                self.served.append(Served(alias, due_at, time.monotonic() - due_at))
                self.calls[alias] += 1
            else:
                self.failures.append(Failure(connection, error))
            due_at += self.every_s

    def _refusal(self, client: Any, alias: str, event: Mapping[str, str]) -> str | None:
        """Invoke an alias, and return what the call was refused for."""
        try:
            invoked = client.invoke(FunctionName=alias, Payload=json.dumps(event))
            answer: dict[str, Any] = json.loads(invoked["Payload"].read())
        except (ClientError, BotoCoreError) as error:
            return repr(error)
        if "FunctionError" in invoked:
            return f"{answer['errorType']}: {answer['errorMessage']}"
        if token := answer.get("access_token"):
            self.functions.tokens.add(token)  # what a search for leaks looks for
        return None


def _look_again(ends_at: float, otherwise: str) -> None:
    if time.monotonic() >= ends_at:
        raise LocalStackError(otherwise, remedy="The logs of the local stack say why.")
    time.sleep(_LOOK_S)
