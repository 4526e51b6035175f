import sys
import time
from pathlib import Path

import pytest

from processes import has_ended
from sfmint_local.child import Child, bare_environment
from sfmint_local.errors import LocalStackError


def start(code: str, folder: Path) -> Child:
    command = [sys.executable, "-c", code]
    return Child.start("the program", command, environment=bare_environment(), log=folder / "log", folder=folder)


def wait_for(path: Path) -> str:
    while not (path.exists() and path.read_text()):
        time.sleep(0.02)
    return path.read_text()


def test_a_program_that_is_not_there_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"the program cannot start.*Run `make setup`"):
        Child.start("the program", [tmp_path / "none"], environment={}, log=tmp_path / "log", folder=tmp_path)


def test_a_failure_shows_the_end_of_the_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('what went wrong'); sys.exit(3)"]

    with pytest.raises(LocalStackError, match=r"(?s)the program failed with status 3.*log:.*what went wrong"):
        Child.run("the program", command, environment=bare_environment(), log=tmp_path / "log", folder=tmp_path)


def test_a_program_that_ends_instead_of_answering_is_not_waited_for(tmp_path: Path) -> None:
    child = start("", tmp_path)

    with pytest.raises(LocalStackError, match="ended with status 0"):
        child.wait_until(lambda: False)


def test_a_program_that_never_answers_is_given_up(tmp_path: Path) -> None:
    child = start("import time; time.sleep(60)", tmp_path)
    try:
        with pytest.raises(LocalStackError, match="did not answer within 0 s"):
            child.wait_until(lambda: False, within_s=0.1)
    finally:
        child.stop()


def test_stopping_ends_what_the_program_has_started_and_what_ignores_the_polite_way(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = start(
        f"import subprocess, sys, pathlib\n"
        f"started = subprocess.Popen([sys.executable, '-c', {stubborn!r}])\n"
        f"pathlib.Path('pid').write_text(str(started.pid))\n{stubborn}",
        tmp_path,
    )
    pid = int(wait_for(tmp_path / "pid"))

    child.stop(grace_s=0.2)

    assert has_ended(child.process.pid)
    assert has_ended(pid)


def test_a_bare_environment_holds_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")

    assert set(bare_environment(TMPDIR="/t")) <= {"PATH", "HOME", "LANG", "TMPDIR"}
