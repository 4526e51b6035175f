"""What is built from an exported commit: the code for a processor, the wheels, and the bills of material.

Nothing of the machine may reach the bytes: neither its folders, nor its clock, nor the project that is installed on it.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shown_command
from archive import packed
from build_size import artefacts
from releasing.errors import Failed
from shown_command import run, say

WHEELS = (".", "layers/client")  # the folders of their pyproject.toml
_LAST_LINES = 15
# Of a person's variables these may change what is built.
_OTHERWISE = ("HATCH_", "LANG", "LC_", "MAKE", "PYTHON", "SAM_")
_FIXED = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "SAM_CLI_TELEMETRY": "0", "TZ": "UTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """A builder of one commit.

    Attributes:
        tree: what the commit holds.
        sam: the SAM CLI.
        tested: the interpreter of the environment that holds each pinned package.
        epoch: when the commit was made, in seconds since 1970; what is dated is dated so.
    """

    tree: Path
    sam: Path
    tested: Path
    epoch: int

    def archives(self, architecture: str) -> dict[str, bytes]:
        """Return the zip file of each function and layer, by its name in the template.

        Raises:
            Failed: a step has failed; the message has its last lines.
        """
        words = ["--config-env", "default", "--parameter-overrides", f"Architecture={architecture}"]
        self._run(f"the code for {architecture}", [str(self.sam), "build", *words], self.tree)
        built = self.tree / ".aws-sam/build"
        self._run("it lean", [sys.executable, str(self.tree / "tools/lean.py"), str(built)], self.tree)
        return {artefact.name: packed(artefact) for artefact in artefacts(built)}

    def wheels(self, folder: Path) -> None:
        """Put the wheels into a folder.

        Raises:
            Failed: a step has failed; the message has its last lines.
        """
        for project in WHEELS:
            command = [
                sys.executable,
                "-P",
                "-m",
                "hatchling",
                "build",
                "--target",
                "wheel",
                "--directory",
                str(folder),
            ]
            self._run("a wheel", command, self.tree / project)

    def bills(self, folder: Path) -> None:
        """Put the bills of material into a folder.

        Raises:
            Failed: a step has failed; the message has its last lines.
        """
        command = [str(self.tested), str(self.tree / "tools/sbom.py"), str(folder)]
        self._run("the bills of material", command, self.tree)

    def _run(self, what: str, command: Sequence[str], folder: Path) -> None:
        say(f"making {what} ")
        try:
            run(command, self._variables(), folder)
        except shown_command.Failed as failed:
            last = "\n".join(str(failed).strip().splitlines()[-_LAST_LINES:])
            raise Failed(
                f"{last}\nThe build has failed, for the reason above. Correct it and run this again."
            ) from None
        finally:
            say("\n")

    def _variables(self) -> Mapping[str, str]:
        """Return the person's own variables, which may name an index that pip needs, and what makes builds equal."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # the SAM CLI looks for pip
        own = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERWISE)}
        return {**own, **_FIXED, "PATH": path, "SOURCE_DATE_EPOCH": str(self.epoch)}
