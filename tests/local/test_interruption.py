import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from processes import in_the_background
from sfmint_local.interruption import deferred, end_in_order, undisturbed


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_sigterm_unwinds_with_the_status_that_a_shell_reports() -> None:
    end_in_order()

    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(signal.SIGTERM)

    assert ended.value.code == 143


def test_ctrl_c_works_even_where_a_shell_has_ignored_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_in_order()

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_deferred_ctrl_c_comes_after_the_block() -> None:
    end_in_order()
    done = []

    def begin() -> None:
        with deferred():
            signal.raise_signal(signal.SIGINT)
            done.append("begun and noted")

    with pytest.raises(KeyboardInterrupt):
        begin()

    assert done == ["begun and noted"]


def test_ending_is_not_disturbed_and_leaves_the_handlers_as_they_were() -> None:
    end_in_order()

    with undisturbed():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_program_that_a_test_starts_can_be_interrupted() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


def test_that_holds_where_the_tests_run_in_the_background() -> None:
    test = f"{__file__}::{test_a_program_that_a_test_starts_can_be_interrupted.__name__}"
    command = in_the_background([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test])

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout
    assert "1 passed" in run.stdout
