"""git in one folder, so that neither a person's settings nor what a clone has beside its commits decide what it does."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from releasing.errors import Failed

_SETTINGS = (
    "core.hooksPath=/dev/null",  # a person's look for environments, and may change files
    "core.fsmonitor=false",  # may overlook a change
    "core.ignoreStat=false",
    "core.quotePath=true",
    "user.useConfigOnly=true",  # a guessed author would publish the name of the machine
)
_SET = tuple(word for setting in _SETTINGS for word in ("-c", setting))
# What names another repository, such as that of a hook which runs this.
_OF_ANOTHER = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
}
_FIXED = {"GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"}  # an id names one content; messages are read in English
_MARKS = ("fatal: ", "error: ")


@dataclass(frozen=True, slots=True)
class Git:
    """git, called in a folder.

    Attributes:
        folder: which.
        more: variables beside those of the process.
    """

    folder: Path
    more: Mapping[str, str]

    def text(self, *words: str, given: bytes | None = None) -> str:
        """Return what a command writes, without the last line's end.

        Args:
            words: the command.
            given: its standard input; ours by default, where a program that signs may ask for a passphrase.

        Raises:
            Failed: git fails, and why.
        """
        return self.octets(*words, given=given).decode(errors="replace").removesuffix("\n")

    def octets(self, *words: str, given: bytes | None = None) -> bytes:
        """Return what a command writes, byte for byte.

        Raises:
            Failed: git fails, and why.
        """
        own = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
        variables = {**own, **_FIXED, **self.more}
        command = ["git", *_SET, *words]
        done = subprocess.run(command, cwd=self.folder, env=variables, input=given, capture_output=True, check=False)
        if done.returncode != 0:
            cause = _cause(done.stderr.decode(errors="replace"))
            raise Failed(f"git {words[0]} has failed: {cause}. Correct it, then run this again.")
        return done.stdout


def _cause(said: str) -> str:
    """Return the line that says why, where others say how to go on."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it says nothing"]
    line = next((line for line in lines if line.startswith(_MARKS)), lines[-1])
    for mark in _MARKS:
        line = line.removeprefix(mark)
    return line.removesuffix(".")
