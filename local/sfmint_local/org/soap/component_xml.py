"""A component as XML: the elements that its reader may see, in alphabetical order."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from sfmint_local.org.setup.components import Elements
from sfmint_local.org.setup.xml_tree import NAMESPACE


def elements_xml(elements: Elements) -> str:
    """Write a component's elements. A dotted name is an element within another.

    Where all that stands in an outer element is repeated, the outer one is repeated with it, as in ``userPermissions``.
    """
    written = []
    for name, inner in sorted(_grouped(elements).items()):
        if "" in inner:
            written += [_element(name, escape(text)) for text in _texts(inner[""])]
        elif all(isinstance(value, tuple) for value in inner.values()):
            rows = zip(*(_texts(value) for value in inner.values()), strict=True)
            written += [_element(name, elements_xml(dict(zip(inner, row, strict=True)))) for row in rows]
        else:
            written.append(_element(name, elements_xml(inner)))
    return "".join(written)


def file_xml(kind: str, elements: Elements) -> bytes:
    """Write a component as a file of a zip."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="{NAMESPACE}">{elements_xml(elements)}</{kind}>\n'
    return text.encode()


def manifest_xml(members: Mapping[str, Iterable[str]], *, version: str) -> bytes:
    """Write package.xml for the members of each type."""
    types = "".join(
        f"<types>{''.join(_element('members', escape(name)) for name in sorted(names))}{_element('name', kind)}</types>"
        for kind, names in sorted(members.items())
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="{NAMESPACE}">{types}<version>{version}</version></Package>\n'
    return text.encode()


def _grouped(elements: Elements) -> dict[str, dict[str, str | tuple[str, ...]]]:
    groups: dict[str, dict[str, str | tuple[str, ...]]] = {}
    for path, value in elements.items():
        outer, _, rest = path.partition(".")
        groups.setdefault(outer, {})[rest] = value
    return groups


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _element(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"
