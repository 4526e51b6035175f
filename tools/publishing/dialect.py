"""GitHub's Markdown into Python-Markdown's: https://python-markdown.github.io/#differences.

Python-Markdown begins a list, a table, code, what follows them, and an item after a second paragraph, only after an empty
line. It nests by four spaces whatever the marker is. In a table it keeps the backslash before the pipe of a code span.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

INDENT = 4  # of Python-Markdown's lists, and of code in both

_FENCE = re.compile(r"(`{3,}|~{3,})")
_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)]) +")
_CODE = re.compile(r"`[^`]+`")


def translated(text: str) -> str:
    """Return a page in Python-Markdown's dialect."""
    reader = _Reader()
    return "".join(f"{line}\n" for each in text.splitlines() for line in reader.read(each))


@dataclass
class _Item:
    """A list item that is open.

    Attributes:
        content: the column at which its content begins.
        is_loose: whether an empty line has come since.
    """

    content: int
    is_loose: bool = False


class _Reader:
    """Reads a page line by line.

    It knows the items that are open, the line before, whether that was in a list or code, and whether code is open: the
    marks of its fence, or code by indentation. A line that is as deep as code and is none goes on with a paragraph.
    """

    def __init__(self) -> None:
        self._items: Sequence[_Item] = ()
        self._before = ""
        self._was_in_a_list = False
        self._was_code = False
        self._fence = ""
        self._in_indented_code = False
        self._is_deep = False

    def read(self, line: str) -> Iterator[str]:
        """Give what a line becomes."""
        said = line.strip()
        if not said:
            yield self._empty_line()
            return
        column = len(line) - len(line.lstrip())
        is_code, closed = self._place(column, said)
        if not is_code and self._needs_an_empty_line(said, closed):
            yield self._empty_line()
        content = self._items[-1].content if self._items else 0
        kept = line[min(column, content) :] if is_code else _without_escapes(line.lstrip())
        yield INDENT * len(self._items) * " " + kept
        self._go_on(line, column, is_code=is_code)

    def _empty_line(self) -> str:
        for item in self._items:
            item.is_loose = True
        self._before = ""
        return ""

    def _place(self, column: int, said: str) -> tuple[bool, Sequence[_Item]]:
        """Close the items to which a line does not belong; return whether it is code, and what was closed."""
        if self._fence:
            return True, ()
        items = self._still_open(column, said)
        closed, self._items = self._items[len(items) :], items
        self._is_deep = column - (items[-1].content if items else 0) >= INDENT
        self._in_indented_code = self._is_deep and (self._in_indented_code or not self._before)
        return self._in_indented_code, closed

    def _still_open(self, column: int, said: str) -> Sequence[_Item]:
        """Return the items to which a line belongs; one that goes on with a paragraph may be indented less."""
        if self._before and not _begins_a_block(said) and not self._in_indented_code:
            return self._items
        return [item for item in self._items if item.content <= column]

    def _needs_an_empty_line(self, said: str, closed: Sequence[_Item]) -> bool:
        if self._is_deep or not self._before or self._before.startswith("#"):
            return False
        if _MARKER.match(said):
            goes_on = self._was_in_a_list and not self._was_code and not self._before.startswith("|")
            above = closed or self._items[-1:]  # whose content the line before is
            return any(item.is_loose for item in above) or not goes_on
        goes_on = said[0] in "|>" and said[0] == self._before[0]
        return _begins_a_block(said) and not goes_on

    def _go_on(self, line: str, column: int, *, is_code: bool) -> None:
        said = line.strip()
        if not (is_code or self._is_deep) and (marker := _MARKER.match(line, column)):
            self._items = [*self._items, _Item(marker.end())]
        self._was_in_a_list = bool(self._items)
        self._was_code = is_code or bool(_FENCE.match(said))
        if self._fence or not self._is_deep:
            self._fence = _fence_after(self._fence, said)
        self._before = said


def _begins_a_block(said: str) -> bool:
    return bool(_MARKER.match(said) or _FENCE.match(said)) or said.startswith(("#", "|", ">"))


def _fence_after(fence: str, said: str) -> str:
    """Return the marks of the fence that is open after a line, empty if none is."""
    if fence:
        return "" if said.startswith(fence) and not said.strip(fence[0]) else fence
    found = _FENCE.match(said)
    return found[1] if found else ""


def _without_escapes(line: str) -> str:
    if not line.startswith("|"):
        return line
    return _CODE.sub(lambda code: code[0].replace("\\|", "|"), line)
