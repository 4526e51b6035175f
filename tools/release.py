"""Makes a release: ``python tools/release.py release 0.1.0``; or rebuilds the commit that is checked out: ``... dist``.

The exit code is 0 if it is done, 1 if a step has failed, 3 if a check has stopped it, 130 if it was interrupted. Unless it
is done the repository and ``dist`` are as they were.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from releasing import changelog, dist, version
from releasing.building import Builder
from releasing.errors import Failed, Refused, ReleaseError
from releasing.interrupts import interrupt_by_all, uninterrupted
from releasing.made import Made
from releasing.record import Record, Tools
from releasing.repository import Repository
from releasing.version import Version

ROOT = Path(__file__).resolve().parent.parent
SAM = ROOT / ".local/venvs/sam/bin/sam"
TESTED = ROOT / ".venv/bin/python"
DIST, OTHERWISE = "dist", ".dist-otherwise"
DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 3, 130


def release(repository: Repository, following: Version, now: datetime) -> None:
    """Commit a version, build it, and tag the commit.

    No branch has the commit before everything is built.

    Args:
        repository: where.
        following: the version.
        now: the time of the release; its day stands in the changelog.

    Raises:
        Refused: the tree is not clean, the version is there, or the changelog says nothing.
        Failed: a step has failed.
    """
    repository.check_clean()
    repository.check_branch()
    repository.check_free(following.tag)
    head = repository.head()
    if repository.subject(head) == (subject := f"Release {following}"):
        raise Refused(
            f"Commit {head[:12]} is {following} without its tag, as a run leaves it that was killed. "
            "Take it back: git reset --keep HEAD~1. Then run this again."
        )
    changes = {changelog.FILE: changelog.cut(repository.read(head, changelog.FILE), following, now.date())}
    for file in version.FILES:
        changes[file] = version.written_into(repository.read(head, file), following)
    commit = repository.committed(head, changes, subject)
    with ExitStack() as to_the_end, built(repository, commit) as made:

        def put() -> None:
            to_the_end.enter_context(uninterrupted())
            made.put(repository.root / DIST)

        repository.advance(commit, following.tag, f"sfmint {following}\n\n{made.record}", put)
        print(f"{made.checksums}{following.tag} is commit {commit}. Look at it, then: git push --follow-tags")


def rebuild(repository: Repository) -> None:
    """Build the commit that is checked out; if it is a release, hold what was built against it.

    Raises:
        Refused: the tree is not clean, or another Python or zlib has built the release.
        Failed: a step has failed, or what was built is not the release.
    """
    repository.check_clean()
    commit = repository.head()
    tag = version.said_in(repository.read(commit, version.FILES[0])).tag
    released = Record.read(repository.message_of(tag)) if tag in repository.tags(commit) else None
    if released:
        released.check_tools(Tools.here())
    with built(repository, commit) as made:
        if released and released != made.record:
            made.put(repository.root / OTHERWISE)
            raise Failed(
                f"What was built differs from the release, though commit and tools are the same. It is in {OTHERWISE}: "
                "compare its SHA256SUMS with the release's own, and do not install what differs."
            )
        made.put(repository.root / DIST)
        print(made.checksums, end="")
    if released:
        print(f"This is {tag}, byte for byte.")
    else:
        print(f"note: commit {commit} has no tag {tag}, so this is nobody's release.")


@contextmanager
def built(repository: Repository, commit: str) -> Iterator[Made]:
    """Build a commit, and keep what was built until the block ends.

    Raises:
        Refused: the commit says no version.
        Failed: a step has failed.
    """
    with (
        repository.exported(commit) as tree,
        TemporaryDirectory(prefix=".dist-", dir=repository.root, ignore_cleanup_errors=True) as scratch,
    ):
        filled = Path(scratch) / "dist"
        filled.mkdir()
        dist.make(Builder(tree=tree, sam=SAM, tested=TESTED, epoch=repository.time_of(commit)), commit, filled)
        yield Made.of(filled)


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="release.py", description="Make a release, or rebuild one.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("release", help="commit a version, build it, tag it").add_argument("version")
    commands.add_parser("dist", help="rebuild the commit that is checked out")
    words = parser.parse_args(arguments)
    repository = Repository(ROOT)
    try:
        if words.command == "release":
            release(repository, Version.parse(words.version), datetime.now(UTC))
        else:
            rebuild(repository)
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED if isinstance(error, Refused) else FAILED
    except OSError as error:
        print(f"error: {error}. Correct it, then run this again.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("error: interrupted. Nothing is released; run this again.", file=sys.stderr)
        return INTERRUPTED
    return DONE


if __name__ == "__main__":
    interrupt_by_all()
    sys.exit(main())
