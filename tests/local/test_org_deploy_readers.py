"""What goes into a deployment comes out of its readers, whatever it is."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from local.deploying import xml, zipped
from sfmint_local.org.setup.archive import ArchiveError, read_archive
from sfmint_local.org.setup.component_file import read_component, read_name
from sfmint_local.org.setup.components import APP, PERMISSION_SET, TYPES, Component
from sfmint_local.org.setup.multipart import read_message
from sfmint_local.org.setup.schema import SCHEMAS, SINCE

# XML knows no control characters, and makes one line end of each.
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")).map(str.strip)
NAMES = st.text("abcXYZ019._-", min_size=1, max_size=20).filter(lambda name: name not in {".", ".."})
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(PATHS, st.binary(max_size=300), max_size=8))
def test_a_zip_gives_back_its_files(files: Mapping[str, bytes]) -> None:
    packed = zipped(files)

    assert read_archive(packed, single_package=True) == files
    below = zipped({f"top/{name}": data for name, data in files.items()} | {"top/package.xml": b""})
    assert read_archive(below, single_package=False) == {**files, "package.xml": b""}


@given(PATHS, st.sampled_from(["..", ".", "", "\\", "C:", "a:b"]), st.integers(0, 4))
def test_no_name_of_a_zip_leads_elsewhere(path: str, odd: str, at: int) -> None:
    pieces = path.split("/")
    name = "/".join([*pieces[:at], odd, *pieces[at:], "end"])

    with pytest.raises(ArchiveError):
        read_archive(zipped({name: b"x"}), single_package=True)


@given(st.dictionaries(TEXTS, TEXTS | st.booleans() | st.none() | st.integers(), max_size=5), st.binary())
def test_a_message_gives_back_what_a_client_has_sent(body: Mapping[str, Any], archive: bytes) -> None:
    parts = {
        "json": (None, json.dumps(body), "application/json"),
        "file": ("a.zip", archive, "application/zip"),
    }
    sent = requests.Request("POST", "https://localhost", files=parts).prepare()
    assert isinstance(sent.body, bytes)
    message = read_message(str(sent.headers["Content-Type"]), sent.body)

    assert (message.body, message.archive) == (body, archive)


def test_a_zip_has_at_most_39_mb_packed_and_600_mb_unpacked() -> None:
    with pytest.raises(ArchiveError, match="39 MB"):
        read_archive(bytes(39 * 1024 * 1024 + 1), single_package=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", b"x")
        archive.infolist()[0].file_size = 600 * 1024 * 1024 + 1
    with pytest.raises(ArchiveError, match="600 MB"):
        read_archive(packed.getvalue(), single_package=True)


@given(TEXTS.filter(bool), TEXTS)
def test_a_file_gives_back_its_elements(label: str, description: str) -> None:
    part = Component(type=PERMISSION_SET.name, full_name="x", elements={"label": label, "description": description})
    name = read_name("permissionsets/x.permissionset")

    assert name is not None
    assert read_component(name, xml(part).encode(), version=67) == part


@pytest.mark.parametrize("kind", TYPES)
def test_every_element_of_a_type_is_read_from_its_version_on(kind: str) -> None:
    values = {"text": "x", "boolean": "true", "int": "5"}
    elements: dict[str, str | tuple[str, ...]] = {}
    for path, element in SCHEMAS[kind].items():
        value = values.get(element.kind) or min(element.enum[1])
        elements[path] = (value, value) if element.repeats and "." not in path else value
        if element.repeats and "." in path:
            elements[path] = (value,)
    singles = {path: value for path, value in elements.items() if path.count(".") == 0}
    part = Component(type=kind, full_name="ExternalClientApp", elements=singles)
    name = read_name(f"{TYPES[kind].folder}/ExternalClientApp.{TYPES[kind].suffix}")

    assert name is not None
    assert read_component(name, xml(part).encode(), version=67) == part
    assert SINCE[kind] >= 31


@pytest.mark.parametrize(
    "name",
    [
        "",
        "package.xml",
        "externalClientApps",
        "externalClientApps/",
        "externalClientApps/.eca",
        "externalClientApps/a",
        "externalClientApps/a.ecaPlcy",
        "externalClientApps/b/a.eca",
        "ExternalClientApps/a.eca",
        "externalclientapps/a.eca",
        "settings/Security.settings",
    ],
)
def test_a_file_elsewhere_is_no_component(name: str) -> None:
    assert read_name(name) is None


def test_a_file_of_an_app_is_one() -> None:
    name = read_name("externalClientApps/orders.eca")

    assert name is not None
    assert (name.kind, name.full_name) == (APP, "orders")
