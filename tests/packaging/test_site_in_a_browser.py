"""The site in Chromium: search finds, diagrams are drawn, and no request leaves the machine.

Where there is no Chromium these tests are left out, and say so.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import ENTER, Browser, missing_programs, opened, served
from node_packages import has_npm
from publishing.pages import Page, pages
from sfmint_local import places

FENCE = re.compile(r"^```mermaid$", re.MULTILINE)
DRAWN = [page for page in pages(places.ROOT) if FENCE.search(page.text)]

pytestmark = pytest.mark.skipif(
    bool(missing_programs()),
    reason=f"no browser looks at the site: {', '.join(missing_programs())} not found. Debian: apt-get install chromium chromium-driver",
)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address of this repository's site."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def elsewhere(browser: Browser, address: str) -> list[str]:
    """Return what was requested and is neither of the site nor in the page itself."""
    return [url for url in browser.requested() if not url.startswith((f"{address}/", "data:", "blob:"))]


def test_a_request_that_would_leave_the_machine_is_seen(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<img src="https://acme.example/x.png"><script>fetch("http://127.0.0.1:9/y")</script>'
    )
    with served(tmp_path) as address:
        browser.open(f"{address}/index.html")
        assert sorted(elsewhere(browser, address)) == ["http://127.0.0.1:9/y", "https://acme.example/x.png"]
    assert browser.complaints()


@pytest.mark.skipif(not has_npm(), reason="diagrams are drawn by a package of npm, which is not here")
@pytest.mark.parametrize("page", DRAWN, ids=lambda page: str(page.path))
def test_every_diagram_is_drawn_by_what_the_site_brings(page: Page, browser: Browser, address: str) -> None:
    browser.open(f"{address}/{page.place.with_suffix('.html')}")
    browser.until("return !document.querySelector('pre.mermaid')")

    pictures = [
        node for node in browser.nodes() if node["nodeName"] == "svg" and "__mermaid" in str(node["attributes"])
    ]
    assert len(pictures) == len(FENCE.findall(page.text))
    assert browser.run("return [...document.querySelectorAll('div.mermaid')].every(e => e.clientHeight > 100)")
    assert elsewhere(browser, address) == []
    assert browser.complaints() == []


def test_search_finds_a_word_and_leads_there(browser: Browser, address: str) -> None:
    browser.open(f"{address}/adr/index.html")
    browser.run("document.querySelector('.md-search__button').click()")
    browser.until("return document.activeElement.shadowRoot?.activeElement?.tagName === 'INPUT'")
    browser.type("taint")
    browser.until("return document.activeElement.shadowRoot?.querySelectorAll('[role=option] mark, li a').length > 0")
    found = browser.run("return [...document.activeElement.shadowRoot.querySelectorAll('li a')].map(e => e.href)")
    browser.type(ENTER)
    browser.until("return !location.href.includes('/adr/')")

    assert f"{address}/cli.html" in {url.partition("?")[0] for url in found}
    assert "taint" in browser.run("return document.querySelector('article').textContent")
    assert elsewhere(browser, address) == []
    assert browser.complaints() == []
