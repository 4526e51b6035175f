"""What is deployed, as folders: sfmint as `make build` leaves it, its rivals as `sam build` does."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import authority_folder
from lean import add_byte_code
from sfmint_local import artefact, places
from sfmint_local.child import Child

_RIVALS = Path(__file__).with_name("rivals")
_BUILT = places.LOCAL / "bench" / "rivals"
_COMPILED = _BUILT / "naive-with-byte-code"
_STAMP = _BUILT / "sources.sha256"
_PINS = places.ROOT / "requirements" / "dev.txt"
_PIN = re.compile(r"^[A-Za-z0-9._-]+==[^ ;]+", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A function as it is deployed.

    Attributes:
        name: what people call it.
        folders: the function's own and those of its layers, as Lambda puts them on the search path.
    """

    name: str
    folders: tuple[Path, ...]

    def copied(self, to: Path, name: str, *, byte_code: bool = True) -> "Artefact":
        """Copy it, so that a build meanwhile does not change it.

        Args:
            to: a folder that is not there yet.
            name: of the copy.
            byte_code: whether to copy it too.
        """
        left_out = None if byte_code else shutil.ignore_patterns("__pycache__")
        copies = [
            shutil.copytree(folder, to / str(number), ignore=left_out) for number, folder in enumerate(self.folders)
        ]
        return Artefact(name=name, folders=tuple(copies))

    def trust(self, bundle: Path) -> None:
        """Add authorities to those that `make build` has made of certifi's.

        Args:
            bundle: a PEM file.
        """
        [certifi] = (folder for layer in self.folders if (folder := layer / "certifi").is_dir())
        authority_folder.add(bundle, certifi / "authorities")

    def compile(self) -> None:
        """Add byte code that is used unchecked, as a careful builder does.

        Raises:
            NoByteCode: a module does not compile.
        """
        for folder in self.folders:
            add_byte_code(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A function that somebody else would deploy.

    Attributes:
        name: what people call it.
        module: of the package `rivals`.
        requirements: what its requirements.txt names.
    """

    name: str
    module: str
    requirements: tuple[str, ...]

    @property
    def resource(self) -> str:
        """Its logical id in the template, which also names its folders."""
        return "".join(word.capitalize() for word in re.split(r"\W+", self.name))


NAIVE = Rival(name="naive", module="naive", requirements=("boto3", "PyJWT[crypto]", "requests"))
NAIVE_ON_LAMBDAS_BOTO3 = Rival(
    name="naive on Lambda's boto3", module="naive", requirements=("PyJWT[crypto]", "requests")
)
CACHED_SECRET = Rival(
    name="cached secret", module="cached_secret", requirements=("aws-secretsmanager-caching", *NAIVE.requirements)
)
RIVALS = (NAIVE, NAIVE_ON_LAMBDAS_BOTO3, CACHED_SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """Everything that is started cold.

    Attributes:
        broker: the token broker with its layers, as `make build` makes it.
        broker_without_byte_code: the same as it would be without.
        naive_with_byte_code: the naive recipe as a careful builder ships it.
        rivals: as `sam build` ships them, without byte code.
    """

    broker: Artefact
    broker_without_byte_code: Artefact
    naive_with_byte_code: Artefact
    rivals: Mapping[Rival, Artefact]


def built(folder: Path) -> Artefacts:
    """Build what has changed since the last build, and copy what a later build may change.

    Args:
        folder: for the copies.

    Raises:
        LocalStackError: a build failed.
    """
    with artefact.held():
        artefact.build(folder / "build.log")
        broker = _broker().copied(folder / "sfmint", "sfmint")
        if _needs_build():
            _build()
    return Artefacts(
        broker=broker,
        broker_without_byte_code=broker.copied(
            folder / "sfmint-without-byte-code", "sfmint without byte code", byte_code=False
        ),
        naive_with_byte_code=Artefact(name="naive with byte code", folders=(_COMPILED / "0",)),
        rivals={rival: _rival(rival) for rival in RIVALS},
    )


def _broker() -> Artefact:
    layers = (places.ARTEFACT / layer / "python" for layer in ("CoreLayer", "DependenciesLayer"))
    return Artefact(name="sfmint", folders=(places.ARTEFACT / "TokenBroker", *layers))


def _rival(rival: Rival) -> Artefact:
    runtime = places.LAMBDA_PYTHON.parents[1] / "lib" / "python3.13" / "site-packages"
    folders = (_BUILT / "build" / rival.resource, *([runtime] if rival is NAIVE_ON_LAMBDAS_BOTO3 else []))
    return Artefact(name=rival.name, folders=folders)


def _needs_build() -> bool:
    return not (_STAMP.exists() and _STAMP.read_text() == _digest())


def _build() -> None:
    shutil.rmtree(_BUILT, ignore_errors=True)
    for rival in RIVALS:
        folder = _BUILT / rival.resource
        folder.mkdir(parents=True)
        shutil.copy(_RIVALS / f"{rival.module}.py", folder / "app.py")
        (folder / "requirements.txt").write_text("\n".join([*rival.requirements, ""]))
    (_BUILT / "template.json").write_text(json.dumps(_template()))
    (_BUILT / "pins.txt").write_text("\n".join([*_PIN.findall(_PINS.read_text()), ""]))
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(places.ROOT / ".venv" / "bin"), os.environ["PATH"]]),
        "PIP_CONSTRAINT": str(_BUILT / "pins.txt"),
        "SAM_CLI_TELEMETRY": "0",
    }
    command: list[str | Path] = [
        places.SAM,
        "build",
        "--parallel",
        "--template",
        "template.json",
        "--build-dir",
        "build",
    ]
    log = places.LOCAL / "bench" / "rivals.log"
    Child.run("sam build of the rivals", command, environment=environment, log=log, folder=_BUILT)
    _rival(NAIVE).copied(_COMPILED, NAIVE.name).compile()
    _STAMP.write_text(_digest())


def _template() -> dict[str, object]:
    function = {"Runtime": "python3.13", "Handler": "app.handler", "Architectures": [artefact.ARCHITECTURE]}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            rival.resource: {"Type": "AWS::Serverless::Function", "Properties": {**function, "CodeUri": rival.resource}}
            for rival in RIVALS
        },
    }


def _digest() -> str:
    digest = hashlib.sha256(f"{RIVALS} {_template()}".encode())
    for path in (_PINS, *(_RIVALS / f"{rival.module}.py" for rival in RIVALS)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
