"""The changelog: what is unreleased becomes the text of a version.

Source: Keep a Changelog 1.1.0.
"""

import re
from datetime import date

from releasing.errors import Refused
from releasing.version import Version

FILE = "CHANGELOG.md"
_UNRELEASED = re.compile(r"^## \[Unreleased\][ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^## ", re.MULTILINE)
_RELEASED = re.compile(r"^## \[(\d+\.\d+\.\d+)\]", re.MULTILINE | re.ASCII)
_TEXT = re.compile(r"^(?!#)[ \t]*\S", re.MULTILINE)  # more than headings


def cut(changelog: str, version: Version, day: date) -> str:
    """Return a changelog in which all that is unreleased is the text of a version.

    Args:
        changelog: as it is.
        version: the next.
        day: of the release.

    Raises:
        Refused: nothing is unreleased, or the version is not above each that is there.
    """
    for released in released_in(changelog):
        if version <= released:
            raise Refused(f"{version} is not above {released}, which {FILE} has. Say a higher VERSION.")
    begin, end = _unreleased(changelog)
    text = changelog[begin:end].strip("\n")
    if not _TEXT.search(text):
        raise Refused(f"{FILE} says nothing under [Unreleased]. Write what has changed for operators there.")
    below = f"\n{changelog[end:]}" if changelog[end:] else ""
    return f"{changelog[:begin]}\n\n## [{version}] - {day.isoformat()}\n\n{text}\n{below}"


def released_in(changelog: str) -> list[Version]:
    """Return the versions of a changelog, in its order."""
    return [Version.parse(text) for text in _RELEASED.findall(changelog)]


def text_of(changelog: str, version: Version) -> str:
    """Return what a changelog says of a version, or of what is unreleased while it has no such version."""
    if version in released_in(changelog):
        [heading] = re.finditer(rf"^## \[{re.escape(str(version))}\].*$", changelog, re.MULTILINE)
        begin, end = heading.end(), _end_after(changelog, heading.end())
    else:
        begin, end = _unreleased(changelog)
    return changelog[begin:end].strip("\n") + "\n"


def _unreleased(changelog: str) -> tuple[int, int]:
    heading = _UNRELEASED.search(changelog)
    if not heading:
        raise Refused(f"{FILE} has no heading [Unreleased]. Add it above the last version.")
    return heading.end(), _end_after(changelog, heading.end())


def _end_after(changelog: str, begin: int) -> int:
    following = _HEADING.search(changelog, begin)
    return following.start() if following else len(changelog)
