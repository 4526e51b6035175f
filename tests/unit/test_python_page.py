"""docs/python.md is what the docstrings of the client say, and has every name that a caller may rely on."""

import re
from dataclasses import dataclass

import python_page
from docstrings import docstring
from names import SNAPSHOT
from python_page import described

PAGE = python_page.PAGE.read_text()


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order.

    It has lines.

    Attributes:
        number: which one, and of what
            year.
        lines: `a | b`.
    """

    number: int
    lines: tuple[str, ...] = ()

    def ship(self, to: str, *, at: float = 1.5, tell: object = print) -> str | None:
        """Ship it.

        Args:
            to: where.

        Raises:
            ValueError: nobody is there:
                nobody at all.
        """


def test_the_page_is_what_the_docstrings_say() -> None:
    assert python_page.page() == PAGE, "run: make docs"


def test_the_page_has_every_name_of_the_client() -> None:
    names = re.findall(r"^client: [\w.]*?\b([A-Za-z]\w*)(?:\(|$)", SNAPSHOT.read_text(), re.MULTILINE)
    assert {"TokenClient", "get_token", "expires_in", "AliasNotFound"} <= set(names)
    constants = {name for name in names if name.isupper()}
    assert {name for name in set(names) - constants if not re.search(rf"\b{name}\b", PAGE)} == set()


def test_nothing_is_described_twice() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    assert len(headings) == len(set(headings))


def test_a_docstring_is_text_and_sections() -> None:
    said = docstring(Order)
    assert said.text == "An order.\n\nIt has lines."
    assert said.sections == {"Attributes": {"number": "which one, and of what year.", "lines": "`a | b`."}}
    assert docstring(Order.ship).sections["Raises"] == {"ValueError": "nobody is there: nobody at all."}


def test_a_thing_is_shown_as_it_is_called_with_a_table_of_each_section() -> None:
    assert "".join(described("## Order", "Order", Order)) == (
        "\n## Order\n"
        "\n```python\nOrder(*, number: int, lines: tuple[str, ...] = ())\n```\n"
        "\nAn order.\n\nIt has lines.\n"
        "\n| attribute | meaning |\n| --- | --- |\n"
        "| `number` | which one, and of what year. |\n| `lines` | `a \\| b`. |\n"
    )
    assert "\n```python\nship(to: str, *, at: float = 1.5, tell: object = ...) -> str | None\n```\n" in "".join(
        described("## ship", "ship", Order.ship)
    )
