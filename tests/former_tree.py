"""The build that an upgrade begins from: the files of its commit, built and deployed by its own tools in our environments.

It is the commit that closed the work on hardening, for nothing was released before 0.1.0.
"""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from sfmint_local import artefact, places
from stack.trees import copy_sam_cache

GIT = shutil.which("git") or "git"
FORMER = "6d3570e"
NOT_IN_HISTORY = f"the history of this clone does not reach back to {FORMER}; git fetch --unshallow gets the rest"
LOCAL_PYTHON = places.VENVS / "local/bin/python"


def is_known(commit: str) -> bool:
    """Return whether the history of this clone goes back so far."""
    words = [GIT, "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(words, cwd=places.ROOT, capture_output=True, check=False).returncode == 0


def lay_out(commit: str, root: Path, *parts: str) -> None:
    """Put a commit's files into an empty folder: those below some folders, or all."""
    words = [GIT, "archive", commit, "--", *parts]
    archive = subprocess.run(words, cwd=places.ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(root, filter="data")


def build(root: Path, *, stack: str) -> None:
    """Build such a tree, for a stack of this name."""
    (root / ".local").mkdir()
    (root / ".local/venvs").symlink_to(places.VENVS)
    copy_sam_cache(root)  # the pinned dependencies, as far as they are the same
    config = root / "samconfig.toml"
    config.write_text(config.read_text().replace('stack_name = "sfmint"', f'stack_name = "{stack}"'))
    variables = {**os.environ, **artefact.SAM_SETTINGS, "PATH": f"{LOCAL_PYTHON.parent}:{os.environ['PATH']}"}
    overrides = ("--parameter-overrides", f"Architecture={artefact.ARCHITECTURE}")
    by_sam = [str(places.SAM), "build", "--config-env", "local", *overrides]
    for command in (by_sam, [str(LOCAL_PYTHON), "tools/lean.py", ".aws-sam/build"]):
        done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def deploy(root: Path, parameters: Mapping[str, str], *, aws: Mapping[str, str], log: Path) -> None:
    """Deploy the build of such a tree with the tree's own tool, which proves that every alias runs it.

    Args:
        root: of the tree.
        parameters: of its template.
        aws: the variables that point at the AWS.
        log: where it says what it does.
    """
    words = [f"{name}={value}" for name, value in {"Architecture": artefact.ARCHITECTURE, **parameters}.items()]
    command: list[str | Path] = [LOCAL_PYTHON, root / "tools/deploy.py", "--env", "local", *words]
    artefact.sam_deploy(command, environment=aws, log=log, folder=root)
