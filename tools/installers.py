"""What fills environments: uv in seconds, and where uv cannot, pip in minutes."""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shown_command import Failed, run, say

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".local" / "venvs"

_PINNED = ("--require-hashes", "--only-binary", ":all:", "-r")
_PROJECT = ("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
# Where nobody answers uv gives up within a minute, and pip goes on.
_UV_PATIENCE = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_CONNECT_TIMEOUT": "5", "UV_HTTP_RETRIES": "2"}
# uv does not read pip's settings: these make it ask where pip asks.
_UV_NAMES = {"index-url": "UV_INDEX_URL", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}
_YES = frozenset({"1", "on", "true", "yes"})


class NotMade(Exception):  # noqa: N818 - what the environment is
    """An environment could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment and its pins.

    Attributes:
        folder: where it is.
        pins: its requirements file, with hashes.
        purpose: what it is for, in a few words.
        project: whether it holds the project too, so that an edit takes effect at once.
        byte_code: whether its modules are compiled at once: what runs in it writes no byte code.
    """

    folder: Path
    pins: Path
    purpose: str
    project: bool = False
    byte_code: bool = False

    @classmethod
    def named(
        cls, name: str, purpose: str, *, folder: Path | None = None, project: bool = False, byte_code: bool = False
    ) -> Self:
        """Return the environment with the pins ``requirements/NAME.txt``, in ``.local/venvs/NAME`` by default."""
        pins = ROOT / "requirements" / f"{name}.txt"
        return cls(folder=folder or VENVS / name, pins=pins, purpose=purpose, project=project, byte_code=byte_code)

    def __str__(self) -> str:
        return f"{self.folder.relative_to(ROOT)} ({self.purpose})"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def is_ready(self) -> bool:
        """Whether it was made whole, after its pins were written, by a Python that is still there."""
        marker = self._marker
        made = marker.exists() and marker.stat().st_mtime >= self.pins.stat().st_mtime
        return made and self.python.exists() and marker.read_text() == self._packaging

    @contextmanager
    def made_anew(self, *options: str) -> Iterator[None]:
        """Make it empty. It is ready when the block, which fills it, does not fail.

        Args:
            options: of the module venv.

        Raises:
            Failed: venv failed.
        """
        self._marker.unlink(missing_ok=True)  # first of all: what is half removed is not ready
        shutil.rmtree(self.folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", *options, str(self.folder)])
        yield
        self._marker.write_text(self._packaging)

    @property
    def _marker(self) -> Path:
        return self.folder / "ready"

    @property
    def _packaging(self) -> str:
        """What is installed of the project: an edit of its code takes effect at once, another package of it does not."""
        if not self.project:
            return ""
        said = tomllib.loads((ROOT / "pyproject.toml").read_text())
        packaging = [said["build-system"], said["project"], said["tool"]["hatch"]]
        return hashlib.sha256(json.dumps(packaging, sort_keys=True).encode()).hexdigest()


_INSTALLERS = Environment.named("uv", "what installs the others")


class Installers:
    """uv for as long as it works, then pip.

    Raises:
        NotMade: there is neither.
    """

    def __init__(self) -> None:
        self._uses_uv = _INSTALLERS.is_ready or _make_installers()
        settings = _pip_settings()
        self._uv_variables = _uv_variables(settings)
        if self._uses_uv and settings.get("no-index", "") in _YES:
            self._uses_uv = False
            say(_no_uv("pip may ask no index"))

    def install(self, environment: Environment) -> None:
        """Make an environment.

        Raises:
            NotMade: pip cannot either; the message holds what it said.
        """
        with _told(environment):
            try:
                if not (self._uses_uv and self._install_by_uv(environment)):
                    self._install_by_pip(environment)
            except Failed as failed:
                raise NotMade(
                    f"{environment} could not be made. Correct what pip says, then run make again.\n{failed}"
                ) from None

    def _install_by_uv(self, environment: Environment) -> bool:
        uv = [str(_INSTALLERS.folder / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(environment.python)]
        try:
            _fill(environment, uv, {**self._uv_variables, "UV_COMPILE_BYTECODE": str(int(environment.byte_code))})
        except Failed as failed:
            self._uses_uv = False
            say(f"\n{_no_uv(failed.reason)}making {environment} ")
            return False
        return True

    def _install_by_pip(self, environment: Environment) -> None:
        pip = [str(_INSTALLERS.python), "-m", "pip", "--python", str(environment.python), "install", "--quiet"]
        _fill(environment, pip, os.environ)


def _make_installers() -> bool:
    """Make the environment of both, and tell whether uv is there."""
    pip = [str(_INSTALLERS.python), "-m", "pip", "install", "--quiet"]
    try:
        with _told(_INSTALLERS), _INSTALLERS.made_anew():
            run([*pip, *_PINNED, str(_INSTALLERS.pins)])
    except Failed as failed:
        if not _INSTALLERS.python.exists():
            raise NotMade(f"`{sys.executable} -m venv` fails. Correct what it says.\n{failed}") from None
        say(f"\n{_no_uv(failed.reason)}")
        return False
    return True


def _fill(environment: Environment, command: Sequence[str], variables: Mapping[str, str]) -> None:
    with environment.made_anew("--without-pip"):
        run([*command, *_PINNED, str(environment.pins)], variables)
        if environment.project:
            run([*command, *_PROJECT], variables)


def _no_uv(reason: str) -> str:
    return f"uv does not work here ({reason}); pip goes on, which takes minutes\n"


@contextmanager
def _told(environment: Environment) -> Iterator[None]:
    say(f"making {environment} ")
    began = time.monotonic()
    yield
    say(f" {time.monotonic() - began:.1f} s\n")


def _uv_variables(settings: Mapping[str, str]) -> dict[str, str]:
    translated = {name: settings[option] for option, name in _UV_NAMES.items() if option in settings}
    return {**_UV_PATIENCE, **translated, **os.environ}  # the person's own count most


def _pip_settings() -> dict[str, str]:
    """Return pip's settings for an install; of two values the one that pip takes."""
    command = [str(_INSTALLERS.python), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if section in sections:
            sections[section][option] = str(ast.literal_eval(value))
    return {**sections["global"], **sections["install"], **sections[":env:"]}
