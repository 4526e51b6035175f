"""What the site's navigation shows: docs/README.md, kind by kind, in its order."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePosixPath

from publishing.links import is_outside, resolved, targets
from publishing.pages import FRONT, INDEX, NotPublished, Page, named

KINDS = ("Tutorial", "How-to", "Reference", "Explanation")


@dataclass(frozen=True)
class Section:
    """A part of the navigation: pages, and parts with pages of one folder.

    Attributes:
        title: what it is called.
        entries: in their order.
    """

    title: str
    entries: Sequence["Page | Section"] = field(default_factory=tuple)


def navigation(pages: Iterable[Page]) -> list[Section]:
    """Return the parts of the navigation: the front page and the index, then one of each kind.

    A page stands under the kind that it says it is, else under the first whose table has a link to the whole of it. The
    pages of a folder follow its README.md, or stand together.

    Raises:
        NotPublished: the index has no part for a kind, or no line for a page, or one in a table of another kind only.
    """
    by_path = {page.path: page for page in pages}
    listed = {
        kind: [named(path, by_path) for path in _listed(text)] for kind, text in _tables(by_path[INDEX].text).items()
    }
    if missing := [kind for kind in KINDS if kind not in listed]:
        raise NotPublished(
            f"{INDEX} has no part for {missing[0]}. Begin one with `## {missing[0]}: ` and a table of its pages."
        )
    kinds: dict[PurePosixPath, str] = {}
    faults = []
    for page in by_path.values():
        if page.path not in (FRONT, INDEX):
            try:
                kinds[page.path] = _kind(page, by_path, listed)
            except NotPublished as fault:
                faults.append(str(fault))
    if faults:
        raise NotPublished("\n".join(faults))
    sections = [Section(kind, _entries(kind, kinds, by_path, listed[kind])) for kind in KINDS]
    return [Section("Home", (by_path[FRONT], by_path[INDEX])), *sections]


def _tables(text: str) -> dict[str, str]:
    """Return the part of the index that belongs to each kind."""
    parts = re.split(r"^## (\S+?):? .*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _listed(text: str) -> Iterator[PurePosixPath]:
    """Give each page to which a table links as a whole; a link to a place within another page lists nothing."""
    for target in targets(text):
        if not is_outside(target) and "#" not in target:
            yield resolved(INDEX, target)[0]


def _kind(page: Page, by_path: Mapping[PurePosixPath, Page], listed: Mapping[str, Sequence[PurePosixPath]]) -> str:
    entry = _folder_page(page, by_path).path
    in_tables = [kind for kind in KINDS if entry in listed[kind]]
    if not in_tables:
        wanted = f"under {page.kind}" if page.kind else "of its kind"
        raise NotPublished(
            f"{page.path} is in no table of {INDEX}. Add a line with a link to it to the table {wanted}."
        )
    said = by_path[entry].kind
    if said and said not in in_tables:
        raise NotPublished(
            f"{page.path} calls itself {said}, and {INDEX} has it under {in_tables[0]} only. Add a line under {said}."
        )
    return said or in_tables[0]


def _folder_page(page: Page, by_path: Mapping[PurePosixPath, Page]) -> Page:
    """Return the README.md in the page's folder of docs/ if it has one, for that lists the folder; else the page."""
    readme = page.path.with_name("README.md")
    return page if readme in (INDEX, FRONT) else by_path.get(readme, page)


def _entries(
    kind: str,
    kinds: Mapping[PurePosixPath, str],
    by_path: Mapping[PurePosixPath, Page],
    listed: Sequence[PurePosixPath],
) -> list[Page | Section]:
    order = {path: number for number, path in enumerate(dict.fromkeys(listed))}
    paths = sorted(
        (path for path in kinds if kinds[path] == kind), key=lambda path: (order.get(path, len(order)), path)
    )
    folders: dict[PurePosixPath, list[Page]] = {}
    for path in paths:
        folders.setdefault(path.parent if path.parts[0] == "docs" else path, []).append(by_path[path])
    return list(chain.from_iterable(_of_folder(folder, found) for folder, found in folders.items()))


def _of_folder(folder: PurePosixPath, pages: Sequence[Page]) -> Sequence[Page | Section]:
    if folder == INDEX.parent or len(pages) == 1:
        return pages
    first = pages[0]
    return [Section(first.title if first.path.name == "README.md" else folder.name.capitalize(), pages)]
