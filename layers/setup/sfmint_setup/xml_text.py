"""Elements as XML and back: written whole and in order, read without entities, and never with a consumer's secret."""

from collections.abc import Iterator, Mapping
from xml.parsers import expat  # a document type is refused before an entity can be declared
from xml.sax.saxutils import escape

from sfmint_setup.component import Component, Elements, Value
from sfmint_values.foreign import ForeignBytes

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
DROPPED = frozenset({"consumerSecret"})  # neither kept nor shown nor sent back
MOST_BYTES = 8 * 1024 * 1024
DEEPEST = 40
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LINE_ENDS = {"\r": "&#13;"}  # a parser would make a line feed of it
_INDENT = "    "


class UnusableXml(ValueError):  # noqa: N818 - what the text is
    """Text that is no XML, or more than is read; the message says what, and quotes nothing."""


def document(component: Component) -> bytes:
    """Return a component as the file of a zip or a project: elements in alphabetical order.

    Raises:
        UnusableXml: a text holds a character that XML cannot say.
    """
    lines = _lines(component.elements, 1)
    text = f'{_HEAD}<{component.type} xmlns="{NAMESPACE}">\n{"".join(lines)}</{component.type}>\n'
    return text.encode()


def written(text: str) -> str:
    """Return text as it stands between tags.

    Raises:
        UnusableXml: it holds a character that XML cannot say.

    Source: Extensible Markup Language 1.0, section 2.2 (characters).
    """
    if not all(map(_is_char, text)):
        raise UnusableXml("holds a character that XML cannot say")
    return escape(text, _LINE_ENDS)


def elements_of(data: ForeignBytes) -> Elements:
    """Return the root element of a document as a mapping of its one name; a consumer's secret is left out.

    Attributes, comments and the prefixes of namespaces are passed over.

    Raises:
        UnusableXml: it is no XML, declares a document type, or is too long or too deep.
    """
    if len(data) > MOST_BYTES:
        raise UnusableXml("is too long")
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the parser's own signature
    except expat.ExpatError:
        raise UnusableXml("is no XML") from None
    return reader.root


class _Reader:
    """Builds the mapping while the parser goes through the text."""

    def __init__(self) -> None:
        self._open: list[dict[str, list[Value]]] = [{}]
        self._texts: list[list[str]] = [[]]
        self._silent = 0  # how deep the parser is in what is dropped

    @property
    def root(self) -> Elements:
        return _closed(self._open[0])

    def refuse(self, *_: object) -> None:
        raise UnusableXml("declares a document type, which sfmint does not read")

    def start(self, name: str, _: object) -> None:
        if self._silent or _local(name) in DROPPED:
            self._silent += 1
            return
        if len(self._open) > DEEPEST:
            raise UnusableXml("is too deep")
        self._open.append({})
        self._texts.append([])

    def text(self, piece: str) -> None:
        if not self._silent:
            self._texts[-1].append(piece)

    def end(self, name: str) -> None:
        if self._silent:
            self._silent -= 1
            return
        children, pieces = self._open.pop(), self._texts.pop()
        value: Value = _closed(children) if children else "".join(pieces)
        self._open[-1].setdefault(_local(name), []).append(value)


def _closed(children: Mapping[str, list[Value]]) -> Elements:
    return {name: values[0] if len(values) == 1 else tuple(values) for name, values in children.items()}


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _lines(elements: Elements, depth: int) -> Iterator[str]:
    indent = _INDENT * depth
    for name in sorted(elements):
        value = elements[name]
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Mapping):
                yield f"{indent}<{name}>\n{''.join(_lines(each, depth + 1))}{indent}</{name}>\n"
            else:
                yield f"{indent}<{name}>{written(str(each))}</{name}>\n"


def _is_char(char: str) -> bool:
    code = ord(char)
    return char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or code > 0xFFFF  # noqa: PLR2004
