"""One execution environment, seen from outside: a process that is asked, killed, frozen and thawed."""

import json
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_READY_S = 60.0
_STOP_S = 60.0
_POLL_S = 0.01

type Signal = Callable[[int, signal.Signals | None], str]


class EnvironmentEndedError(Exception):
    """The environment was killed, or died, before it had answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of one event.

    Attributes:
        answer: as Lambda hands it on: the function's answer, or ``errorType`` and ``errorMessage``.
        took_s: seconds in the handler.
        lines: what it logged meanwhile, metrics too.
    """

    answer: dict[str, Any] = field(repr=False)  # it may hold a token
    took_s: float
    lines: list[dict[str, Any]]

    @property
    def error(self) -> str | None:
        """The name of the error, or None where there is an answer."""
        return self.answer.get("errorType")

    def counted(self, metric: str) -> int:
        """Return how often a metric was counted."""
        return sum(line.get(metric, 0) for line in self.lines if "_aws" in line)


class Environment:
    """A process, started by `Environments`.

    Args:
        pid: its process id, its own until it is killed by `kill`.
        log: what it logs.
        channel: to it.
        signal: sends it a signal, or none, and returns its state.
        later_s: by how many seconds it is later for all.
        skew_s: by how many seconds its clock is ahead.

    Attributes:
        skew_s: may be changed; it takes effect with the next event.
    """

    def __init__(
        self,
        *,
        pid: int,
        log: Path,
        channel: socket.socket,
        signal: Signal,
        later_s: Callable[[], float],
        skew_s: float,
    ) -> None:
        self.pid = pid
        self.skew_s = skew_s
        self._log = log
        self._read_to = 0
        self._channel = channel
        self._answers = channel.makefile("rb")
        self._signal = signal
        self._later_s = later_s
        self._is_ready = False

    def wait_ready(self) -> None:
        """Wait until it has imported its functions and made its clients.

        Raises:
            EnvironmentEndedError: it could not; the message says why.
            TimeoutError: it took too long.
        """
        if not self._is_ready:
            problem = self._next(_READY_S)["problem"]
            if problem:
                raise EnvironmentEndedError(problem)
            self._is_ready = True

    def begin(self, event: Mapping[str, Any], *, function: str = "token_broker", alias: str | None = None) -> None:
        """Send an event and does not wait for its answer. An environment takes one event at a time.

        Args:
            event: the payload.
            function: whose handler gets it.
            alias: through which it is invoked; by default the event's connection, and ``live`` for the keeper.

        Raises:
            EnvironmentEndedError: it has ended.
        """
        self.wait_ready()
        if alias is None:
            alias = "live" if function == "token_keeper" else str(event["connection"])
        self.tell({"event": dict(event), "function": function, "alias": alias})

    def finish(self, timeout_s: float) -> Reply:
        """Wait for the answer to the event that was sent.

        Raises:
            EnvironmentEndedError: there will be none.
            TimeoutError: it took too long.
        """
        said = self._next(timeout_s)
        return Reply(answer=said["answer"], took_s=said["took_s"], lines=self.lines())

    def ask(self, event: Mapping[str, Any], *, function: str = "token_broker", timeout_s: float = 65.0) -> Reply:
        """Send an event and wait for its answer.

        Raises:
            EnvironmentEndedError: there will be none.
            TimeoutError: it took too long.
        """
        self.begin(event, function=function)
        return self.finish(timeout_s)

    def has_answered(self) -> bool:
        """Tell whether an answer, or the end, has arrived."""
        return self._has_said(0.0)

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has logged since it was looked at last; of a killed environment too."""
        with self._log.open("rb") as log:
            log.seek(self._read_to)
            said = log.read()
        whole = said[: said.rfind(b"\n") + 1]
        self._read_to += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def kill(self) -> None:
        """End it at once (SIGKILL), and return when it has ended."""
        self._signal(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it (SIGSTOP), as Lambda freezes an environment, and return when it stands still."""
        self._signal(self.pid, signal.SIGSTOP)

    def wait_frozen(self, timeout_s: float = _STOP_S) -> None:
        """Wait until it has stopped itself; see `Environments.start`.

        Raises:
            TimeoutError: it took too long.
        """
        last = time.monotonic() + timeout_s
        while self._signal(self.pid, None) != "stopped":
            if time.monotonic() > last:
                raise TimeoutError("The environment has not stopped itself.")
            time.sleep(_POLL_S)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._signal(self.pid, signal.SIGCONT)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to its process, with the time that its clock shall show.

        Raises:
            EnvironmentEndedError: it has ended.
        """
        whole = {**message, "skew_s": self.skew_s, "later_s": self._later_s()}
        try:
            self._channel.sendall(json.dumps(whole).encode() + b"\n")
        except OSError:
            raise EnvironmentEndedError(f"The environment {self.pid} has ended.") from None

    def close(self) -> None:
        """Close the channel to it."""
        self._answers.close()
        self._channel.close()

    def _has_said(self, within_s: float) -> bool:
        waiting = select.poll()  # unlike select, it knows no largest descriptor
        waiting.register(self._channel, select.POLLIN)
        return bool(waiting.poll(within_s * 1000))

    def _next(self, timeout_s: float) -> dict[str, Any]:
        if not self._has_said(timeout_s):
            raise TimeoutError(f"The environment {self.pid} has not answered within {timeout_s:.0f} s.")
        try:
            line = self._answers.readline()  # written at once
        except ConnectionError:
            line = b""
        if not line:
            raise EnvironmentEndedError(f"The environment {self.pid} has ended.")
        said: dict[str, Any] = json.loads(line)
        return said
