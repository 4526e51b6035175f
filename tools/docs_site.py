"""Makes the site of docs/ in ``.local/site/html``: ``python tools/docs_site.py``. Exit code: 0 made, 1 not."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import node_packages
from environments import ENVIRONMENTS
from installers import ROOT
from publishing.pages import NotPublished
from publishing.source import Source
from shown_command import Failed

SITE = ROOT / ".local/site"
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def make(root: Path = ROOT, folder: Path = SITE) -> Path:
    """Make the site of a repository in a folder, and return where its pages are.

    Raises:
        NotPublished: a page is not listed, or a link leads nowhere; the message has all of them.
    """
    Source(root, folder).write()
    _bring_mermaid(folder / "pages/assets")
    zensical = ENVIRONMENTS["site"].folder / "bin/zensical"
    done = subprocess.run([zensical, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPublished(_faults(_COLOURS.sub("", done.stdout + done.stderr)))
    return folder / "html"


def _faults(said: str) -> str:
    """Return what zensical says of the pages, or all that it says where it fails otherwise."""
    of_pages, mark, _ = said.partition("Traceback")
    if mark and "--strict" not in said:
        return f"zensical fails. Correct what it says.\n{said.strip()}"
    return f"Correct what is said of these pages, in docs/.\n{of_pages.strip()}"


def _bring_mermaid(folder: Path) -> None:
    """Put the program that draws diagrams on the site; without npm a reader sees their text."""
    if not node_packages.has_npm():
        print("npm is not here: the site shows the text of its diagrams", file=sys.stderr)
        return
    try:
        package = node_packages.installed("mermaid") / "@mermaid-js/tiny"
    except Failed as failed:
        raise NotPublished(f"npm cannot install Mermaid ({failed.reason}). Correct what it says.") from None
    folder.mkdir(exist_ok=True)
    shutil.copy2(package / "dist/mermaid.tiny.js", folder / "mermaid.js")
    shutil.copy2(package / "LICENSE", folder / "mermaid.LICENSE.txt")


def main() -> int:
    """Make the site of this repository."""
    try:
        made = make()
    except NotPublished as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{sum(1 for _ in made.rglob('*.html'))} pages of the site are in {made.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
