"""Retrieving: from a package.xml to a zip whose names begin with ``unpackaged/``.

Source: Metadata API Developer Guide, retrieve() and checkRetrieveStatus().
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from sfmint_local.org.setup.components import TYPES, Component
from sfmint_local.org.setup.reading import type_of
from sfmint_local.org.soap.component_xml import file_xml, manifest_xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """A retrieval that is done.

    Attributes:
        id: ``09S...``.
        archive: the zip.
        files: the components by file name.
        problems: by file name, what was asked for and is not there.
        ends_at: until then it is told to be in progress; epoch seconds.
    """

    id: str
    archive: bytes
    files: Mapping[str, Component]
    problems: Mapping[str, str]
    ends_at: float


def retrieve(
    wanted: Mapping[str, list[str]],
    there: list[Component],
    *,
    request_id: str,
    version: str,
    single: bool,
    ends_at: float,
) -> Retrieval:
    """Collect components.

    Args:
        wanted: names by type, ``*`` for all.
        there: what the reader may see, as it is shown.
        request_id: of the retrieval.
        version: of package.xml.
        single: the names in the zip begin at its root, not with ``unpackaged/``.
        ends_at: when it is told to be done.
    """
    folder = "" if single else "unpackaged/"
    files, members, problems = {}, {}, {}
    for kind, names in wanted.items():
        type_ = type_of(kind)
        known = {part.full_name: part for part in there if part.type == type_}
        found = sorted(known if "*" in names else [name for name in names if name in known])
        for name in names:
            if name not in {*known, "*"}:
                problem = f"Entity of type '{kind}' named '{name}' cannot be found"
                problems[f"{folder}package.xml"] = problem
        for name in found:
            files[f"{folder}{TYPES[type_].folder}/{name}.{TYPES[type_].suffix}"] = known[name]
        if found:
            members[kind] = found
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, part in files.items():
            writer.writestr(name, file_xml(part.type, part.elements))
        writer.writestr(f"{folder}package.xml", manifest_xml(members, version=version))
    return Retrieval(id=request_id, archive=archive.getvalue(), files=files, problems=problems, ends_at=ends_at)
