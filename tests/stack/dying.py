"""Processes that die: the environments of the embedded AWS's functions, and one that leaves its memory behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sfmint_local.embedded_aws import EmbeddedAws

_LIMIT = "Max core file size"
_WITHIN_S = 20.0
# Holds a token in its memory, and dies.
_DYING = """
import os, sys
token = sys.stdin.read()
os.abort()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A living environment of a function.

    Attributes:
        function: its name.
        pid: its process.
    """

    function: str
    pid: int

    @property
    def largest_dump(self) -> int | str:
        """What the system may write of its memory, in bytes; a word if there is no limit."""
        [line] = [each for each in _read(self.pid, "limits").splitlines() if each.startswith(_LIMIT)]
        soft = line.removeprefix(_LIMIT).split()[0]
        return int(soft) if soft.isdigit() else soft

    def dies(self) -> list[Path]:
        """Have it die as by a fault of a library, and return what it leaves in its folder."""
        folder = Path(f"/proc/{self.pid}/cwd").readlink()
        before = set(folder.iterdir())
        os.kill(self.pid, signal.SIGABRT)
        ends_at = time.monotonic() + _WITHIN_S
        while self._lives:
            assert time.monotonic() < ends_at
            time.sleep(0.05)
        return sorted(set(folder.iterdir()) - before) if folder.exists() else []

    @property
    def _lives(self) -> bool:
        try:
            return "Z" not in _read(self.pid, "stat").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False


def environments(aws: EmbeddedAws) -> list[Environment]:
    """Return the environments that the embedded AWS runs now."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == aws.pid:
            variables = dict(each.partition("=")[::2] for each in _read(int(entry.name), "environ").split("\0"))
            if function := variables.get("AWS_LAMBDA_FUNCTION_NAME"):
                found.append(Environment(function=function, pid=int(entry.name)))
    return found


def dumped(text: str, folder: Path) -> Path | None:
    """Have a process die that holds a text, and return its dump; None where the machine writes none there."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    program = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, ({most}, {most}))\n{_DYING}"
    subprocess.run([sys.executable, "-c", program], input=text, cwd=folder, text=True, check=False)
    return next(iter(folder.glob("core*")), None)


def _parent(pid: int) -> int | None:
    try:
        return int(_read(pid, "stat").rpartition(")")[2].split()[1])
    except OSError:
        return None  # it has ended meanwhile


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
