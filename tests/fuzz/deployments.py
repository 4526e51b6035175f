"""Readers of the embedded org: a deployment's message, its zip, its XML. The org answers whatever a client sends it."""

import json
from collections.abc import Mapping
from typing import Any

from fuzz.mutation import json_texts, mutated
from fuzz.target import Target, is_plain_json
from local.deploying import OPTIONS, AppFiles, manifest, package, place, xml, zipped
from sfmint_local.org.refusal import RestError
from sfmint_local.org.setup.archive import ArchiveError, read_archive
from sfmint_local.org.setup.component_file import FileError, read_component, read_name
from sfmint_local.org.setup.deploy_options import read_options
from sfmint_local.org.setup.deployment import Outcome, carry_out
from sfmint_local.org.setup.differences import Differences
from sfmint_local.org.setup.draft import Draft
from sfmint_local.org.setup.manifest import ManifestError, read_manifest
from sfmint_local.org.setup.multipart import read_message
from sfmint_local.org.setup.rights import ADMINISTRATOR

FILES = AppFiles(name="orders", certificate="-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n")
ZIP = zipped(package(*FILES.all()))
ALL = {"ignoreWarnings": False, "allowMissingFiles": False}
MESSAGE = (
    b'--b\r\nContent-Disposition: form-data; name="json"\r\nContent-Type: application/json\r\n\r\n'
    + json.dumps({"deployOptions": OPTIONS}).encode()
    + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\nContent-Type: application/zip\r\n\r\n'
    + ZIP
    + b"\r\n--b--\r\n"
)
MESSAGE_PIECES = (b"--b", b"\r\n", b'; filename="a"', b"Content-Type: ", b'name="json"', b"--b--", b"\r\n\r\n")
XML = [xml(part).encode() for part in FILES.all()]
XML_PIECES = (
    b"<label>", b"</label>", b"<certificate/>", b'<!DOCTYPE a [<!ENTITY b "c">]>', b"&b;", b"&#0;", b"<![CDATA[", b"]]>",
    b' xmlns="urn:a"', b' encoding="utf-16"', b"true", b"9" * 30, b"-1", b"\xff", b"<idTokenConfig>", b"<oauthConfig><scopes>",
)  # fmt: skip
MANIFEST = manifest(*FILES.all()).encode()
MANIFEST_PIECES = (b"<members>*</members>", b"<name>", b"</types>", b"<types>", b"99.0", b"<version>", *XML_PIECES)
ZIP_PIECES = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"..", b"/", b"\xff\xff\xff\xff", b"\x00")


def _message(data: bytes) -> None:
    try:
        message = read_message("multipart/form-data; boundary=b", data)
    except RestError:
        return
    is_plain_json(message.body)


def _options(text: str) -> None:
    try:
        options = read_options(json.loads(text), is_production=False)
    except (RestError, ValueError, RecursionError):
        return
    assert all(type(options[name]) is bool for name in (*OPTIONS, *ALL))


def _archive(data: bytes) -> None:
    try:
        files = read_archive(data, single_package=True)
    except ArchiveError:
        return
    assert all(".." not in name.split("/") and not name.startswith("/") for name in files)


def _manifest(data: bytes) -> None:
    try:
        read = read_manifest(data, default_version=67)
    except ManifestError:
        return
    assert 31 <= read.version <= 67


def _component(data: bytes) -> None:
    for part in FILES.all():
        name = read_name(place(part))
        assert name is not None
        try:
            component = read_component(name, data, version=67)
        except FileError:
            continue
        assert (component.type, component.full_name) == (part.type, part.full_name)


def _deployed(files: Mapping[str, str | bytes]) -> Outcome:
    draft = Draft({}, ids={}, differences=Differences())
    options: dict[str, Any] = {**OPTIONS, **ALL}
    return carry_out(zipped(files), options, draft, api_version=67, rights=ADMINISTRATOR)


def _deployment(data: bytes) -> None:
    for part in FILES.all():
        outcome = _deployed(package(*FILES.all()) | {place(part): data})
        # The made-up certificate is never taken, so that nothing may change.
        assert (outcome.status, outcome.changes) == ("Failed", ())
        assert len(outcome.messages) == len(FILES.all())


TARGETS = (
    Target("deployment messages", mutated(MESSAGE, pieces=MESSAGE_PIECES), _message),
    Target("deployOptions", json_texts({**OPTIONS, **ALL}, also=("testLevel", "runTests")), _options),
    Target("deployment zips", mutated(ZIP, pieces=ZIP_PIECES), _archive),
    Target("package.xml", mutated(MANIFEST, pieces=MANIFEST_PIECES), _manifest),
    Target("metadata files", mutated(*XML, pieces=XML_PIECES), _component),
    Target("deployments", mutated(*XML, pieces=XML_PIECES), _deployment),
)
