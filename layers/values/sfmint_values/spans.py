"""Parts of a text that shall not be seen."""

from collections.abc import Iterable, Iterator

REDACTED = "(redacted)"

type Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans in order, those that overlap or touch as one."""
    start, end = 0, -1
    for first, last in sorted(spans):
        if first > end:
            if end >= 0:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if end >= 0:
        yield start, end


def together(spans: Iterable[Span], runs: Iterable[Span]) -> Iterator[Span]:
    """Yield spans, and those of the runs that they are a part of.

    Args:
        spans: in any order.
        runs: in order, none in another.
    """
    parts = list(merged(spans))
    yield from parts
    number = 0
    for start, end in runs:
        while number < len(parts) and parts[number][1] <= start:
            number += 1
        if number < len(parts) and parts[number][0] < end:
            yield start, end


def is_letter(char: str) -> bool:
    """Return whether a character is one in which secrets are written in every notation: A to Z, a to z, 0 to 9."""
    return char.isascii() and char.isalnum()
