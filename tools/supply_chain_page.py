"""Writes the table of accepted findings into docs/supply-chain.md: ``python tools/supply_chain_page.py``."""

from pathlib import Path

from marked_blocks import filled
from page_table import table
from supply_chain.accepted import ACCEPTED, Accepted

PAGE = Path(__file__).resolve().parent.parent / "docs/supply-chain.md"


def page() -> str:
    """Return the page with today's findings."""
    rows = [(f"`{each.check}`", each.wanted, each.because, _ended(each)) for each in ACCEPTED]
    made = table(("check", "asks for", "why it stays", "what ends it"), rows)
    return filled(PAGE.read_text(), "accepted", {"findings": made})


def _ended(each: Accepted) -> str:
    return f"[`{each.unless}`](parameters.md)" if each.unless else "nothing"


if __name__ == "__main__":
    PAGE.write_text(page())
