import os
import signal
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest

from sfmint_local.child import bare_environment
from sfmint_local.env_file import EnvFile
from sfmint_local.errors import LocalStackError


def test_a_shell_that_sources_it_has_the_variables_and_our_programs_after_its_own(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / "env")
    file.write({"GREETING": "it's $HOME"})

    command = ["/bin/bash", "-c", f'source {file.path}; echo "$GREETING"; echo "$PATH"']
    said = subprocess.run(command, env=bare_environment(), capture_output=True, text=True, check=True).stdout

    greeting, path = said.splitlines()
    assert greeting == "it's $HOME"
    assert path.startswith(os.environ["PATH"])
    assert path.endswith(str(Path(sys.executable).parent))


def test_it_is_its_owners_and_gone_after_the_block(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / "new" / "env")

    with file.held():
        file.write({"A": "1"})
        assert S_IMODE(file.path.stat().st_mode) == 0o600

    assert not file.path.exists()


def test_a_second_holder_is_refused_by_the_name_of_the_first_and_removes_nothing(tmp_path: Path) -> None:
    first = EnvFile(tmp_path / "env")
    with first.held():
        first.write({"A": "1"})

        with pytest.raises(LocalStackError, match=f"process {os.getpid()} keeps .*make local SFMINT_ENV_FILE="):
            EnvFile(tmp_path / "env").held().__enter__()

        assert "A=1" in first.path.read_text()


def test_files_of_their_own_are_held_side_by_side(tmp_path: Path) -> None:
    with EnvFile(tmp_path / "env").held(), EnvFile(tmp_path / "second").held():
        pass


def test_a_killed_holder_is_in_nobodys_way(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from sfmint_local.env_file import EnvFile; file = EnvFile(pathlib.Path(sys.argv[1]))\n"
        f"with file.held(): file.write({{'A': '1'}}); os.kill(os.getpid(), {int(signal.SIGKILL)})"
    )
    killed = subprocess.run([sys.executable, "-c", code, tmp_path / "env"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "env").exists()

    with EnvFile(tmp_path / "env").held():
        pass

    assert not (tmp_path / "env").exists()
