"""Components as the files of a deployment, and those as a zip that is the same whenever it is made again.

Source: Metadata API Developer Guide, "Sample package.xml Manifest Files", "Deploying and Retrieving Metadata".
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sfmint_setup.component import PLACES, SETTINGS, Component
from sfmint_setup.xml_text import NAMESPACE, document, written

MANIFEST = "package.xml"
API_VERSION = "67.0"  # Summer '26; the newest whose types are written down
_MANIFEST_NAMES = {SETTINGS: "Settings"}  # one name for the types of all settings
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip's calendar: the same files make the same zip


def files_of(components: Iterable[Component]) -> Mapping[str, bytes]:
    """Return the files of a deployment by path, package.xml at the root among them.

    Raises:
        UnusableXml: a text holds a character that XML cannot say.
    """
    ordered = sorted(components, key=lambda component: (component.type, component.full_name))
    files = {component.path: document(component) for component in ordered}
    return {MANIFEST: _manifest(ordered), **files}


def _manifest(components: list[Component]) -> bytes:
    types: dict[str, list[str]] = {}
    for component in components:
        types.setdefault(_MANIFEST_NAMES.get(component.type, component.type), []).append(component.full_name)
    blocks = "".join(
        "    <types>\n"
        + "".join(f"        <members>{written(member)}</members>\n" for member in members)
        + f"        <name>{kind}</name>\n    </types>\n"
        for kind, members in types.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    text = f'{head}<Package xmlns="{NAMESPACE}">\n{blocks}    <version>{API_VERSION}</version>\n</Package>\n'
    return text.encode()


def listed(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return what the files of a deployment are, each as type and full name."""
    types = {place.folder: _MANIFEST_NAMES.get(kind, kind) for kind, place in PLACES.items()}
    parts = (path.rpartition("/") for path in files)
    return frozenset(f"{types[folder]} {name.rpartition('.')[0]}" for folder, _, name in parts if folder in types)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for path in sorted(files):
            entry = ZipInfo(path, _FIRST_DAY)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return packed.getvalue()
