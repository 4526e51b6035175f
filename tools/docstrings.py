"""Docstrings in the form of Google's style guide, section 3.8: text, then named sections of names and meanings."""

import inspect
import re
from dataclasses import dataclass

_SECTION = re.compile(r"^(Args|Attributes|Raises):$", re.MULTILINE)
_ENTRY = re.compile(r"^(\S+): (.*(?:\n+[ ].*)*)", re.MULTILINE)  # what is indented under a name belongs to it


@dataclass(frozen=True)
class Docstring:
    """What a docstring says.

    Attributes:
        text: everything before its first section, as it is written.
        sections: of each section the names and what is said of them, each in one line.
    """

    text: str
    sections: dict[str, dict[str, str]]


def docstring(thing: object) -> Docstring:
    """Return the docstring of a module, class or function, its own or its parent's; empty if there is none."""
    text, *rest = _SECTION.split(inspect.getdoc(thing) or "")
    sections = {
        name: {entry: " ".join(said.split()) for entry, said in _ENTRY.findall(inspect.cleandoc(body))}
        for name, body in zip(rest[::2], rest[1::2], strict=True)
    }
    return Docstring(text.strip(), sections)
