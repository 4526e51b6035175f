"""The bills of material: what each thing that is delivered is made of, found again in the thing itself."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.backends.openssl.backend import backend
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import sbom
from sfmint_local import places
from supply_chain.bill import Bill, own
from supply_chain.distributions import NotInstalled, installed
from supply_chain.pins import NotPinned, Pin, read

MADE_AT = datetime(2026, 11, 29, 10, 42, tzinfo=UTC)


@pytest.fixture(scope="module")
def bills() -> dict[str, Bill]:
    return sbom.bills()


@pytest.fixture(scope="module")
def documents(bills: Mapping[str, Bill]) -> dict[str, dict[str, Any]]:
    return {name.removesuffix(".cdx.json"): json.loads(bill.text(MADE_AT)) for name, bill in bills.items()}


def libraries(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the packages that others wrote."""
    return {part["name"]: part for part in document["components"] if part.get("purl")}


def references(component: Mapping[str, Any]) -> Iterator[str]:
    yield component["bom-ref"]
    for part in component.get("components", ()):
        yield from references(part)


def test_the_layer_holds_each_package_that_its_bill_names_and_no_other(
    documents: Mapping[str, Any], built: Path
) -> None:
    owners = packages_distributions()
    tops = {path.name.removesuffix(".py").partition(".")[0] for path in (built / sbom.LIBRARIES / "python").iterdir()}
    shipped = {canonicalize_name(owner) for top in tops - {"__pycache__"} for owner in owners[top]}
    assert set(libraries(documents["lambda"])) == shipped


def test_each_function_and_layer_of_the_build_stands_in_the_bill(documents: Mapping[str, Any], built: Path) -> None:
    ours = {part["name"] for part in documents["lambda"]["components"] if not part.get("purl")}
    assert ours == {path.name for path in built.iterdir() if path.is_dir()}


@pytest.mark.parametrize("name", ["lambda", "sfmint", "sfmint-client"])
def test_every_reference_leads_to_one_component(documents: Mapping[str, Any], name: str) -> None:
    document = documents[name]
    parts = [document["metadata"]["component"], *document["components"]]
    known = [reference for part in parts for reference in references(part)]
    assert len(known) == len(set(known))
    for dependency in document["dependencies"]:
        assert {dependency["ref"], *dependency["dependsOn"]} <= set(known)


@pytest.mark.parametrize("name", ["lambda", "sfmint"])
def test_openssl_is_named_where_it_is_hidden(documents: Mapping[str, Any], name: str) -> None:
    inside = {part["name"]: part["version"] for part in libraries(documents[name])["cryptography"]["components"]}
    assert f"OpenSSL {inside['openssl']} " in backend.openssl_version_text()


@pytest.mark.parametrize("name", ["sfmint", "sfmint-client"])
def test_a_wheels_bill_names_all_that_its_installation_would_bring(documents: Mapping[str, Any], name: str) -> None:
    parts = libraries(documents[name])
    assert parts
    for part in parts.values():
        found = installed(Pin(name=part["name"], version=part["version"], hashes=()))
        wanted = [Requirement(each) for each in found.requires or ()]
        plain = {
            canonicalize_name(each.name) for each in wanted if not each.marker or each.marker.evaluate({"extra": ""})
        }
        assert plain <= set(parts), part["name"]


@pytest.mark.parametrize("name", ["lambda", "sfmint", "sfmint-client"])
def test_every_package_has_a_licence_makers_and_the_hashes_of_its_pin(documents: Mapping[str, Any], name: str) -> None:
    pinned = read(sbom.TESTED_PINS)
    for part in libraries(documents[name]).values():
        [place] = part["externalReferences"]
        assert {each["content"] for each in place["hashes"]} == set(pinned[part["name"]].hashes)
        assert part["licenses"]
        assert part["authors"]


def test_another_run_writes_equal_bytes(bills: Mapping[str, Bill], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": str(int(MADE_AT.timestamp()))}
    command = [sys.executable, str(places.ROOT / "tools/sbom.py"), str(tmp_path)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {name: bill.text(MADE_AT) for name, bill in bills.items()}
    assert '"timestamp": "2026-11-29T10:42:00Z"' in written["lambda.cdx.json"]


def test_another_part_makes_another_serial_number() -> None:
    def serial(version: str) -> str:
        subject = own("library", "it", version, reference="it")
        return str(json.loads(Bill(subject=subject, parts=(), needs={}).text(MADE_AT))["serialNumber"])

    assert serial("1") == serial("1") != serial("2")


@given(seconds=st.integers(0, 4_000_000_000))
def test_the_instant_is_what_source_date_epoch_says(seconds: int) -> None:
    assert sbom.instant({"SOURCE_DATE_EPOCH": str(seconds)}) == datetime.fromtimestamp(seconds, UTC)


@given(text=st.text(st.characters(exclude_characters="0123456789", exclude_categories=["Cs"]), min_size=1))
def test_an_instant_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(sbom.NoInstant, match="Set SOURCE_DATE_EPOCH to the seconds since 1970"):
        sbom.instant({"SOURCE_DATE_EPOCH": text})


@pytest.mark.parametrize("seconds", ["1" * 12, "9" * 5000])
def test_an_instant_after_all_years_is_refused(seconds: str) -> None:
    with pytest.raises(sbom.NoInstant):
        sbom.instant({"SOURCE_DATE_EPOCH": seconds})


def test_a_package_at_another_version_than_its_pin_is_refused() -> None:
    with pytest.raises(NotInstalled, match=r"requests .* is installed, and 1\.0 is pinned\. Run `make setup`\."):
        installed(Pin(name="requests", version="1.0", hashes=()))
    with pytest.raises(NotInstalled, match=r"no-such-thing is not installed here\. Run `make setup`\."):
        installed(Pin(name="no-such-thing", version="1.0", hashes=()))


HASHES = st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), min_size=1, max_size=3)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?", fullmatch=True)


@settings(deadline=None)  # it writes a file
@given(name=NAMES, version=st.from_regex(r"[1-9]\.[0-9]{1,2}(\.post1)?", fullmatch=True), hashes=HASHES)
def test_a_pin_is_read_as_uv_writes_it(
    tmp_path_factory: pytest.TempPathFactory, name: str, version: str, hashes: list[str]
) -> None:
    lines = "".join(f" \\\n    --hash=sha256:{each}" for each in hashes)
    file = tmp_path_factory.getbasetemp() / "pins.txt"
    file.write_text(
        f"# a remark\n{name}=={version} ; sys_platform == 'linux'{lines}\nother==1 ; os_name == 'nt'{lines}\n"
    )
    assert read(file) == {name: Pin(name=name, version=version, hashes=tuple(hashes))}


@pytest.mark.parametrize(
    "line",
    ["requests", "requests==1", "requests>=1 --hash=sha256:" + "0" * 64, "-r other.txt", "./wheel.whl", "a==1,==2"],
)
def test_a_line_that_pins_nothing_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "pins.txt"
    file.write_text(f"{line}\n")
    with pytest.raises(NotPinned, match=r"pins\.txt holds a line that is no version with hashes: .*Compile it again"):
        read(file)
