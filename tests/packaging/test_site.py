"""The site of docs/: each page is on it under its kind, reads as on GitHub, and every link leads somewhere."""

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs_site import make
from environments import ENVIRONMENTS
from git_repository import GitRepository
from publishing.dialect import translated
from publishing.navigation import Section, navigation
from publishing.pages import NotPublished, Page, pages
from publishing.source import Source
from sfmint_local import places
from site_markdown import SiteReader, on_github, structure

PAGES = list(pages(places.ROOT))


@pytest.fixture(scope="module")
def read(site: Path) -> Iterator[SiteReader]:
    with SiteReader(site.parent) as reader:
        yield reader


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.path))
def test_a_page_reads_as_on_github(page: Page, read: SiteReader) -> None:
    assert structure(read(translated(page.text))) == structure(on_github(page.text))


words = st.lists(
    st.sampled_from(["mint", "`a_row`", "*once*", "**never**", "(see)", "https", "a-b"]), min_size=1, max_size=4
)
line = words.map(" ".join)
paragraph = st.lists(line, min_size=1, max_size=3).map("\n".join)
fence = line.map(lambda said: f"```sh\n- {said}\n\n| {said}\n```")
indented = line.map(lambda said: f"    {said}\n      1. {said}")
row = st.lists(st.sampled_from(["mint", "`a \\| b`", "*once*"]), min_size=2, max_size=2).map(
    lambda cells: f"| {' | '.join(cells)} |"
)
table = st.lists(row, min_size=2, max_size=3).map(lambda rows: "\n".join([rows[0], "| --- | --- |", *rows[1:]]))


