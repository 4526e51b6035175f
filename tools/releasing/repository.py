"""The repository as a release sees it: clean or not, tagged or not, and a commit that is made and built before any branch has it."""

import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from releasing.errors import Failed, Refused

_WITHOUT_HOOKS = ("-c", "core.hooksPath=/dev/null")  # a person's look for environments, and may change files
# What a person has set must not reach the bytes that are exported.
_AS_COMMITTED = ("-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.attributesFile=/dev/null")
_OF_A_HOOK = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"}  # they name the hook's own repository


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone with its working tree. It is read by git's plumbing, which heeds no setting of a person.

    Attributes:
        root: the folder of the tree.
    """

    root: Path

    def check_clean(self) -> None:
        """Check that the tree holds what its commit holds, and no more.

        Raises:
            Refused: it does not, or is no clone.
        """
        try:
            changed = self._git("status", "--porcelain", "--untracked-files=normal").splitlines()
        except Failed as error:
            raise Refused(f"{self.root} is no clone of git: {error} Clone it, then run this there.") from None
        if changed:
            first = changed[0][3:]
            others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise Refused(f"The tree is not clean: {first}{others} differs from the commit. Commit or stash it first.")

    def check_untagged(self, tag: str) -> None:
        """Check that a tag can still be set.

        Raises:
            Refused: there is such a tag.
        """
        if self._git("for-each-ref", f"refs/tags/{tag}"):
            raise Refused(f"The tag {tag} is there already, and a release never changes. Say a higher VERSION.")

    def head(self) -> str:
        """Return the id of the commit that is checked out."""
        return self._git("rev-parse", "HEAD").strip()

    def tags(self, commit: str) -> list[str]:
        """Return the tags of a commit."""
        return self._git("for-each-ref", "--points-at", commit, "--format=%(refname:lstrip=2)", "refs/tags").split()

    def message_of(self, tag: str) -> str:
        """Return the message of a tag."""
        return self._git("for-each-ref", "--format=%(contents)", f"refs/tags/{tag}")

    def time_of(self, commit: str) -> int:
        """Return when a commit was made, in seconds since 1970."""
        return int(self._git("rev-list", "--max-count=1", "--timestamp", commit).split()[0])

    @contextmanager
    def exported(self, commit: str) -> Iterator[Path]:
        """Give a folder that holds what a commit holds and nothing else, until the block ends."""
        archive = self._bytes(*_AS_COMMITTED, "archive", "--format=tar", commit)
        with TemporaryDirectory(prefix="sfmint-release-") as folder:
            root = Path(folder).resolve() / "tree"
            with tarfile.open(fileobj=BytesIO(archive)) as tar:
                tar.extractall(root, filter="data")
            yield root

    def committed(self, changes: Mapping[str, str], message: str) -> str:
        """Make a commit on top of the one that is checked out, which stays checked out, and return its id.

        Args:
            changes: new contents of files, by path.
            message: of the commit.

        Raises:
            Failed: git refuses.
        """
        with TemporaryDirectory(prefix="sfmint-release-") as folder:
            beside = Repository(Path(folder) / "tree")
            self._git("worktree", "add", "--quiet", "--detach", str(beside.root), "HEAD")
            try:
                for path, text in changes.items():
                    (beside.root / path).write_text(text)
                beside._git("commit", "--quiet", "--all", "--message", message)
                return beside.head()
            finally:
                self._git("worktree", "remove", "--force", str(beside.root))

    def advance(self, commit: str, tag: str, message: str) -> None:
        """Check out a commit that follows the present one, take the branch along, and tag it; or neither.

        Raises:
            Failed: the branch has moved on meanwhile, somebody else has set the tag, or it cannot be signed.
        """
        before = self.head()
        self._git("merge", "--quiet", "--ff-only", commit)
        try:
            self._git("tag", "--annotate", "--message", message, tag, commit)
        except BaseException:
            self._git("reset", "--quiet", "--keep", before)
            raise

    def _git(self, *words: str) -> str:
        return self._bytes(*words).decode()

    def _bytes(self, *words: str) -> bytes:
        variables = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
        command = ["git", *_WITHOUT_HOOKS, *words]
        done = subprocess.run(command, cwd=self.root, env=variables, capture_output=True, check=False)
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
            what = next(word for word in words if word not in _AS_COMMITTED)
            raise Failed(f"git {what} has failed: {said[-1].removeprefix('fatal: ').removesuffix('.')}.")
        return done.stdout
