import subprocess
import sys
from pathlib import Path

import pytest

from sfmint_local import artefact, authorities


@pytest.mark.parametrize(
    ("names", "said"), [("Orders X", "'Orders X' cannot name"), ("a-b,ab", "dashes only"), ("a,a", "more than once")]
)
def test_make_local_refuses_a_bad_name_before_it_starts_anything(names: str, said: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sfmint_local", "--connections", names, "--env-file", str(tmp_path / "env")]

    refused = subprocess.run(command, capture_output=True, text=True, check=False)

    assert refused.returncode == 2
    assert said in refused.stderr
    assert refused.stdout == ""


def test_what_the_sam_cli_leaves_behind_goes(tmp_path: Path) -> None:
    code = "import pathlib, tempfile; pathlib.Path('made').write_text(tempfile.mkdtemp())"

    artefact.sam_deploy([sys.executable, "-c", code], environment={}, log=tmp_path / "log", folder=tmp_path)

    made = Path((tmp_path / "made").read_text())
    assert made.is_relative_to(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"log", "made"}


def test_a_build_is_not_sent_to_authorities_that_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = tmp_path / "make"
    make.write_text("#!/bin/sh\nenv\n")
    make.chmod(0o700)
    monkeypatch.setattr(artefact, "_STAMP", tmp_path / "stamp")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    gone, there, *_ = authorities.VARIABLES
    monkeypatch.setenv(gone, str(tmp_path / "gone"))
    monkeypatch.setenv(there, str(make))

    assert artefact.build(tmp_path / "log")

    variables = dict(line.split("=", 1) for line in (tmp_path / "log").read_text().splitlines() if "=" in line)
    assert gone not in variables
    assert variables[there] == str(make)
