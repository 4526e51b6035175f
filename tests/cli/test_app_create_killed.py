"""`sfmint app create` as a process that a signal ends in the middle: the same command goes on, and no switch stays on."""

import json
import os
import signal
import subprocess
import sys

import pytest

from cli.command_line import options
from cli.empty_org import SWITCH, Create, Empty
from cli.test_app_create import APP_TYPES
from sfmint_local.org.setup.components import SETTINGS

PROGRAM = """
import os, sys, time
from itertools import count
from requests import Session
from sfmint_cli.main import program

time.sleep = lambda _: None
send, deployments, (ends_at, number) = Session.send, count(), map(int, (sys.argv.pop(1), sys.argv.pop(1)))

def ending(self, request, **options):
    answer = send(self, request, **options)
    if request.method == "POST" and request.url.endswith("/deployRequest") and next(deployments) == ends_at:
        os.kill(os.getpid(), number)
    return answer

Session.send = ending
program.main(sys.argv[1:])
"""


@pytest.mark.parametrize(("ends_at", "number"), [(1, signal.SIGINT), (2, signal.SIGKILL)])
def test_the_same_command_goes_on_after_a_signal(
    create: Create, empty: Empty, ends_at: int, number: signal.Signals
) -> None:
    """The second deployment makes the app, the third turns the org's switch on."""
    empty.control.change_settings(shows_consumer_key=False)
    empty.give_session()
    given: dict[str, object] = {"username": empty.username, "ca_bundle": empty.control.ca, "allow_host": empty.host}
    words = ["app", "create", empty.name, *options(given), "--no-store", "--yes", "--json"]
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ends_at), str(number.value), *map(str, words)],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if number == signal.SIGINT:
        assert (ended.returncode, json.loads(ended.stdout)["error"]["name"]) == (130, "Interrupted")
    else:
        assert ended.returncode == -number
    assert create("--json").document["consumer_key"] == empty.consumer_key
    assert [len(empty.parts(kind.name)) for kind in APP_TYPES] == [1] * len(APP_TYPES)
    (switch,) = [part for part in empty.control.components() if part.type == SETTINGS.name]
    assert not switch.is_true(SWITCH)
