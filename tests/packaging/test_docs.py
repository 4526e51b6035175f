"""The hand-written pages: short enough, linked, indexed, and in agreement with what they speak of."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfmint.lifetime import TokenState
from sfmint_local import places

DOCS = places.ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("runbooks/*.md")])
LINKED = [
    places.ROOT / "README.md",
    places.ROOT / "CONTRIBUTING.md",
    places.ROOT / "SECURITY.md",
    *PAGES,
    *sorted((DOCS / "adr").glob("*.md")),
    DOCS / "policies/README.md",
    places.ROOT / "events/README.md",
    *sorted((places.ROOT / "examples").glob("*/README.md")),
    places.ROOT / "layers/client/README.md",
]
MOST_WORDS = 1000  # of the README
KINDS = ("Tutorial", "How-to guide", "Reference", "Explanation")
MADE_FROM_CODE = {"cli.md", "errors.md", "protocol.md", "scaling.md"}  # their makers own their first lines
WRITTEN = [page for page in PAGES if page.name not in MADE_FROM_CODE | {"README.md"}]

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def prose(text: str) -> str:
    """Return a page without code blocks, tables and comments."""
    lines = re.sub(r"<!--.*?-->", "", _FENCED.sub("", text)).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("|", "    ")))


def anchors(page: Path) -> set[str]:
    """Return the names of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text()), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {word.replace(" ", "-") for word in words}


def broken(page: Path, text: str) -> Iterator[str]:
    """Give the relative links of a page that lead nowhere."""
    for link in _LINK.findall(_FENCED.sub("", text)):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def terms() -> dict[str, list[str]]:
    """Return what the glossary says of each term, one text for each time that it is listed."""
    listed: dict[str, list[str]] = {}
    for term, said in re.findall(r"^- \*\*(.+?)\*\*: (.+)$", (DOCS / "glossary.md").read_text(), re.MULTILINE):
        listed.setdefault(term, []).append(said)
    return listed


def fields_of(schema: object) -> Iterator[str]:
    """Give the name of every field that a schema knows."""
    match schema:
        case dict():
            yield from schema.get("properties", {})
            yield from (name for part in schema.values() for name in fields_of(part))
        case list():
            yield from (name for part in schema for name in fields_of(part))
        case _:
            pass


def test_the_readme_can_be_read_in_five_minutes() -> None:
    assert len(prose((places.ROOT / "README.md").read_text()).split()) <= MOST_WORDS


def test_code_and_tables_are_no_prose() -> None:
    page = "one two\n\n```sh\nmake test\n```\n\n    make demo\n\n| a | b |\n\n<!-- no -->\n\nthree\n"
    assert prose(page).split() == ["one", "two", "three"]


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(places.ROOT)))
def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(page: Path) -> None:
    assert list(broken(page, page.read_text())) == []


@pytest.mark.parametrize("link", ["missing.md", "README.md#missing", "#missing", "docs/missing/"])
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    assert list(broken(places.ROOT / "README.md", f"[a](README.md) [b]({link}) [c](#deploy)")) == [link]


def test_every_page_is_in_the_index() -> None:
    linked = {link.partition("#")[0] for link in _LINK.findall((DOCS / "README.md").read_text())}
    assert {str(page.relative_to(DOCS)) for page in PAGES} - linked == {"README.md"}


RUNBOOK = ("What you see", "Whose (fault|work) it is", "What to do now", "How you see that it is over")


@pytest.mark.parametrize("page", sorted(DOCS.glob("runbooks/*.md")), ids=lambda page: page.stem)
def test_a_runbook_has_four_parts_and_stands_in_the_page_on_operations(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert [bool(re.fullmatch(said, heading)) for said, heading in zip(RUNBOOK, headings, strict=True)] == [True] * 4
    assert f"](runbooks/{page.name})" in (DOCS / "operations.md").read_text()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_a_page_says_what_kind_it_is_and_for_whom(page: Path) -> None:
    first = next(line for line in page.read_text().splitlines() if line and not line.startswith(("#", "<!--")))
    assert first.startswith(tuple(f"*{kind}, for " for kind in KINDS)), first


def test_a_term_is_explained_once() -> None:
    counts = Counter({term.casefold(): len(said) for term, said in terms().items()})
    assert {term for term, count in counts.items() if count > 1} == set()
    assert len({term.casefold() for term in terms()}) == len(terms())


def test_a_term_is_explained_in_one_sentence() -> None:
    told = {term: said for term, texts in terms().items() for said in texts}
    assert told
    assert {term for term, said in told.items() if not said.endswith(".") or re.search(r"[.!?] ", said)} == set()


def test_the_glossary_has_every_write_of_the_row_and_every_state_of_a_token() -> None:
    requests = (DOCS / "protocol.md").read_text().partition("\n## The requests\n")[2].partition("\n## ")[0]
    writes = set(re.findall(r"^### (\S+)$", requests, re.MULTILINE))
    assert "acquire" in writes
    assert writes | {state.value for state in TokenState} <= terms().keys()


def test_the_page_on_the_architecture_names_what_there_is() -> None:
    text = (DOCS / "architecture.md").read_text()
    folders = {"sfmint": places.ROOT / "layers/core", "sfmint_client": places.ROOT / "layers/client"}
    modules = set(re.findall(r"`((?:sfmint|sfmint_client)(?:\.\w+)+)`", text))
    files = set(re.findall(r"`(\w+(?:/\w+)+(?:\.py)?)`", text))
    assert "sfmint.use_cases" in modules
    assert "adapters/stores" in files

    missing = []
    for module in modules:
        place = folders[module.partition(".")[0]] / module.replace(".", "/")
        if not place.is_dir() and not place.with_suffix(".py").is_file():
            missing.append(module)
    roots = (places.ROOT, places.ROOT / "layers/core/sfmint")
    missing += [
        file for file in files if not any((root / file.replace("NAME", "token_broker")).exists() for root in roots)
    ]
    assert missing == []


@pytest.mark.parametrize("example", ["accounts-lambda", "nightly-accounts"])
def test_the_tutorial_has_a_reader_type_the_lines_of_the_example(example: str) -> None:
    readme = (places.ROOT / f"examples/{example}/README.md").read_text()
    (lines,) = re.findall(r"```sh\nsource \.local/env\n(cd .*?)```", readme, re.DOTALL)
    assert f"```sh\n{lines}cd ../..\n```" in (DOCS / "tutorial.md").read_text()


@pytest.mark.parametrize("function", ["token_broker", "token_keeper", "salesforce_request", "key_rotation", "prober"])
def test_the_page_on_the_interface_names_every_field(function: str) -> None:
    text = (DOCS / "interface.md").read_text()
    for kind in ("event", "answer"):
        fields = set(fields_of(json.loads((places.ROOT / f"events/{function}.{kind}.schema.json").read_text())))
        assert fields
        assert {field for field in fields if f"`{field}`" not in text and f'"{field}"' not in text} == set()
