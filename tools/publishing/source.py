"""Writes the pages of the site, in the dialect of what builds it, into a folder."""

import codecs
import json
import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath

from publishing.dialect import translated
from publishing.files import is_published, is_text, repository_files
from publishing.links import is_outside, relative, resolved, with_links
from publishing.navigation import Section, navigation
from publishing.pages import NotPublished, Page, named, pages

FILES = PurePosixPath("files")  # where files of the repository stand to which pages link
_SHOWN = frozenset({".png", ".svg"})  # pictures: browsers show these as they are
_HERE = Path(__file__).parent


class Source:
    """The pages of a site in a folder.

    Args:
        root: of the repository.
        folder: is made anew.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._pages = {page.path: page for page in pages(root)}

    def write(self) -> None:
        """Write configuration and pages, and all files of the repository to which pages link.

        Raises:
            NotPublished: a page is not listed, or a link leads nowhere.
        """
        sections = navigation(self._pages.values())
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(_HERE / "theme", self._folder / "theme")
        for page in self._pages.values():
            text = with_links(page.text, partial(self._on_the_site, page))
            self._save(page.place, translated(text).encode())
        setting = (_HERE / "zensical.toml").read_text()
        (self._folder / "zensical.toml").write_text(setting.replace('"NAVIGATION"', _as_toml(sections)))

    def _on_the_site(self, page: Page, text: str | None, target: str) -> tuple[str | None, str]:
        """Return a link of a page as it is on the site.

        A file that is no page is put there. Text that is no more than the name of a page's file becomes its title.
        """
        if is_outside(target):
            return text, target
        path, anchor = resolved(page.path, target)
        path = named(path, self._pages)
        if path not in self._pages:
            return text, relative(page.place, self._copy(page, path)) + anchor
        meant = self._pages[path]
        is_name = text is not None and PurePosixPath(text).name == path.name
        return meant.title if is_name else text, relative(page.place, meant.place) + anchor

    def _copy(self, page: Page, path: PurePosixPath) -> PurePosixPath:
        """Put a file, or a folder with a list of its files, on the site, and return its place there."""
        origin = self._root / path
        if path.is_absolute() or ".." in path.parts or not origin.exists():
            raise NotPublished(f"{page.path} has a link to {path}, which is not there. Correct the link.")
        if origin.is_dir():
            return self._list(page, path)
        if not is_published(self._root, path):
            raise NotPublished(
                f"{page.path} has a link to {path}, which git does not know. Add it, or take the link out."
            )
        data = origin.read_bytes()
        if path.suffix in _SHOWN or not is_text(data):
            return self._save(FILES / path, data)
        # Any browser shows plain text, and a byte order mark tells it the encoding whatever the server says.
        return self._save(FILES / f"{path}.txt", data if data.isascii() else codecs.BOM_UTF8 + data)

    def _list(self, page: Page, path: PurePosixPath) -> PurePosixPath:
        place = FILES / path / "index.md"
        names = list(repository_files(self._root, path))
        lines = [f"- [{name.relative_to(path)}]({relative(place, self._copy(page, name))})\n" for name in names]
        text = f"---\nsearch:\n  exclude: true\n---\n\n# The folder {path}\n\n{''.join(lines)}"
        return self._save(place, text.encode())

    def _save(self, place: PurePosixPath, data: bytes) -> PurePosixPath:
        file = self._folder / "pages" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return place


def _as_toml(entries: Iterable[Page | Section]) -> str:
    """Return the navigation as an array of TOML, whose texts may be written as JSON's."""
    return f"[{', '.join(map(_entry, entries))}]"


def _entry(entry: Page | Section) -> str:
    value = json.dumps(str(entry.place)) if isinstance(entry, Page) else _as_toml(entry.entries)
    return f"{{ {json.dumps(entry.title)} = {value} }}"
