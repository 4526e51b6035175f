"""A file of a deployment: from its name and XML to a component, or to the problem that the org names.

Source: Metadata API Developer Guide; the words of a problem are those that clients have recorded.
"""

import re
from collections import Counter
from dataclasses import dataclass

from sfmint_local.org.setup.components import SETTINGS, TYPES, Component, ComponentType
from sfmint_local.org.setup.schema import SCHEMAS, SINCE, Element
from sfmint_local.org.setup.xml_tree import NAMESPACE, Node, XmlError, read_tree

_BY_FOLDER = {kind.folder: kind for kind in TYPES.values()}
_SETTINGS_MEMBER = "ExternalClientApp"
_TRUTH = {"true": "true", "1": "true", "false": "false", "0": "false"}


class FileError(Exception):
    """The component is refused; the message is its problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileName:
    """What a file's place in the zip says.

    Attributes:
        kind: its type.
        full_name: its component's.
    """

    kind: ComponentType
    full_name: str


def read_name(name: str) -> FileName | None:
    """Read a file's name below the package; None: the org knows no such place."""
    folder, _, file = name.partition("/")
    kind = _BY_FOLDER.get(folder)
    ending = f".{kind.suffix}" if kind else ""
    file = file.removesuffix("-meta.xml")
    if kind is None or "/" in file or not file.endswith(ending) or file == ending:
        return None
    full_name = file.removesuffix(ending)
    return None if kind is SETTINGS and full_name != _SETTINGS_MEMBER else FileName(kind=kind, full_name=full_name)


def read_component(name: FileName, data: bytes, *, version: int) -> Component:
    """Read a component as its file has it, without what the org adds.

    Args:
        name: of the file.
        data: of the file.
        version: of the API, by which package.xml is written.

    Raises:
        FileError: malformed, or with an element or a value that the type does not have.
    """
    kind = name.kind.name
    if version < SINCE[kind]:
        raise FileError(f"Entity type: '{kind}' is unknown")
    try:
        root = read_tree(data)
    except XmlError as error:
        raise FileError(f"Error parsing file: {error}") from None
    if (root.name, root.namespace) != (kind, NAMESPACE):
        raise _misplaced(root, kind)
    # Every type inherits this element; the file's name is what counts.
    root.children = [child for child in root.children if (child.name, child.namespace) != ("fullName", NAMESPACE)]
    _check_places(root, kind, version, "")
    found: dict[str, list[str]] = {}
    for path, node in root.leaves():
        if element := SCHEMAS[kind].get(path):  # a group of elements may be empty
            found.setdefault(path, []).append(_value(element, node))
    elements: dict[str, str | tuple[str, ...]] = {
        path: tuple(values) if SCHEMAS[kind][path].repeats else values[0] for path, values in found.items()
    }
    for path, element in SCHEMAS[kind].items():
        if element.required and not elements.get(path):
            raise FileError(f"Required field is missing: {path}")
    return Component(type=kind, full_name=name.full_name, elements=elements)


def _check_places(node: Node, kind: str, version: int, path: str) -> None:
    counts = Counter(child.name for child in node.children)
    for child in node.children:
        below = f"{path}.{child.name}" if path else child.name
        element = SCHEMAS[kind].get(below)
        inner = [known for name, known in SCHEMAS[kind].items() if name.startswith(f"{below}.")]
        known = bool(inner) or (element is not None and not child.children)
        if child.namespace != NAMESPACE or not known or not _is_there(element, inner, version):
            raise _misplaced(child, kind)
        may_repeat = element.repeats if element else any(known.repeats for known in inner)
        if counts[child.name] > 1 and not may_repeat:
            raise FileError(f"Error parsing file: Element {child.name} is duplicated at this location in type {kind}")
        if inner:
            _check_places(child, kind, version, below)


def _is_there(element: Element | None, inner: list[Element], version: int) -> bool:
    return (element.since if element else min(known.since for known in inner)) <= version


def _misplaced(node: Node, kind: str) -> FileError:
    place = f"{{{node.namespace}}}{node.name}"
    return FileError(f"Error parsing file: Element {place} invalid at this location in type {kind}")


def _value(element: Element, node: Node) -> str:
    text = node.text.strip()
    match element.kind:
        case "text":
            return text
        case "boolean":
            if text not in _TRUTH:
                raise FileError(f"'{text[:80]}' is not a valid value for the type xsd:boolean")
            return _TRUTH[text]
        case "int":
            if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
                raise FileError(f"'{text[:80]}' is not a valid value for the type xsd:int")
            return str(int(text))
        case "enum":
            enum, values = element.enum
            if text not in values:
                raise FileError(f"'{text[:80]}' is not a valid value for the enum '{enum}'")
            return text
