"""Files of a repository, and what may be shown of them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def repository_files(root: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Give the files in and below a folder, from the root, in order: where git is, those that it knows.

    What lies about and git does not know, such as a key, is nothing to publish.
    """
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--", str(folder)]
        known = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        found = [PurePosixPath(name) for name in known if name and (root / name).is_file()]
    else:
        found = [PurePosixPath(path.relative_to(root)) for path in (root / folder).rglob("*") if path.is_file()]
    yield from sorted(path for path in found if "__pycache__" not in path.parts)


def is_published(root: Path, path: PurePosixPath) -> bool:
    """Tell whether a file is the repository's own: it leads nowhere else, and where git is, git knows it."""
    leads_here = (root / path).resolve().is_relative_to(root.resolve())
    return leads_here and (not (root / ".git").exists() or path in repository_files(root, path))


def is_text(data: bytes) -> bool:
    """Tell whether a file's content can be shown as text: UTF-8 without a zero byte."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
