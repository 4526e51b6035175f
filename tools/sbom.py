"""Writes the bills of material: ``python tools/sbom.py FOLDER``, CycloneDX 1.6, one for each thing that is delivered.

``lambda.cdx.json`` is of what runs in Lambda, ``sfmint.cdx.json`` and ``sfmint-client.cdx.json`` of the wheels, with the
versions of their needs that were tested. They are made from the pins and from what the pinned distributions say of
themselves: no network, and equal bytes for one commit.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lean
from expanding.expand import read as read_template
from supply_chain import pins
from supply_chain.bill import Bill, library, own, package_url
from supply_chain.distributions import NotInstalled, closure, installed, modules, needed, needs_of
from supply_chain.pins import NotPinned, Pin

ROOT = Path(__file__).resolve().parent.parent
LAYER_PINS = ROOT / "layers/dependencies/requirements.txt"
TESTED_PINS = ROOT / "requirements/dev.txt"
LIBRARIES = "DependenciesLayer"  # the layer that holds what others wrote
_KINDS = {"AWS::Serverless::Function": "application", "AWS::Serverless::LayerVersion": "library"}
_SECONDS = re.compile("[0-9]{1,11}")  # to the year 5138


class NoInstant(Exception):  # noqa: N818 - what is missing
    """Nothing says when the things were made."""


def bills() -> dict[str, Bill]:
    """Return each bill by the name of its file.

    Raises:
        NotInstalled: a pinned package is not here at its version.
        NotPinned: a file of pins is none.
    """
    return {
        "lambda.cdx.json": _of_lambda(),
        "sfmint.cdx.json": _of_wheel(ROOT / "pyproject.toml"),
        "sfmint-client.cdx.json": _of_wheel(ROOT / "layers/client/pyproject.toml"),
    }


def write(folder: Path, made_at: datetime) -> list[Path]:
    """Write each bill into a folder, which is made if it is not there.

    Args:
        folder: where.
        made_at: when the things were made: the time of the commit.

    Returns:
        the files.

    Raises:
        NotInstalled: a pinned package is not here at its version.
        NotPinned: a file of pins is none.
    """
    texts = {folder / name: bill.text(made_at) for name, bill in bills().items()}
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return list(texts)


def instant(environment: Mapping[str, str]) -> datetime:
    """Return SOURCE_DATE_EPOCH, as all builds that can be repeated understand it, else the time of the commit.

    Raises:
        NoInstant: there is neither.
    """
    if given := environment.get("SOURCE_DATE_EPOCH", ""):
        seconds = given
    else:
        asked = ["git", "-C", str(ROOT), "rev-list", "--max-count=1", "--timestamp", "HEAD"]
        seconds = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.partition(" ")[0]
    if not _SECONDS.fullmatch(seconds):
        raise NoInstant("Nothing says when this was made. Set SOURCE_DATE_EPOCH to the seconds since 1970.")
    return datetime.fromtimestamp(int(seconds), UTC)


def _of_lambda() -> Bill:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    subject = own("application", "sfmint in Lambda", version, reference="sfmint", description="functions and layers")
    # What is left of cffi is one compiled module, of pycparser nothing.
    held = {
        name: pin for name, pin in pins.read(LAYER_PINS).items() if modules(installed(pin)) - {*lean.NEVER_IMPORTED}
    }
    resources = read_template()["Resources"]
    ours = dict(_functions_and_layers(resources, version))
    needs = {name: _layers(resources[name], ours) for name in ours}
    needs["sfmint"] = list(ours)
    needs[LIBRARIES] = _urls(held, held)
    for pin in held.values():
        needs[package_url(pin)] = _urls(held, [each for each in needs_of(pin) if each in held])
    return Bill(subject=subject, parts=[*ours.values(), *map(library, held.values())], needs=needs)


def _functions_and_layers(resources: Mapping[str, Any], version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, said in resources.items():
        if isinstance(said, dict) and (kind := _KINDS.get(said["Type"])):
            yield name, own(kind, name, version, reference=name)


def _layers(resource: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    return [layer["Ref"] for layer in resource["Properties"].get("Layers", []) if layer.get("Ref") in ours]


def _of_wheel(project_file: Path) -> Bill:
    project = tomllib.loads(project_file.read_text())["project"]
    name, version = project["name"], project["version"]
    subject = own("library", name, version, reference=f"pkg:pypi/{name}@{version}", description=project["description"])
    tested = pins.read(TESTED_PINS)
    asked = needed(project["dependencies"])
    on_demand = [each for extra in project.get("optional-dependencies", {}).values() for each in needed(extra)]
    required = closure(asked, tested)
    all_of_it = closure([*asked, *on_demand], tested)
    scopes = {each: "required" if each in required else "optional" for each in all_of_it}
    needs = {package_url(tested[each]): _urls(tested, of_it) for each, of_it in all_of_it.items()}
    needs[subject["bom-ref"]] = _urls(tested, [*asked, *on_demand])
    return Bill(
        subject=subject, parts=[library(tested[each], scope=scope) for each, scope in scopes.items()], needs=needs
    )


def _urls(pinned: Mapping[str, Pin], names: Iterable[str]) -> list[str]:
    return [package_url(pinned[name]) for name in names]


def main(arguments: list[str] | None = None) -> int:
    """Write the bills into the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="sbom.py", description="Write the bills of material (CycloneDX 1.6).")
    parser.add_argument("folder", type=Path, help="where: dist")
    folder = parser.parse_args(arguments).folder
    try:
        for path in write(folder, instant(os.environ)):
            print(path)
    except (NoInstant, NotInstalled, NotPinned, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
