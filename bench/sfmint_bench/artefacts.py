"""What is deployed, as folders: sfmint as `make build` leaves it, its rivals as `sam build` does."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sfmint_bench.footing import base_interpreter
from sfmint_local import artefact, places
from sfmint_local.child import Child

_RIVALS = Path(__file__).with_name("rivals")
_BUILT = places.LOCAL / "bench" / "rivals"
_PINS = places.ROOT / "requirements" / "dev.txt"
_PIN = re.compile(r"^[A-Za-z0-9._-]+==[^ ;]+", re.MULTILINE)
_ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A function as it is deployed.

    Attributes:
        name: what people call it.
        folders: the function's own and those of its layers, as Lambda puts them on the search path.
    """

    name: str
    folders: tuple[Path, ...]

    def copied(self, to: Path, name: str = "", *, byte_code: bool = True) -> "Artefact":
        """Copies it, so that a build meanwhile does not change it.

        Args:
            to: a folder that is not there yet.
            name: of the copy; as the original's by default.
            byte_code: whether to copy it too.
        """
        left_out = None if byte_code else shutil.ignore_patterns("__pycache__")
        copies = [
            shutil.copytree(folder, to / str(number), ignore=left_out) for number, folder in enumerate(self.folders)
        ]
        return Artefact(name=name or self.name, folders=tuple(copies))

    def compile(self) -> None:
        """Adds byte code, which is used unchecked: as a careful builder does.

        Raises:
            CalledProcessError: a module does not compile.
        """
        flags = ["-q", "-f", "--invalidation-mode", "unchecked-hash"]
        subprocess.run([base_interpreter(), "-I", "-S", "-m", "compileall", *flags, *self.folders], check=True)


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
SIMPLE_SALESFORCE = Rival(
    name="simple-salesforce", module="simple_salesforce_login", requirements=("boto3", "simple-salesforce")
)
RIVALS = (NAIVE, NAIVE_ON_LAMBDAS_BOTO3, CACHED_SECRET, SIMPLE_SALESFORCE)


def built_broker(to: Path) -> Artefact:
    """Returns the token broker as `make build` makes it, with its layers, copied to a folder that is not there yet.

    Raises:
        LocalStackError: the build failed.
    """
    built = places.ARTEFACT
    layers = (built / "CoreLayer" / "python", built / "DependenciesLayer" / "python")
    with artefact.held():
        artefact.build(to.with_suffix(".log"))
        return Artefact(name="sfmint", folders=(built / "TokenBroker", *layers)).copied(to)


def built_rivals() -> dict[Rival, Artefact]:
    """Returns every rival as `sam build` ships it, built anew only where a source or a pin has changed.

    Raises:
        LocalStackError: the build failed.
    """
    with artefact.held():
        stamp, sources = _BUILT / "sources.sha256", _digest(RIVALS)
        if not (stamp.exists() and stamp.read_text() == sources):
            _build(RIVALS)
            stamp.write_text(sources)
    runtime = places.LAMBDA_PYTHON.parents[1] / "lib" / "python3.13" / "site-packages"
    return {
        rival: Artefact(
            name=rival.name,
            folders=(_BUILT / "build" / rival.resource, *([runtime] if rival is NAIVE_ON_LAMBDAS_BOTO3 else [])),
        )
        for rival in RIVALS
    }


def _build(rivals: Sequence[Rival]) -> None:
    shutil.rmtree(_BUILT, ignore_errors=True)
    for rival in rivals:
        folder = _BUILT / rival.resource
        folder.mkdir(parents=True)
        shutil.copy(_RIVALS / f"{rival.module}.py", folder / "app.py")
        (folder / "requirements.txt").write_text("\n".join([*rival.requirements, ""]))
    (_BUILT / "template.json").write_text(json.dumps(_template(rivals)))
    (_BUILT / "pins.txt").write_text("\n".join([*_PIN.findall(_PINS.read_text()), ""]))
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(places.ROOT / ".venv" / "bin"), os.environ["PATH"]]),
        "PIP_CONSTRAINT": str(_BUILT / "pins.txt"),
        "SAM_CLI_TELEMETRY": "0",
    }
    command: list[str | Path] = [places.SAM, "build", "--template", "template.json", "--build-dir", "build"]
    Child.run(
        "sam build of the rivals",
        command,
        environment=environment,
        log=places.LOCAL / "bench" / "rivals.log",
        folder=_BUILT,
    )


def _template(rivals: Sequence[Rival]) -> dict[str, object]:
    function = {"Runtime": "python3.13", "Handler": "app.handler", "Architectures": [_ARCHITECTURE]}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            rival.resource: {"Type": "AWS::Serverless::Function", "Properties": {**function, "CodeUri": rival.resource}}
            for rival in rivals
        },
    }


def _digest(rivals: Sequence[Rival]) -> str:
    digest = hashlib.sha256(f"{rivals} {_template(rivals)}".encode())
    for path in (_PINS, *(_RIVALS / f"{rival.module}.py" for rival in rivals)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
