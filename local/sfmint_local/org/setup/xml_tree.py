"""XML of the Metadata API: elements and text, never a DTD, an entity or anything from outside."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_DEEPEST = 20


class XmlError(Exception):
    """The text is not XML as Salesforce reads it; the message says where."""


@dataclass(slots=True)
class Node:
    """An element.

    Attributes:
        name: without the namespace.
        namespace: empty where there is none.
        text: its characters, without those of its children.
    """

    name: str
    namespace: str = ""
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def leaves(self, path: str = "") -> Iterator[tuple[str, "Node"]]:
        """Give the elements without children, each with its dotted path below this one."""
        for child in self.children:
            below = f"{path}.{child.name}" if path else child.name
            if child.children:
                yield from child.leaves(below)
            else:
                yield below, child


def read_tree(data: bytes) -> Node:
    """Parse a document and return its root.

    Raises:
        XmlError: malformed, too deep, or with a document type.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's parameters are positional
    except expat.ExpatError as error:
        raise XmlError(f"{expat.ErrorString(error.code)} at line {error.lineno}") from None
    except (UnicodeError, ValueError, LookupError):
        raise XmlError("the encoding is not known") from None
    return reader.document.children[0]


class _Reader:
    def __init__(self) -> None:
        self.document = Node("")
        self._open = [self.document]

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) > _DEEPEST:
            raise XmlError("elements are nested too deeply")
        namespace, _, local = name.rpartition(" ")
        node = Node(local, namespace)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        self._open[-1].text += text


def _refuse_doctype(*_: object) -> NoReturn:
    raise XmlError("a document type is not allowed")
