"""Commits by git's plumbing: what one holds, byte for byte, and a new one that no branch has and no tree shows."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from releasing.errors import Refused
from releasing.git import Git

_MODES = {"100644": 0o644, "100755": 0o755}


@contextmanager
def exported(git: Git, commit: str) -> Iterator[Path]:
    """Give a folder that holds what a commit holds and nothing else, until the block ends.

    Files are taken as they are stored: attributes and filters of the clone change nothing.

    Raises:
        Refused: the commit holds a link or another repository, and so not all that is built from it.
        Failed: git fails.
    """
    files = list(_files(git, commit))
    with TemporaryDirectory(prefix="sfmint-release-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve() / "tree"
        root.mkdir()
        for (path, mode, _), content in zip(files, _contents(git, [blob for _, _, blob in files]), strict=True):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(mode)
        yield root


def _files(git: Git, commit: str) -> Iterator[tuple[str, int, str]]:
    """Give path, mode and object of each file."""
    for line in git.octets("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        facts, _, name = line.partition(b"\t")
        mode, _, blob = facts.decode().split()
        path = os.fsdecode(name)
        if mode not in _MODES or ".." in PurePosixPath(path).parts:
            raise Refused(f"{path!r} is a link or a repository of its own. Commit the files themselves in its place.")
        yield path, _MODES[mode], blob


def _contents(git: Git, blobs: list[str]) -> Iterator[bytes]:
    """Give the content of each object."""
    said = git.octets("cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    begin = 0
    for _ in blobs:
        end = said.index(b"\n", begin)
        size = int(said[begin:end].split()[2])
        yield said[end + 1 : end + 1 + size]
        begin = end + 1 + size + 1


def committed(git: Git, parent: str, changes: Mapping[str, str], message: str) -> str:
    """Make a commit, signed if the person signs commits, and return its id.

    Args:
        git: of the clone.
        parent: the commit before it.
        changes: new contents of files, by path.
        message: of the commit.

    Raises:
        Failed: git refuses.
    """
    with TemporaryDirectory(prefix="sfmint-release-") as folder:
        beside = Git(git.folder, {"GIT_INDEX_FILE": str(Path(folder) / "index")})
        beside.text("read-tree", parent)
        for path, text in changes.items():
            blob = beside.text("hash-object", "-w", "--stdin", given=text.encode())
            beside.text("update-index", "--cacheinfo", f"100644,{blob},{path}")
        tree = beside.text("write-tree")
    signs = git.text("config", "--type=bool", "--default=false", "--get", "commit.gpgSign") == "true"
    return git.text("commit-tree", *(["--gpg-sign"] if signs else []), "-p", parent, "-m", message, tree)
