"""Reads the files of pins that uv compiles: one version of each package, and the hashes of its files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

# Where Lambda runs it: markers of pins are decided for this, whichever machine asks.
LAMBDA = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class NotPinned(Exception):  # noqa: N818 - what a line is
    """A line of a file of pins is no version with hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package at one version.

    Attributes:
        name: as Python's packaging compares it: lower case, with dashes.
        version: the only one that is installed.
        hashes: SHA-256 of each file that may be installed, one for each platform; in hexadecimal.
    """

    name: str
    version: str
    hashes: tuple[str, ...]


def read(path: Path, environment: Mapping[str, str] = LAMBDA) -> dict[str, Pin]:
    """Return the pins of a file by name, without those whose marker does not fit the environment.

    Raises:
        NotPinned: a line is something else than a version with its hashes.
    """
    found = [_pin(line, path.name, environment) for line in _logical_lines(path.read_text())]
    return {pin.name: pin for pin in found if pin}


def _pin(line: str, file: str, environment: Mapping[str, str]) -> Pin | None:
    head, hashes = line.partition(" --hash=")[0], tuple(_HASH.findall(line))
    try:
        said = Requirement(head)
    except InvalidRequirement:
        said = Requirement("none")
    [version, *others] = [*said.specifier] or [None]
    if version is None or version.operator != "==" or others or not hashes:
        raise NotPinned(f"{file} holds a line that is no version with hashes: {head[:60]}. Compile it again.")
    if said.marker and not said.marker.evaluate(dict(environment)):
        return None
    return Pin(name=canonicalize_name(said.name), version=version.version, hashes=hashes)


def _logical_lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()
