"""What runs in an execution environment: the functions' own handlers, called as Lambda calls them.

Messages are lines of JSON. The first one has the settings and is answered with ``problem``; each other one is an event.
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from sfmint.adapters.aws.client import AwsClient
from sfmint_local import places
from sfmint_local.environments import moved_clock
from sfmint_local.environments.moved_clock import MovedClock

_TIMEOUT_S = 60.0

type Message = dict[str, Any]


class Context:
    """What Lambda tells a handler of its call.

    Args:
        function_name: of the function, without its alias.
        alias: through which it is invoked.
    """

    def __init__(self, function_name: str, alias: str) -> None:
        self.function_name = function_name
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function_name}:{alias}"
        self.aws_request_id = "00000000-0000-0000-0000-000000000000"
        self._ends_at = time.monotonic() + _TIMEOUT_S

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the function's time-out."""
        return round((self._ends_at - time.monotonic()) * 1000)


def run(channel: socket.socket, log: Path) -> None:
    """Serve events until the channel is closed.

    Args:
        channel: where they come from.
        log: what is written to stdout and stderr goes there.
    """
    _write_to(log)
    messages = channel.makefile("rb")
    start = json.loads(messages.readline())
    _set_environment(start["settings"])
    moved_clock.install()
    _move_clock(start)
    try:
        modules = {function: _import(function) for function in start["functions"]}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        return _say(channel, {"problem": f"{type(error).__name__}: {error}"})
    if start["stops_before"]:
        _stop_before(start["stops_before"])
    _say(channel, {"problem": ""})
    for line in messages:
        message = json.loads(line)
        _move_clock(message)
        _say(channel, _answered(modules[message["function"]], message))
    return None


def _answered(module: ModuleType, message: Message) -> Message:
    name = f"sfmint-{message['function'].replace('_', '-')}"
    context = Context(name, message["alias"])
    began = time.monotonic()
    answer = _as_lambda(lambda: module.handler(message["event"], context))
    return {"answer": answer, "took_s": time.monotonic() - began}


def _as_lambda(call: Callable[[], Any]) -> Any:
    try:
        return json.loads(json.dumps(call()))
    except Exception as error:  # noqa: BLE001 - as Lambda does
        return {"errorType": type(error).__name__, "errorMessage": str(error)}


def _import(function: str) -> ModuleType:
    path = places.ROOT / "functions" / function / "app.py"
    os.environ["POWERTOOLS_SERVICE_NAME"] = function
    loader = SourceFileLoader(f"{function}_app", str(path))
    module = ModuleType(loader.name)
    loader.exec_module(module)
    return module


def _move_clock(message: Message) -> None:
    MovedClock.skew_s, MovedClock.later_s = message["skew_s"], message["later_s"]


def _set_environment(settings: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(settings)


def _stop_before(operation: str) -> None:
    """Stop this process before it first sends a request of AWS's, as Lambda may freeze it there."""
    call = AwsClient.call
    waiting = [operation]

    def stopping(client: AwsClient, name: str, **request: Any) -> Any:
        if name in waiting:
            waiting.clear()
            os.kill(os.getpid(), signal.SIGSTOP)
        return call(client, name, **request)

    setattr(AwsClient, "call", stopping)  # noqa: B010 - a checker would not have a method replaced


def _write_to(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for standard in (1, 2):
        os.dup2(file, standard)
    os.close(file)
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115 - it stays open
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115 - likewise


def _say(channel: socket.socket, message: Message) -> None:
    sys.stdout.flush()
    channel.sendall(json.dumps(message).encode() + b"\n")
