"""`make build` in earnest: the same wherever it is built, and for either processor."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build_size import Weight, artefacts
from sfmint_local import places

MACHINES = {"x86_64": 62, "arm64": 183}  # ELF's numbers: EM_X86_64, EM_AARCH64
NATIVE = "DependenciesLayer"  # all else is Python


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Build a copy of the tree under another path."""

    def build(architecture: str, folder: str) -> Path:
        root = tmp_path_factory.mktemp(architecture) / folder
        for name in ("functions", "layers", "requirements", "tools"):
            shutil.copytree(places.ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("template.yaml", "samconfig.toml", "pyproject.toml", "Makefile"):
            shutil.copy(places.ROOT / file, root)
        for name in (".venv", ".local"):  # as ready as their owner's, for the pins are as old
            (root / name).symlink_to(places.ROOT / name)
        # A make above us has flags of its own.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        settings = (f"ARCHITECTURE={architecture}", f"PYTHON={sys.executable}")
        command = ["make", "--no-print-directory", "build", *settings]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return root / ".aws-sam/build"

    return build


def weights(built: Path) -> dict[str, Weight]:
    return {artefact.name: Weight.measure(artefact) for artefact in artefacts(built)}


def machines(built: Path) -> set[int]:
    """Return for which machines the compiled modules are."""
    return {int.from_bytes(path.read_bytes()[18:20], "little") for path in built.rglob("*.so")}


def test_two_builds_in_two_folders_are_equal_and_either_processor_gets_its_own(
    build: Callable[[str, str], Path],
) -> None:
    one, other = build("x86_64", "tree"), build("x86_64", "another/and/deeper/tree")
    arm = build("arm64", "tree")
    assert weights(one) == weights(other)
    assert (machines(one), machines(arm)) == ({MACHINES["x86_64"]}, {MACHINES["arm64"]})
    differing = {name for name, weight in weights(one).items() if weights(arm)[name] != weight}
    assert differing == {NATIVE}
