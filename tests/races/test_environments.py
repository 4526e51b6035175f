"""The processes of the races themselves: none is left behind, and each end is told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from processes import has_ended
from races.race import Race, tokens_of
from sfmint_local.environments import BareStack, EnvironmentEndedError, Environments

PROGRAM = """
from sfmint_local.environments import BareStack, Environments

with BareStack() as stack, Environments(stack.folder) as environments:
    stack.connect("orders")
    runs, stands_still = environments.start_many(2, stack.settings())
    stands_still.freeze()
    print(stack.folder, *stack.pids, environments.pid, runs.pid, stands_still.pid, flush=True)
    input()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_every_process_ends_with_the_one_that_began_it_however_that_ends(number: signal.Signals) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert program.stdout is not None
    folder, *pids = program.stdout.readline().decode().split()
    org_log = Path(folder, "org.log")
    assert org_log.exists()

    program.send_signal(number)
    program.communicate()

    assert all(has_ended(int(pid)) for pid in pids)
    assert not org_log.exists()


def test_the_environments_end_with_their_block(bare_stack: BareStack) -> None:
    pids: list[int] = []

    def fail() -> None:
        with Environments(bare_stack.folder / "org") as environments:
            runs, stands_still = environments.start_many(2, bare_stack.settings(SFMINT_CONNECTIONS="orders"))
            stands_still.freeze()
            pids.extend((environments.pid, runs.pid, stands_still.pid))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert all(has_ended(pid) for pid in pids)


def test_a_killed_environment_is_told_and_the_others_go_on(race: Race) -> None:
    killed, other = race.callers(2)
    killed.freeze()
    race.begin([killed, other])
    killed.kill()

    with pytest.raises(EnvironmentEndedError):
        killed.finish(10)
    with pytest.raises(ProcessLookupError):
        os.kill(killed.pid, 0)
    assert len(tokens_of(race.finish([other]))) == 1


def test_an_environment_that_cannot_start_says_why(race: Race) -> None:
    with pytest.raises(EnvironmentEndedError, match="SFMINT_LOGIN_BUDGET_PER_HOUR"):
        race.callers(1, SFMINT_LOGIN_BUDGET_PER_HOUR="")
