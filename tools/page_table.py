"""A table in Markdown, as the pages that are made from code have it."""

from collections.abc import Iterable, Sequence


def table(names: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """Return a table whose last columns, as many as there are numbers, stand to the right."""
    rule = ("---",) * (len(names) - numbers) + ("---:",) * numbers
    return "".join(f"| {' | '.join(line)} |\n" for line in [names, rule, *rows])
