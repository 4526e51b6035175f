"""The folder of a release: all that people install, and the checksums of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import releasing.version
from releasing import changelog, packaged
from releasing.building import Builder
from releasing.errors import Failed
from releasing.packaged import ARCHITECTURES, BOTH
from releasing.record import Tools
from releasing.version import Version

CHECKSUMS = "SHA256SUMS"
_DIGITS = 16  # of a digest, in the name of a zip file


def make(builder: Builder, commit: str, folder: Path) -> None:
    """Fill a folder with the release of a commit.

    The same commit fills it with the same bytes on every machine with the same Python and zlib, which `build.json` names.

    Args:
        builder: of the commit.
        commit: its id.
        folder: an empty one.

    Raises:
        Refused: the commit says no version, or its changelog nothing of it.
        Failed: a step of the build has failed.
    """
    tree = builder.tree
    version = releasing.version.said_in((tree / "pyproject.toml").read_text("utf-8"))
    changes = changelog.text_of((tree / changelog.FILE).read_text("utf-8"), version)
    builds = {architecture: builder.archives(architecture) for architecture in ARCHITECTURES}
    template, archives = (tree / "template.yaml").read_text("utf-8"), _store(builds, folder)
    by_bucket = packaged.by_bucket(template, archives)
    texts = {
        f"sfmint-{version}.yaml": by_bucket,
        f"sfmint-{version}.json": packaged.as_json(by_bucket),
        f"sfmint-{version}-sar.yaml": packaged.by_file(template, archives, version),
        f"sfmint-{version}-changes.md": changes,
        "LICENSE": (tree / "LICENSE").read_text("utf-8"),
        "build.json": _build(version, commit, builder.epoch),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    builder.wheels(folder)
    builder.bills(folder)
    (folder / CHECKSUMS).write_text(checksums(folder), "utf-8")


def checksums(folder: Path) -> str:
    """Return the digests of a folder's files, as `sha256sum --check` reads them."""
    names = sorted(path.name for path in folder.iterdir() if path.name != CHECKSUMS)
    return "".join(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)


def _store(builds: Mapping[str, Mapping[str, bytes]], folder: Path) -> dict[str, str]:
    """Write zip files named after their content, and return the name of each resource's.

    What a release has not changed keeps its name, so an upgrade publishes no new version of it. Where the two processors
    need different files, the name holds the digest of both and the processor.
    """
    first, *others = builds.values()
    if any(other.keys() != first.keys() for other in others):
        raise Failed(
            "The builds for the two processors have different parts. Look at the Architecture in template.yaml."
        )
    names = {}
    for resource in first:
        each = {architecture: built[resource] for architecture, built in builds.items()}
        digest = hashlib.sha256("".join(hashlib.sha256(octets).hexdigest() for octets in each.values()).encode())
        processor = f"-{BOTH}" if len(set(each.values())) > 1 else ""
        names[resource] = f"{resource}{processor}-{digest.hexdigest()[:_DIGITS]}.zip"
        for architecture, octets in each.items():
            (folder / names[resource].replace(BOTH, architecture)).write_bytes(octets)
    return names


def _build(version: Version, commit: str, epoch: int) -> str:
    """Return what the bytes depend on beside the commit: the compiler of byte code, and the packer."""
    said = {
        "version": str(version),
        "commit": commit,
        "commit_time": epoch,
        **asdict(Tools.here()),
    }
    return json.dumps(said, indent=2) + "\n"
