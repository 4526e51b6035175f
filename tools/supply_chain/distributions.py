"""What an installed distribution says of itself: its licence, its makers, what it needs and what is built into it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from email.utils import getaddresses
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply_chain.pins import LAMBDA, Pin

# Of the classifiers that name one licence, its SPDX name. Those of a family, such as "BSD License", stay as they are.
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_LICENCE = "License :: OSI Approved :: "
_LONGEST_NAME = 80  # of a licence: some distributions put its whole text there


class NotInstalled(Exception):  # noqa: N818 - what the distribution is
    """A distribution is not here, or not at its pinned version."""


def installed(pin: Pin) -> Distribution:
    """Return the distribution of a pin.

    Raises:
        NotInstalled: it is not here, or another version of it is.
    """
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        raise NotInstalled(f"{pin.name} is not installed here. Run `make setup`.") from None
    if found.version != pin.version:
        raise NotInstalled(f"{pin.name} {found.version} is installed, and {pin.version} is pinned. Run `make setup`.")
    return found


def modules(found: Distribution) -> set[str]:
    """Return the names that a distribution puts beside others: packages, modules, and modules that were compiled."""
    tops = {file.parts[0] for file in found.files or () if file.parts[0] not in {"..", "__pycache__"}}
    return {top.partition(".")[0] for top in tops if not top.endswith(".dist-info")}


def licences(found: Distribution) -> list[dict[str, Any]]:
    """Return CycloneDX's ``licenses``: an expression of SPDX where it is known, else the distribution's own words."""
    said = found.metadata
    if expression := said.get("License-Expression"):
        return [{"expression": expression}]
    classified = [each.removeprefix(_LICENCE) for each in said.get_all("Classifier") or [] if each.startswith(_LICENCE)]
    if classified:
        return [{"license": {"id": _SPDX[each]} if each in _SPDX else {"name": each}} for each in sorted(classified)]
    name = said.get("License") or ""
    if not name or "\n" in name or len(name) > _LONGEST_NAME:
        return []
    return [{"license": {"id": name} if name in _SPDX.values() else {"name": name}}]


def makers(found: Distribution) -> list[dict[str, str]]:
    """Return CycloneDX's ``authors``: names without addresses."""
    said = found.metadata
    of_addresses = [name for name, _ in getaddresses([said.get("Author-email") or said.get("Maintainer-email") or ""])]
    names = [said["Author"]] if said.get("Author") else [name for name in of_addresses if name]
    return [{"name": name} for name in names]


def needed(requirements: Iterable[str], extra: str = "") -> list[str]:
    """Return the names that some requirements ask for in Lambda: with one extra, or without any."""
    wanted = [Requirement(each) for each in requirements]
    environment = {**LAMBDA, "extra": extra}
    names = {canonicalize_name(each.name) for each in wanted if not each.marker or each.marker.evaluate(environment)}
    return sorted(names)


def needs_of(pin: Pin) -> list[str]:
    """Return the names that a distribution cannot do without in Lambda.

    Raises:
        NotInstalled: it is not here, or another version of it is.
    """
    return needed(installed(pin).requires or ())


def closure(names: Iterable[str], pins: Mapping[str, Pin]) -> dict[str, list[str]]:
    """Return all that some distributions need, themselves too: names by the name that needs them.

    Raises:
        NotInstalled: one of them is not here, or not pinned.
    """
    found: dict[str, list[str]] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in pins:
            raise NotInstalled(f"{name} is needed and not pinned. Compile the pins again, as CONTRIBUTING.md says.")
        found[name] = needs_of(pins[name])
        waiting.extend(found[name])
    return dict(sorted(found.items()))


def built_in(found: Distribution) -> Iterator[dict[str, Any]]:
    """Give the components of the bills that a distribution carries (PEP 770): what is compiled into its binaries.

    OpenSSL is in cryptography so, and no list of Python packages shows it.
    """
    for file in sorted(found.files or (), key=str):
        if ".dist-info/sboms/" in str(file) and str(file).endswith(".json"):
            yield from json.loads(file.read_text()).get("components", ())
