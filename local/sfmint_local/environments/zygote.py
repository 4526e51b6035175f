"""The process from which execution environments are forked: it has imported all that they need, so each costs nothing.

It is told what to do through its standard input, a socket of packets: one order, one answer. It ends, and everything with it,
when that socket is closed.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from sfmint_local.environments import execution

_MODULES = (
    "aws_lambda_powertools.metrics",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.x509",
    "http.client",
    "sfmint.adapters.stores.parameter_store",
    "sfmint.bootstrap",
    "sfmint.request",
)
_LONGEST_ORDER = 65_536
_PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    """Obey until the socket is closed."""
    control = socket.socket(fileno=0)
    _warm_up()
    children: set[int] = set()
    while True:
        said, descriptors, _, _ = socket.recv_fds(control, _LONGEST_ORDER, 1)
        if not said:
            break
        order = json.loads(said)
        if "log" in order:
            with socket.socket(fileno=descriptors[0]) as channel:
                answer: dict[str, Any] = {"pid": _fork(order, channel, control, children)}
        else:
            answer = {"state": _signal(order, children)}
        control.send(json.dumps(answer).encode())
    for pid in children:
        _end(pid)


def _warm_up() -> None:
    for module in _MODULES:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # pages that the collector does not touch stay shared


def _fork(order: dict[str, Any], channel: socket.socket, control: socket.socket, children: set[int]) -> int:
    parent = os.getpid()
    if pid := os.fork():
        children.add(pid)
        return pid
    status = 1
    try:
        _die_with(parent)
        control.close()
        execution.run(channel, Path(order["log"]))
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was too late to be told
        os._exit(1)


def _signal(order: dict[str, Any], children: set[int]) -> str:
    """Send a signal, if there is one, wait until it has had its effect, and return the state."""
    pid, number = order["pid"], order["signal"]
    if pid not in children:
        return "ended"
    if number == signal.SIGKILL:
        children.discard(pid)
        _end(pid)
        return "ended"
    if number is not None:
        os.kill(pid, number)
    patience = 0 if number == signal.SIGSTOP else os.WNOHANG
    # Only looked at: the state can be asked for again.
    seen = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT | patience)
    if seen is None:
        return "running"
    return "stopped" if seen.si_code == os.CLD_STOPPED else "ended"


def _end(pid: int) -> None:
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
