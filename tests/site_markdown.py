"""Two readings of a page: GitHub's, and the site's after translation."""

import json
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Self

from markdown_it import MarkdownIt

from environments import ENVIRONMENTS

# Reads pages as JSON lines, with the extensions of the site, and writes what they become.
_PROGRAM = """
import json, sys, tomllib
import markdown
from zensical.config import parse_config
config = parse_config(sys.argv[1])
for line in sys.stdin:
    reader = markdown.Markdown(extensions=config["markdown_extensions"], extension_configs=config["mdx_configs"])
    print(json.dumps(reader.convert(json.loads(line))), flush=True)
"""
_SHOWN = frozenset(
    {
        "ul",
        "ol",
        "li",
        "table",
        "th",
        "td",
        "pre",
        "code",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "em",
        "strong",
        "a",
        "img",
        "hr",
    }
)
_VOID = frozenset({"img", "hr"})


class SiteReader:
    """Python-Markdown as the site uses it, in the environment that makes the site.

    Args:
        site: the folder of a site that was made.
    """

    def __init__(self, site: Path) -> None:
        self._config = site / "zensical.toml"

    def __enter__(self) -> Self:
        python = ENVIRONMENTS["site"].python
        self._process = subprocess.Popen(
            [python, "-c", _PROGRAM, self._config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def __call__(self, text: str) -> str:
        """Return the HTML of a page in the site's dialect."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(text)}\n")
        self._process.stdin.flush()
        html = json.loads(self._process.stdout.readline())
        assert isinstance(html, str)
        return html


def on_github(text: str) -> str:
    """Return the HTML of a page in GitHub's dialect (CommonMark with tables)."""
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert isinstance(html, str)
    return html


def structure(html: str) -> Sequence[str]:
    """Return what a reader sees of a page: the parts, how they lie in each other, and their words."""
    parser = _Structure()
    parser.feed(html)
    parser.flush()
    return parser.seen


class _Structure(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._inside: list[str] = []
        self._words = ""
        self._passed_over = 0  # how deep in what only the site has: the marks beside headings

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._passed_over or (tag == "a" and "headerlink" in (dict(attrs).get("class") or "")):
            self._passed_over += 1
        elif tag in _SHOWN:
            self.flush()
            self.seen.append("/".join([*self._inside, tag]))
            if tag not in _VOID:
                self._inside.append(tag)
        elif tag in {"p", "br"}:
            self.flush()

    def handle_endtag(self, tag: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
        elif tag in _SHOWN - _VOID:
            self.flush()
            assert self._inside.pop() == tag
        elif tag == "p":
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._passed_over:
            self._words += data

    def flush(self) -> None:
        if words := " ".join(self._words.split()):
            self.seen.append(words)
        self._words = ""
