"""GitHub's Markdown into Python-Markdown's: https://python-markdown.github.io/#differences.

Python-Markdown begins a list or a table only after an empty line, and nests by four spaces whatever the marker. In a
table it keeps the backslash before the pipe of a code span.
"""

import re
from collections.abc import Iterator

INDENT = 4

_FENCE = re.compile(r"(`{3,}|~{3,})")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)]) +")
_CELL_PIPE = re.compile(r"`[^`]+`")


def translated(text: str) -> str:
    """Return a page in Python-Markdown's dialect."""
    return "\n".join(_lines(text.splitlines())) + "\n"


def _lines(lines: list[str]) -> Iterator[str]:
    contents: list[int] = []  # of each list item that is open: the column at which its content begins
    fence = before = ""
    for line in lines:
        column = len(line) - len(line.lstrip())
        if line.strip() and not fence:
            contents = _still_open(contents, column, before, line)
        depth = len(contents)
        shifted = INDENT * depth * " " + line[min(column, contents[-1] if contents else 0) :] if line.strip() else ""
        if not fence and _needs_an_empty_line(before, line):
            yield ""
        if not fence and (item := _ITEM.match(line, column)):
            contents = [*contents, item.end()]
        fence = _fence_after(fence, line.strip())
        yield shifted if fence else _without_escapes(shifted)
        before = line


def _still_open(contents: list[int], column: int, before: str, line: str) -> list[int]:
    """Return the items to which a line belongs; one that goes on with a paragraph may be indented less."""
    if column < (contents[-1] if contents else 0) and before.strip() and not _begins_a_block(line.strip()):
        return contents
    return [content for content in contents if content <= column]


def _begins_a_block(line: str) -> bool:
    return bool(_ITEM.match(line) or _FENCE.match(line)) or line.startswith(("#", "|", ">"))


def _needs_an_empty_line(before: str, line: str) -> bool:
    """Tell whether a list or a table begins right under a paragraph or a comment."""
    above = before.strip()
    if not above or above.startswith("#"):
        return False
    if _ITEM.match(line.strip()):
        in_a_list = _ITEM.match(above) or before.startswith(" ")
        return not in_a_list
    return line.lstrip().startswith("|") and not above.startswith("|")


def _fence_after(fence: str, line: str) -> str:
    """Return the marks of the fence that is open after a line, empty if none is."""
    if fence:
        return "" if line.startswith(fence) and not line.strip(fence[0]) else fence
    found = _FENCE.match(line)
    return found[1] if found else ""


def _without_escapes(line: str) -> str:
    if not line.lstrip().startswith("|"):
        return line
    return _CELL_PIPE.sub(lambda code: code[0].replace("\\|", "|"), line)
