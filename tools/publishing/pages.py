"""Which pages of the repository stand on the site, and where."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

FRONT = PurePosixPath("README.md")
INDEX = PurePosixPath("docs/README.md")
UNLISTED = frozenset({PurePosixPath("docs/adr/template.md")})  # a form to copy, not a page to read

_PLACES = {FRONT: PurePosixPath("index.md"), INDEX: PurePosixPath("pages.md")}
_OUTSIDE = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "events/README.md", "examples/*/README.md")
_KIND = re.compile(r"^\*(Tutorial|How-to|Reference|Explanation)\b", re.MULTILINE)


class NotPublished(Exception):  # noqa: N818 - what the site is then
    """The site cannot be made: a cause and a remedy."""


@dataclass(frozen=True)
class Page:
    """A page of the repository.

    Attributes:
        path: from the root of the repository.
        text: its Markdown, as GitHub reads it.
    """

    path: PurePosixPath
    text: str

    @property
    def place(self) -> PurePosixPath:
        """Where it stands on the site, still with ``.md``."""
        if self.path in _PLACES:
            return _PLACES[self.path]
        path = self.path.relative_to("docs") if self.path.parts[0] == "docs" else self.path
        if path.name != "README.md":
            return path.with_name(path.name.lower())
        return path.with_name("index.md") if self.path.parts[0] == "docs" else path.parent.with_suffix(".md")

    @cached_property
    def title(self) -> str:
        """Its first heading, without marks.

        Raises:
            NotPublished: it has none.
        """
        heading = re.search(r"^# (.+)$", self.text, re.MULTILINE)
        if not heading:
            raise NotPublished(f"{self.path} has no heading. Begin it with `# ` and what it is called.")
        return heading[1].replace("`", "")

    @cached_property
    def kind(self) -> str:
        """The kind that it says it is; empty where it says none."""
        said = _KIND.search(self.text)
        return said[1] if said else ""


def pages(root: Path) -> Iterator[Page]:
    """Give every page: those of docs/, and the few outside that are written for the same readers.

    Raises:
        NotPublished: a page is no text.
    """
    found = [*root.glob("docs/**/*.md"), *(path for pattern in _OUTSIDE for path in root.glob(pattern))]
    for path in sorted(found):
        page = PurePosixPath(path.relative_to(root).as_posix())
        if page not in UNLISTED:
            try:
                yield Page(page, path.read_text("utf-8"))
            except UnicodeDecodeError:
                raise NotPublished(f"{page} is not UTF-8. Save it as that.") from None


def named(path: PurePosixPath, pages: Mapping[PurePosixPath, Page]) -> PurePosixPath:
    """Return the page that a link to a path means: that of a folder is its README.md; the path, if it is no page."""
    readme = path / "README.md"
    return readme if readme in pages else path
