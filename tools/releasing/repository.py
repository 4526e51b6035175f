"""The repository as a release sees it: clean or not, tagged or not, and how the branch goes on to a commit that is built."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from releasing import commits
from releasing.errors import Failed, Refused
from releasing.git import Git
from releasing.interrupts import uninterrupted


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone with its working tree.

    Attributes:
        root: the folder of the tree.
    """

    root: Path

    def check_clean(self) -> None:
        """Check that the tree holds what its commit holds, and no more.

        Raises:
            Refused: it does not, or is no clone of its own.
        """
        try:
            inside = self._git.text("rev-parse", "--show-prefix")
        except Failed as error:
            raise Refused(f"{self.root} is no clone of git. {error}") from None
        if inside:
            raise Refused(f"{self.root} is no clone of git, but a folder of another. Clone it, then run this there.")
        changed = self._changed(self._git) or self._overlooked()
        if changed:
            first = changed[0][3:]
            others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise Refused(f"The tree is not clean: {first}{others} differs from the commit. Commit or stash it first.")

    def _overlooked(self) -> list[str]:
        """Return what differs although git was told to assume it unchanged: with an index of its own it is compared."""
        with TemporaryDirectory(prefix="sfmint-release-") as folder:
            beside = Git(self.root, {"GIT_INDEX_FILE": str(Path(folder) / "index")})
            beside.text("read-tree", "HEAD")
            return self._changed(beside)

    @staticmethod
    def _changed(git: Git) -> list[str]:
        return git.text("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none").splitlines()

    def check_branch(self) -> None:
        """Check that there is a branch to take along.

        Raises:
            Refused: a commit is checked out by its id or tag.
        """
        try:
            self._git.text("symbolic-ref", "--quiet", "HEAD")
        except Failed:
            raise Refused("No branch is checked out, so none would get the release. Check out the main one.") from None

    def check_free(self, tag: str) -> None:
        """Check that a tag can be set, and that nothing else has its name.

        Raises:
            Refused: it cannot.
        """
        for kind in ("tag", "branch"):
            place = {"tag": "refs/tags", "branch": "refs/heads"}[kind]
            found = self._git.text("for-each-ref", "--ignore-case", "--format=%(refname:lstrip=2)", f"{place}/{tag}")
            if found and kind == "tag":
                raise Refused(
                    f"The tag {found.splitlines()[0]} is there already, and a release never changes. "
                    "Say a higher VERSION; or check it out and build it again: make dist."
                )
            if found:
                raise Refused(f"A branch is called {found.splitlines()[0]}, as the tag would be. Rename the branch.")

    def head(self) -> str:
        """Return the id of the commit that is checked out."""
        return self._git.text("rev-parse", "--verify", "HEAD^{commit}")

    def subject(self, commit: str) -> str:
        """Return the first line of a commit's message."""
        return self._git.text("log", "--max-count=1", "--no-show-signature", "--format=%s", commit)

    def tags(self, commit: str) -> list[str]:
        """Return the tags of a commit."""
        return self._git.text(
            "for-each-ref", "--points-at", commit, "--format=%(refname:lstrip=2)", "refs/tags"
        ).split()

    def message_of(self, tag: str) -> str:
        """Return the message of a tag."""
        return self._git.text("for-each-ref", "--format=%(contents)", f"refs/tags/{tag}")

    def time_of(self, commit: str) -> int:
        """Return when a commit was made, in seconds since 1970."""
        return int(self._git.text("rev-list", "--max-count=1", "--timestamp", commit).split()[0])

    def read(self, commit: str, path: str) -> str:
        """Return a file of a commit.

        Raises:
            Failed: the commit has no such file.
        """
        return self._git.octets("cat-file", "blob", f"{commit}:{path}").decode()

    def exported(self, commit: str) -> AbstractContextManager[Path]:
        """Give a folder that holds what a commit holds: see `commits.exported`."""
        return commits.exported(self._git, commit)

    def committed(self, parent: str, changes: Mapping[str, str], message: str) -> str:
        """Make a commit that no branch has: see `commits.committed`."""
        return commits.committed(self._git, parent, changes, message)

    def advance(self, commit: str, tag: str, message: str, then: Callable[[], None]) -> None:
        """Check out a commit that follows the present one, take the branch along, tag it, and do what follows; or nothing.

        Args:
            commit: whose parent is checked out.
            tag: its tag.
            message: of the tag.
            then: what has to succeed too.

        Raises:
            Failed: the branch has moved on meanwhile, somebody else has set the tag, or it cannot be signed.
        """
        before = self._git.text("rev-parse", f"{commit}^")
        if self.head() != before:
            raise Failed("Somebody has committed to the branch meanwhile. Run this again.")
        self._changed(self._git)  # git learns that a file was touched only
        with uninterrupted():
            self._move(before, commit)
        try:
            self._git.text("tag", "--annotate", "--cleanup=whitespace", "--message", message, tag, commit)
            then()
        except BaseException:
            with uninterrupted():
                if tag in self.tags(commit):
                    self._git.text("update-ref", "-d", f"refs/tags/{tag}")
                self._move(commit, before)
            raise

    def _move(self, before: str, after: str) -> None:
        """Take tree and branch from one commit to another; or neither."""
        self._git.text("read-tree", "-m", "-u", before, after)
        try:
            self._git.text("update-ref", "-m", f"release: {after}", "HEAD", after, before)
        except Failed:
            self._git.text("read-tree", "-m", "-u", after, before)
            raise

    @property
    def _git(self) -> Git:
        return Git(self.root, {})
