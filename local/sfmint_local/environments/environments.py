"""All execution environments of a program: started from a zygote, ended together."""

import itertools
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sfmint_local.child import Child, bare_environment
from sfmint_local.environments.environment import Environment
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import deferred, undisturbed

_LONGEST_MESSAGE = 65_536


class Environments:
    """Starts execution environments. Leaving it ends them all.

    Args:
        folder: for their logs.

    Attributes:
        later_s: by how many seconds it is later for all of them, and for AWS's dates as they see them, from the next event on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._started: list[Environment] = []
        self._lock = threading.Lock()  # one order at a time
        self._zygote: Child
        self._control: socket.socket
        self.later_s = 0.0

    def __enter__(self) -> Self:
        log = self._folder / f"environments-{id(self):x}.log"
        with deferred():
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs, log.open("ab") as output:
                process = subprocess.Popen(
                    [sys.executable, "-m", "sfmint_local.environments.zygote"],
                    stdin=theirs.fileno(),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=bare_environment(),
                    start_new_session=True,
                )
            self._zygote = Child("the parent of the execution environments", log, process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with undisturbed():
            self._close_all()
            self._control.close()  # whereupon it ends them
            self._zygote.stop()

    @property
    def pid(self) -> int:
        """The process id of their parent."""
        return self._zygote.process.pid

    def start(
        self,
        settings: Mapping[str, str],
        *,
        skew_s: float = 0.0,
        functions: tuple[str, ...] = ("token_broker", "token_keeper"),
        stops_before: str = "",
    ) -> Environment:
        """Start one and does not wait for it.

        Args:
            settings: its environment variables.
            skew_s: by how many seconds its clock is ahead.
            functions: which of them it can be asked for.
            stops_before: an operation of AWS's, such as ``Encrypt``; before it first calls that, it stops itself.

        Raises:
            LocalStackError: their parent has ended.
        """
        log = self._folder / f"environment-{next(self._numbers)}-{id(self):x}.log"
        log.touch(mode=0o600)
        ours, theirs = socket.socketpair()
        with theirs:
            pid = self._ask({"log": str(log)}, theirs)["pid"]
        environment = Environment(
            pid=pid, log=log, channel=ours, signal=self._signal, later_s=lambda: self.later_s, skew_s=skew_s
        )
        self._started.append(environment)
        environment.tell({"settings": settings, "functions": functions, "stops_before": stops_before})
        return environment

    def start_many(self, count: int, settings: Mapping[str, str], **options: Any) -> list[Environment]:
        """Start several and wait until each is ready; for the options see `start`.

        Raises:
            EnvironmentEndedError: one could not start.
            LocalStackError: their parent has ended.
        """
        started = [self.start(settings, **options) for _ in range(count)]
        for environment in started:
            environment.wait_ready()
        return started

    def end_all(self) -> None:
        """End those that were started so far."""
        for environment in self._started:
            environment.kill()
        self._close_all()

    def _close_all(self) -> None:
        for environment in self._started:
            environment.close()
        self._started.clear()

    def _signal(self, pid: int, number: signal.Signals | None) -> str:
        return str(self._ask({"pid": pid, "signal": number})["state"])

    def _ask(self, order: Mapping[str, Any], *channel: socket.socket) -> dict[str, Any]:
        with self._lock:
            try:
                socket.send_fds(self._control, [json.dumps(order).encode()], [each.fileno() for each in channel])
                said = self._control.recv(_LONGEST_MESSAGE)
            except OSError:
                raise self._gone() from None
        if not said:
            raise self._gone()
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _gone(self) -> LocalStackError:
        return self._zygote.failure("has ended")
