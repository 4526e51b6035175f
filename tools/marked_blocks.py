"""Blocks of a hand-written page that a program fills: `<!-- TOPIC: NAME -->` begins one, `<!-- /TOPIC: NAME -->` ends it."""

import re
from collections.abc import Mapping


class NoMarkers(Exception):  # noqa: N818 - what is the matter
    """A page has no place for a block."""


def filled(page: str, topic: str, blocks: Mapping[str, str]) -> str:
    """Return a page with other text between its markers.

    Args:
        page: has the two markers of each block, a line each.
        topic: what the markers begin with.
        blocks: by name: the text between them.

    Raises:
        NoMarkers: a pair of markers is missing, there twice, or the wrong way round.
    """
    for name, text in blocks.items():
        begin, end = f"<!-- {topic}: {name} -->\n", f"<!-- /{topic}: {name} -->"
        around = re.fullmatch(f"(.*{re.escape(begin)}).*({re.escape(end)}.*)", page, re.DOTALL)
        if around is None or {page.count(begin), page.count(end)} != {1}:
            raise NoMarkers(f"The markers of {name!r} do not stand once in the page, one after the other.")
        page = f"{around[1]}{text}{around[2]}"
    return page
