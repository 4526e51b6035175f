"""Links of the repository's pages, and where they lead on the site."""

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

# Code comes first: what looks like a link in there is none. Code in a line ends with its paragraph at the latest.
_CODE_OR_LINK = re.compile(
    r"""
    ^\ *(?P<fence>`{3,}|~{3,}) .*? ^\ *(?P=fence)
    | (?P<marks>`+)(?!`) (?:(?!\n\ *\n).)+? (?<!`)(?P=marks)(?!`)
    | (?:(?<!!)\[(?P<text>[^\[\]]*))? \]\((?P<target>[^)\s]+)\)
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def targets(text: str) -> Iterator[str]:
    """Give where each link of a page leads, addresses of the web too."""
    for found in _CODE_OR_LINK.finditer(text):
        if found["target"]:
            yield found["target"]


def with_links(text: str, link: Callable[[str | None, str], tuple[str | None, str]]) -> str:
    """Return a page in which each link has the text and the target that a function makes of both.

    The text is None where that is a picture's or has marks of its own, and stays as it is.
    """

    def replaced(found: re.Match[str]) -> str:
        if not found["target"]:
            return found[0]
        said, target = link(found["text"], found["target"])
        return f"{'' if said is None else f'[{said}'}]({target})"

    return _CODE_OR_LINK.sub(replaced, text)


def is_outside(target: str) -> bool:
    """Tell whether a link leads to the web or to a place of its own page."""
    return target.startswith(("#", "mailto:")) or "://" in target


def resolved(page: PurePosixPath, target: str) -> tuple[PurePosixPath, str]:
    """Return what a relative link of a page names, from the root of the repository, and its anchor with ``#``."""
    path, mark, anchor = target.partition("#")
    return PurePosixPath(posixpath.normpath(page.parent / path)), mark + anchor


def relative(place: PurePosixPath, to: PurePosixPath) -> str:
    """Return the link from one place of the site to another."""
    return posixpath.relpath(to, place.parent)
