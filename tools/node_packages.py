"""Packages of npm that are pinned under requirements/, each folder of pins installed once."""

import hashlib
import shutil
from pathlib import Path

from installers import ROOT
from shown_command import run

_NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def has_npm() -> bool:
    """Tell whether Node and npm are on this machine."""
    return bool(shutil.which("node") and shutil.which("npm"))


def installed(name: str) -> Path:
    """Install ``requirements/NAME`` into ``.local/node`` unless it is there, and return the folder with its packages.

    Raises:
        Failed: npm failed; the message holds what it said.
    """
    pins = ROOT / "requirements" / name
    digest = hashlib.sha256((pins / "pins.json").read_bytes()).hexdigest()[:16]
    folder = ROOT / ".local/node" / digest
    if not (folder / "ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(pins / "package.json", folder)
        shutil.copy2(pins / "pins.json", folder / "package-lock.json")  # npm's name for it
        run([*_NPM, "--prefix", str(folder)])
        (folder / "ready").touch()
    return folder / "node_modules"
