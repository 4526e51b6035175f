"""Links of the repository's pages, and where they lead on the site."""

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

# Code comes first: what looks like a link in there is none.
_CODE_OR_LINK = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)|(?P<marks>`+)(?!`).+?(?<!`)(?P=marks)(?!`)|\]\((?P<target>[^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)


def targets(text: str) -> Iterator[str]:
    """Give where each link of a page leads, addresses of the web too."""
    for found in _CODE_OR_LINK.finditer(text):
        if found["target"]:
            yield found["target"]


def with_targets(text: str, target: Callable[[str], str]) -> str:
    """Return a page in which each link leads where ``target`` says."""
    return _CODE_OR_LINK.sub(lambda link: f"]({target(link['target'])})" if link["target"] else link[0], text)


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
