"""Copies of the working tree, in which a test may change what is deployed."""

import shutil
from pathlib import Path

from sfmint_local import artefact, places

_BUILT_FROM = ("functions", "layers", "requirements", "tools")
_FILES = ("Makefile", "pyproject.toml", "samconfig.toml", "template.yaml")


def copy_tree(root: Path) -> None:
    """Copy what a deploy needs; share the environments, and what the SAM CLI has installed."""
    for folder in _BUILT_FROM:
        shutil.copytree(places.ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in _FILES:
        shutil.copy2(places.ROOT / file, root)
    (root / ".local").mkdir()
    (root / ".local/venvs").symlink_to(places.LOCAL / "venvs")
    copy_sam_cache(root)


def copy_sam_cache(root: Path) -> None:
    """Spare the copy from installing the dependencies anew: SAM finds them under the folder that it built from."""
    with artefact.held():
        for folder in ("cache", "deps"):
            shutil.copytree(places.ROOT / ".aws-sam" / folder, root / ".aws-sam" / folder)
        record = (places.ROOT / ".aws-sam/build.toml").read_text()
    (root / ".aws-sam/build.toml").write_text(record.replace(f'"{places.ROOT}/', f'"{root}/'))
