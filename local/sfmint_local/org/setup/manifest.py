"""package.xml: what a deployment says that it brings.

Source: Metadata API Developer Guide, manifest_samples and file_based_zip_file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sfmint_local.org.setup.components import SETTINGS, TYPES, ComponentType
from sfmint_local.org.setup.xml_tree import NAMESPACE, Node, XmlError, read_tree

NEWEST_VERSION = 67
_OLDEST_VERSION = 31


class ManifestError(Exception):
    """The deployment fails at package.xml; the message is the problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What package.xml says.

    Attributes:
        version: of the API, by which the files are read: 67 for 67.0.
        members: full names by type; ``*`` names every file of the type.
    """

    version: int
    members: Mapping[str, frozenset[str]]

    def names(self, kind: ComponentType, full_name: str) -> bool:
        """Tell whether a component is listed."""
        return bool({full_name, "*"} & self.members.get(kind.name, frozenset()))


def read_manifest(data: bytes, *, default_version: int) -> Manifest:
    """Read a package.xml.

    Args:
        data: the file.
        default_version: of the API, where the file names none.

    Raises:
        ManifestError: it is no package.xml, or names what the org does not know.
    """
    try:
        root = read_tree(data)
    except XmlError as error:
        raise ManifestError(f"Error parsing file: {error}") from None
    if (root.name, root.namespace) != ("Package", NAMESPACE):
        raise ManifestError(f"Error parsing file: Element {{{root.namespace}}}{root.name} invalid, expected Package")
    version = default_version
    members: dict[str, frozenset[str]] = {}
    for child in root.children:
        match child.name:
            case "version":
                version = _version(child.text)
            case "types":
                kind, names = _types(child)
                members[kind] = members.get(kind, frozenset()) | names
            case "fullName" | "description" | "apiAccessLevel":
                continue
            case unknown:
                raise ManifestError(
                    f"Error parsing file: Element {{{child.namespace}}}{unknown} invalid at this location in type Package"
                )
    return Manifest(version=version, members=members)


def _types(node: Node) -> tuple[str, frozenset[str]]:
    names = [child.text.strip() for child in node.children if child.name == "name"]
    members = [child.text.strip() for child in node.children if child.name == "members"]
    if len(names) != 1 or len(names) + len(members) != len(node.children):
        raise ManifestError("Error parsing file: types holds one name and its members")
    # Settings are listed under one name, whatever their own type is called.
    kind = SETTINGS.name if names[0] == "Settings" else names[0]
    if kind not in TYPES or names[0] == SETTINGS.name:
        raise ManifestError(f"Unknown type name '{names[0]}' specified in package.xml")
    return kind, frozenset(members)


def _version(text: str) -> int:
    match = re.fullmatch(r"(\d{1,3})\.0", text.strip(), re.ASCII)
    if match is None or not _OLDEST_VERSION <= int(match[1]) <= NEWEST_VERSION:
        raise ManifestError(f"Invalid version specified:{text.strip()[:10]}")
    return int(match[1])
