"""A repository for one test: with an author and dates of its own, and nothing of the person's settings."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOMEBODY = {
    f"GIT_{role}_{fact}": value
    for role in ("AUTHOR", "COMMITTER")
    for fact, value in (("NAME", "Somebody"), ("EMAIL", "somebody@sfmint.example"), ("DATE", "1790000000 +0000"))
}
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A folder under git."""

    root: Path

    def git(self, *words: str) -> str:
        """Return what git says."""
        command = ["git", *words]
        variables = {**os.environ, **SOMEBODY, **ALONE}
        return subprocess.run(command, cwd=self.root, env=variables, capture_output=True, text=True, check=True).stdout

    def commit_all(self) -> None:
        """Put the folder under git if it is not, and commit all that is in it."""
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "All")
