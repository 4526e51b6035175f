"""`make dist` in earnest: equal wherever it is built, from the compiled modules of either processor to the wheels."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from git_repository import ALONE, GitRepository
from releasing.packaged import ARCHITECTURES
from releasing.version import said_in
from sfmint_local import places

MACHINES = {"x86_64": 62, "arm64": 183}  # ELF's numbers: EM_X86_64, EM_AARCH64
NATIVE = "DependenciesLayer"  # all else is Python
VERSION = said_in((places.ROOT / "pyproject.toml").read_text())
INDEXES = {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"}
FOLDERS = ("cli", "functions", "layers", "requirements", "tools")
FILES = (
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "samconfig.toml",
    "template.yaml",
)


@pytest.fixture(scope="module")
def dists(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two folders, built at the same time from two clones of one commit, by people with different settings."""
    kept = GitRepository(tmp_path_factory.mktemp("release") / "kept")
    for name in FOLDERS:
        shutil.copytree(places.ROOT / name, kept.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(places.ROOT / name, kept.root)
    kept.commit_all()
    one, other = kept.root.parent / "one", kept.root.parent / "another/and/deeper"
    for root, crlf in ((one, "false"), (other, "true")):
        kept.git("clone", "--quiet", "--config", f"core.autocrlf={crlf}", str(kept.root), str(root))
        share_environments(root)
    built = [begin(one, TZ="Asia/Tokyo", LC_ALL="C.UTF-8"), begin(other, umask=0o077, TZ="UTC")]
    for process in built:
        said = process.communicate()
        assert process.returncode == 0, said
    return [one / "dist", other / "dist"]


def share_environments(root: Path) -> None:
    for folder in (".venv", ".local/venvs"):
        (root / folder).mkdir(parents=True)
        for environment in (places.ROOT / folder).iterdir():
            (root / folder / environment.name).symlink_to(environment)


def begin(root: Path, *, umask: int = -1, **variables: str) -> "subprocess.Popen[str]":
    python = root / ".local/venvs/local/bin/python"
    return subprocess.Popen(
        [python, "tools/release.py", "dist"],
        cwd=root,
        env={**os.environ, **ALONE, **variables},
        umask=umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def archive(dist: Path, pattern: str) -> Path:
    [found] = dist.glob(pattern)
    return found


def machines(path: Path) -> set[int]:
    """Return for which machines the compiled modules of an archive are."""
    packed = ZipFile(path)
    return {int.from_bytes(packed.read(name)[18:20], "little") for name in packed.namelist() if name.endswith(".so")}


def test_two_builds_in_two_folders_are_equal_byte_for_byte(dists: list[Path]) -> None:
    one, other = ({path.name: path.read_bytes() for path in dist.iterdir()} for dist in dists)
    assert one.keys() == other.keys()
    assert [name for name, octets in one.items() if other[name] != octets] == []


def test_no_file_names_a_folder_or_an_index_of_the_machine(dists: list[Path]) -> None:
    [dist, _] = dists
    words = [str(folder).encode() for folder in (dist.parent.parent, places.ROOT, Path.home())] + [b"sfmint-release-"]
    words += [b"pypi.org", b"pythonhosted.org"]
    words += [value.encode() for name, value in os.environ.items() if name in INDEXES for value in value.split()]
    parts = {path.name: path.read_bytes() for path in dist.iterdir()}
    for path in (*dist.glob("*.zip"), *dist.glob("*.whl")):
        packed = ZipFile(path)
        parts |= {f"{path.name}/{name}": packed.read(name) for name in packed.namelist()}
    assert [name for name, octets in parts.items() if any(word in octets for word in words)] == []


def test_either_processor_gets_its_own_and_shares_the_rest(dists: list[Path]) -> None:
    [dist, _] = dists
    template = (dist / f"sfmint-{VERSION}.yaml").read_text()
    named = re.findall(r'"\$\{CodePrefix\}([^"]+)"', template)
    shared = [name for name in named if "${Architecture}" not in name]
    assert [name.partition("-")[0] for name in named if name not in shared] == [NATIVE]
    for architecture in ARCHITECTURES:
        keys = {name.replace("${Architecture}", architecture) for name in named}
        assert {found for key in keys for found in machines(dist / key)} == {MACHINES[architecture]}
    zips = {path.name for path in dist.glob("*.zip")}
    assert zips == {name.replace("${Architecture}", each) for name in named for each in ARCHITECTURES}


def test_every_file_of_an_archive_can_be_read_and_has_no_date(dists: list[Path]) -> None:
    for path in dists[1].glob("*.zip"):
        entries = ZipFile(path).infolist()
        assert {(entry.external_attr >> 16, entry.date_time) for entry in entries} == {
            (0o100644, (1980, 1, 1, 0, 0, 0))
        }


def test_the_checksums_are_those_of_all_files_and_sha256sum_reads_them(dists: list[Path]) -> None:
    [dist, _] = dists
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=dist, capture_output=True, text=True, check=True)
    said = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    assert said == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}


def test_the_release_says_what_it_was_built_from(dists: list[Path]) -> None:
    said = json.loads((dists[0] / "build.json").read_text())
    assert said.keys() == {"version", "commit", "commit_time", "python", "zlib"}
    assert said["commit_time"] == 1790000000
    for name in ("sfmint-*.whl", "sfmint_client-*.whl"):
        wheel = ZipFile(archive(dists[0], name))
        assert {entry.date_time[:3] for entry in wheel.infolist()} == {(2026, 9, 21)}
        assert any("LICENSE" in entry.filename for entry in wheel.infolist())


def test_the_bills_of_material_are_of_the_release(dists: list[Path]) -> None:
    bills = {path.name: json.loads(path.read_text()) for path in dists[0].glob("*.cdx.json")}
    assert bills.keys() == {"lambda.cdx.json", "sfmint.cdx.json", "sfmint-client.cdx.json"}
    assert {bill["metadata"]["component"]["version"] for bill in bills.values()} == {str(VERSION)}
    assert {bill["metadata"]["timestamp"][:10] for bill in bills.values()} == {"2026-09-21"}


def test_the_clients_wheel_holds_the_client_and_the_shared_values_and_nothing_else(dists: list[Path]) -> None:
    packages = [places.ROOT / "layers" / package for package in ("client/sfmint_client", "values/sfmint_values")]
    sources = {
        path.relative_to(package.parent).as_posix()
        for package in packages
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = ZipFile(archive(dists[0], "sfmint_client-*.whl")).namelist()
    assert {name for name in held if ".dist-info/" not in name} == sources