def listed(block: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lists of both kinds, whose items have further blocks: the first right under the paragraph or after an empty line."""
    first = st.tuples(st.just("\n\n"), block) | st.tuples(st.just("\n"), block.filter(lambda text: text[0] != " "))
    item = st.tuples(paragraph, st.none() | first, st.lists(block, max_size=1)).map(
        lambda parts: "\n\n".join([parts[0] + "".join(parts[1] or ()), *parts[2]])
    )

    def as_list(items: list[str], *, ordered: bool) -> str:
        marks = [f"{number}. " if ordered else "- " for number in range(1, len(items) + 1)]
        return "\n".join(
            mark + textwrap.indent(text, " " * len(mark))[len(mark) :] for mark, text in zip(marks, items, strict=True)
        )

    return st.builds(as_list, st.lists(item, min_size=1, max_size=3), ordered=st.booleans())


block = st.recursive(fence | table | indented, listed, max_leaves=6)
document = st.lists(st.tuples(paragraph, st.sampled_from(["\n", "\n\n"]), block), min_size=1, max_size=3).map(
    lambda parts: "\n\n".join(
        said + ("\n\n" if below.startswith("    ") else gap) + below for said, gap, below in parts
    )
)


@settings(max_examples=40, derandomize=True, database=None, deadline=None)
@given(document)
def test_lists_tables_and_code_read_as_on_github(read: SiteReader, text: str) -> None:
    assert structure(read(translated(text))) == structure(on_github(text))


def repository(folder: Path, files: dict[str, str]) -> Path:
    """Write a small repository with an index of four tables, a page in each, and further files."""
    index = "# Index\n\n## Tutorial: a\n\n[t](t.md)\n\n## How-to: b\n\n[h](h.md)\n\n## Reference: c\n\n[r](r.md), [h](h.md#h)\n\n"
    usual = {"README.md": "# Front\n", "docs/README.md": f"{index}## Explanation: d\n\n[e](e.md)\n"}
    pages = {f"docs/{name}.md": f"# {name}\n\n*{kind}, for all.*\n" for name, kind in zip("thre", KINDS, strict=True)}
    for name, text in {**usual, **pages, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


KINDS = ("Tutorial", "How-to guide", "Reference", "Explanation")


def shown(sections: list[Section]) -> dict[str, list[str]]:
    """Return which places each part of the navigation has; those of a part within it are indented."""

    def places_of(section: Section) -> Iterator[str]:
        for entry in section.entries:
            if isinstance(entry, Page):
                yield str(entry.place)
            else:
                yield from (f"{entry.title}/ {place}" for place in places_of(entry))

    return {section.title: list(places_of(section)) for section in sections}


def test_every_page_of_this_repository_is_in_the_navigation_once() -> None:
    listed = [place.split()[-1] for entries in shown(navigation(PAGES)).values() for place in entries]
    assert sorted(listed) == sorted(str(page.place) for page in PAGES)
    assert [section.title for section in navigation(PAGES)] == [
        "Home",
        "Tutorial",
        "How-to",
        "Reference",
        "Explanation",
    ]


def test_a_page_stands_under_its_kind_in_the_order_of_the_index(tmp_path: Path) -> None:
    index = "# Index\n\n## Tutorial: a\n\n[r](r.md)\n\n## How-to: b\n\n[b](runbooks/b.md) [a](runbooks/a.md), [s](../SECURITY.md#x)\n\n"
    files = {
        "docs/README.md": f"{index}## Reference: c\n\n[s](../SECURITY.md) [r](r.md)\n\n## Explanation: d\n\n[d](adr/README.md)\n",
        "docs/r.md": "# R\n\n*Reference, for all.*\n",
        "docs/runbooks/a.md": "# A\n",
        "docs/runbooks/b.md": "# B\n",
        "docs/adr/README.md": "# Decisions\n",
        "docs/adr/0001.md": "# First\n",
        "SECURITY.md": "# Security\n",
    }
    root = repository(tmp_path, files)
    for name in "the":
        (root / f"docs/{name}.md").unlink()

    assert shown(navigation(pages(root))) == {
        "Home": ["index.md", "pages.md"],
        "Tutorial": [],
        "How-to": ["Runbooks/ runbooks/b.md", "Runbooks/ runbooks/a.md"],
        "Reference": ["security.md", "r.md"],
        "Explanation": ["Decisions/ adr/index.md", "Decisions/ adr/0001.md"],
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"docs/slo.md": "# Objectives\n\n*Reference, for all.*\n"},
            "docs/slo.md is in no table of docs/README.md. Add a line with a link to it to the table under Reference.",
        ),
        (
            {"docs/runbooks/alarms.md": "# Alarms\n"},
            "docs/runbooks/alarms.md is in no table of docs/README.md. Add a line with a link to it to the table of its kind.",
        ),
        (
            {"docs/h.md": "# H\n\n*Explanation, for all.*\n"},
            "docs/h.md calls itself Explanation, and docs/README.md has it under How-to only. Add a line under Explanation.",
        ),
        (
            {"docs/README.md": "# Index\n\n## Tutorial: a\n\n[t](t.md)\n"},
            "docs/README.md has no part for How-to. Begin one with `## How-to: ` and a table of its pages.",
        ),
        ({"docs/t.md": "No heading.\n"}, "docs/t.md has no heading. Begin it with `# ` and what it is called."),
        (
            {"docs/t.md": "# T\n\n[gone](../tools/gone.py)\n"},
            "docs/t.md has a link to tools/gone.py, which is not there. Correct the link.",
        ),
    ],
    ids=[
        "not listed",
        "of no kind",
        "under another kind",
        "no part of the index",
        "no heading",
        "a file that is not there",
    ],
)
def test_a_page_that_cannot_stand_on_the_site_is_told_in_one_line(
    files: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(NotPublished) as refused:
        make(repository(tmp_path / "repository", files), tmp_path / "site")
    assert str(refused.value) == said


def test_an_anchor_that_is_not_there_fails_the_site(tmp_path: Path) -> None:
    links = ["h.md#missing", "#missing", "../README.md#missing"]
    text = "".join(f"See [there]({link}).\n\n" for link in links)
    root = repository(tmp_path / "repository", {"docs/t.md": f"# T\n\n{text}"})
    with pytest.raises(NotPublished) as refused:
        make(root, tmp_path / "site")
    assert re.findall(r"t\.md:(\d+)", str(refused.value)) == ["3", "5", "7"]


def test_whatever_else_fails_is_shown_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin/zensical"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho Build started\necho 'Traceback: no memory' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setitem(ENVIRONMENTS, "site", replace(ENVIRONMENTS["site"], folder=tmp_path))
    with pytest.raises(NotPublished) as refused:
        make(repository(tmp_path / "repository", {}), tmp_path / "site")
    assert str(refused.value) == "zensical fails. Correct what it says.\nBuild started\nTraceback: no memory"


def written(root: Path) -> Path:
    """Write the pages of a repository's site, from which it would be made, and return their folder."""
    Source(root, root.parent / "site").write()
    return root.parent / "site/pages"


def test_a_link_leads_to_the_page_to_the_file_or_to_the_list_of_a_folder(tmp_path: Path) -> None:
    links = (
        "[a](../SECURITY.md#hidden) [b](../template.yaml) [c](../tests) [d](adr/) `[e](e.md)` [f](https://acme.example)"
    )
    code = "```text\n[g](g.md)\n```"
    files = {
        "docs/t.md": f"# T\n\n{links}\n\n{code}\n\n![h](h.svg)\n",
        "docs/h.svg": "<svg/>",
        "docs/README.md": (repository(tmp_path / "plain", {}) / "docs/README.md").read_text()
        + "[s](../SECURITY.md) [a](adr/)\n",
        "docs/adr/README.md": "# Decisions\n",
        "SECURITY.md": "# Security\n\n## Hidden\n",
        "template.yaml": "Resources: {}\n",
        "tests/unit/test_a.py": "# a → b\n",
        "tests/unit/__pycache__/test_a.pyc": "no text",
    }

    pages = written(repository(tmp_path / "repository", files))

    assert (pages / "t.md").read_text() == (
        "# T\n\n[a](security.md#hidden) [b](files/template.yaml.txt) [c](files/tests/index.md) [d](adr/index.md) `[e](e.md)`"
        f" [f](https://acme.example)\n\n{code}\n\n![h](files/docs/h.svg)\n"
    )
    assert (pages / "files/template.yaml.txt").read_text() == "Resources: {}\n"
    assert (pages / "files/tests/index.md").read_text().endswith("\n- [unit/test_a.py](unit/test_a.py.txt)\n")
    assert (pages / "files/tests/unit/test_a.py.txt").read_bytes() == b"\xef\xbb\xbf# a \xe2\x86\x92 b\n"
    assert not list(pages.rglob("*pyc*"))


@pytest.mark.parametrize("link", ["../../secret", "/etc/hostname", "../missing/"])
def test_a_link_out_of_the_repository_leads_nowhere(link: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")
    root = repository(tmp_path / "repository", {"docs/t.md": f"# T\n\n[out]({link})\n"})
    with pytest.raises(NotPublished, match=r"^docs/t\.md has a link to .*, which is not there\. Correct the link\.$"):
        written(root)


def test_a_folder_shows_what_git_knows_and_nothing_that_lies_about(tmp_path: Path) -> None:
    files = {"docs/t.md": "# T\n\n[all](../tests)\n", "tests/test_a.py": "# a\n", "tests/orders.key": "a key\n"}
    root = repository(tmp_path / "repository", files)
    (root / "tests/picture").write_bytes(b"\x89PNG\0")
    known = GitRepository(root)
    known.git("init", "--quiet")
    known.git("add", "tests/test_a.py", "tests/picture", "docs")

    pages = written(root)

    shown = sorted(str(path.relative_to(pages)) for path in (pages / "files").rglob("*") if path.is_file())
    assert shown == ["files/tests/index.md", "files/tests/picture", "files/tests/test_a.py.txt"]


def test_a_link_to_what_git_does_not_know_publishes_nothing(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", {"docs/t.md": "# T\n\n[k](../orders.key)\n", "orders.key": "a key\n"})
    known = GitRepository(root)
    known.git("init", "--quiet")
    known.git("add", "docs")
    with pytest.raises(NotPublished, match=r"^docs/t\.md has a link to orders\.key, which git does not know\."):
        written(root)


def test_a_link_through_a_link_out_of_the_repository_publishes_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")
    root = repository(tmp_path / "repository", {"docs/t.md": "# T\n\n[s](shown.txt)\n"})
    (root / "docs/shown.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(NotPublished, match=r"^docs/t\.md has a link to docs/shown\.txt, which git does not know\."):
        written(root)


def test_a_page_that_is_no_text_is_told_in_one_line(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", {})
    (root / "docs/t.md").write_bytes(b"# T\xff\n")
    with pytest.raises(NotPublished, match=r"^docs/t\.md is not UTF-8\. Save it as that\.$"):
        written(root)


def test_a_link_that_says_a_file_says_the_title_of_its_page(tmp_path: Path) -> None:
    links = "[h.md](h.md) [docs/r.md](r.md#r), ` [the end](e.md)\n\n[README](../README.md) [h.md](t.md) `[h.md](h.md)`"
    pages = written(repository(tmp_path / "repository", {"docs/t.md": f"# T\n\n{links}\n"}))
    assert (pages / "t.md").read_text() == (
        "# T\n\n[h](h.md) [r](r.md#r), ` [the end](e.md)\n\n[README](index.md) [h.md](t.md) `[h.md](h.md)`\n"
    )


def test_no_page_asks_anybody_else(site: Path) -> None:
    fetched = re.compile(r"<(?:script|img|link|iframe|source)\b[^>]*?\b(?:src|href)=[\"']?(?:https?:)?//[^\"' >]+")
    for page in site.rglob("*.html"):
        assert fetched.findall(page.read_text()) == [], page
        assert "default-src 'self' 'unsafe-inline' data: blob:" in page.read_text(), page


def test_whatever_a_page_names_is_there(site: Path) -> None:
    named = re.compile(r"<[^>]*?\s(?:href|src)=[\"']?([^\"'#?\s>]+)")
    found = {page: {html.unescape(name) for name in named.findall(page.read_text())} for page in site.rglob("*.html")}
    missing = [
        (str(page.relative_to(site)), name)
        for page, names in found.items()
        for name in names
        if "://" not in name and not name.startswith(("data:", "mailto:"))
        if not (site / name.lstrip("/") if name.startswith("/") else page.parent / name).exists()
    ]
    assert found[site / "index.html"]
    assert missing == []
