"""The distribution `sfmint`: one wheel with the program and all packages, so that nothing of ours is fetched by name."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from sfmint_local import places

PACKAGES = (
    "cli/sfmint_cli",
    "layers/client/sfmint_client",
    "layers/core/sfmint",
    "layers/setup/sfmint_setup",
    "layers/values/sfmint_values",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import os, sys; os.chdir(sys.argv[2]); from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, folder, places.ROOT], check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_the_packages_whole_and_nothing_else(wheel: Path) -> None:
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = [places.ROOT / package for package in PACKAGES]
    files = {
        path.relative_to(source.parent).as_posix()
        for source in sources
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == files


def test_the_program_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path)
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from sfmint_cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, tmp_path, "explain", "invalid_grant: audience is invalid"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "audience" in done.stdout
