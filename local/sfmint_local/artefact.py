"""What is deployed: the artefact of ``make build``, built when its sources have changed, used by one at a time."""

import fcntl
import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploying.connections import check_connection_names
from deploying.template import Template
from sfmint_local import authorities, places
from sfmint_local.child import Child, bare_environment

_DEPLOY = places.ROOT / "tools" / "deploy.py"
ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
# What is deployed here is there in seconds, and the SAM CLI by default looks for it every five.
SAM_SETTINGS = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.2"}
_STAMP = places.ARTEFACT / "sources.sha256"  # `sam build` begins by removing it, so another's build is noticed


@contextmanager
def held() -> Iterator[None]:
    """Keep other local stacks from building or packaging the artefact meanwhile."""
    places.LOCAL.mkdir(exist_ok=True)
    with (places.LOCAL / "artefact.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_names(connections: list[str]) -> None:
    """Check names of connections as the deploy will, before anything is started for them.

    Raises:
        Refused: a name cannot be used.
    """
    rules = Template.read(places.ROOT / "template.yaml").parameters["Connections"]
    check_connection_names(connections, rules["AllowedPattern"], rules["ConstraintDescription"])


def build(log: Path) -> bool:
    """Build the artefact with ``make build`` if its sources have changed, and tell whether it did.

    Raises:
        LocalStackError: the build failed.
    """
    sources = _digest()
    if _STAMP.exists() and _STAMP.read_text() == sources:
        return False
    # The person's own variables may hold a proxy or an index that pip needs; a make above us has flags of its own.
    # A terminal that used an earlier stack names authorities that have gone with it.
    gone = {name for name in authorities.VARIABLES if not Path(os.environ.get(name, "")).exists()}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name not in gone
    }
    command = ["make", "--no-print-directory", "build", "ENV=local", f"PYTHON={sys.executable}"]
    Child.run("make build", command, environment=environment, log=log, folder=places.ROOT)
    _STAMP.write_text(sources)
    return True


def deploy(parameters: Mapping[str, str], *, environment: Mapping[str, str], log: Path) -> None:
    """Deploy the artefact as ``make deploy`` does, with proof that every alias runs it.

    Args:
        parameters: of the template.
        environment: what points the SAM CLI at an AWS.
        log: where it says what it does.

    Raises:
        LocalStackError: the deploy failed.
    """
    words = [f"{name}={value}" for name, value in {"Architecture": ARCHITECTURE, **parameters}.items()]
    command = [sys.executable, str(_DEPLOY), "deploy", "--env", "local", *words]
    sam_deploy(command, environment=environment, log=log, folder=places.ROOT)


def sam_deploy(command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path, folder: Path) -> None:
    """Run a command in a folder whose SAM CLI shall meet an AWS and nothing of the person's own.

    Args:
        command: the SAM CLI, or what calls it.
        environment: what points it at the AWS.
        log: where it says what it does.
        folder: where it runs.

    Raises:
        LocalStackError: the command failed.
    """
    # Profiles and settings of the person's own point elsewhere.
    elsewhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with TemporaryDirectory(dir=log.parent) as scratch:  # the SAM CLI leaves a folder behind for each archive
        variables = bare_environment(**environment, **elsewhere, **SAM_SETTINGS, TMPDIR=scratch)
        Child.run("sam deploy", command, environment=variables, log=log, folder=folder)


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(places.ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (places.ROOT / name for name in ("template.yaml", "samconfig.toml", "Makefile"))
    for folder in ("functions", "layers", "tools"):
        for path in (places.ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
