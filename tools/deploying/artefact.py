"""The artefact: built for one processor, told apart by a digest, and put into the bucket by the SAM CLI.

The files of a stack lie under a prefix of its own, for stacks share the bucket that the SAM CLI makes.
"""

import hashlib
import json
import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deploying.errors import Failed, Refused
from deploying.parameters import BUILD_ID, Values
from samconfig import Environment

ROOT = Path(__file__).resolve().parents[2]
SAM = ROOT / ".local/venvs/sam/bin/sam"
LOWEST_SAM = (1, 160)  # earlier ones end in a traceback at Fn::ForEach: aws-sam-cli#5647
_URI = re.compile(r"s3://([a-z0-9.-]+)/([A-Za-z0-9!_.*'()/-]+)")
_LAST_LINES = 15


def check_sam(sam: Path) -> None:
    """Check that the SAM CLI is there and new enough.

    Raises:
        Refused: it is not.
    """
    try:
        said = subprocess.run([sam, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        raise Refused(f"The SAM CLI is not at {sam}. Run `make setup`.") from None
    found = re.search(r"SAM CLI, version (\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < LOWEST_SAM:
        lowest = ".".join(map(str, LOWEST_SAM))
        raise Refused(
            f"The SAM CLI is {'.'.join(found.groups()) if found else 'of no known version'}, and {lowest} is needed (Fn::ForEach). "
            "Run `make setup`, or install a newer one."
        )


def build(root: Path, env: str, architecture: str) -> None:
    """Build the artefact as ``make build`` does.

    Raises:
        Failed: the build has failed, for the reason that it says.
    """
    command = ["make", "--no-print-directory", "build", f"ENV={env}", f"ARCHITECTURE={architecture}"]
    if subprocess.run(command, cwd=root, check=False).returncode != 0:
        raise Failed("The build has failed, for the reason above. Correct it; nothing of the stack is changed.")


def check_built(root: Path, architecture: str) -> None:
    """Check that there is a build, and that it is for the processor of the deploy.

    Raises:
        Refused: there is none, or it is for another one.
    """
    record = root / ".aws-sam/build.toml"
    if not record.is_file() or not (root / ".aws-sam/build/template.yaml").is_file():
        raise Refused(f"There is no build in {root / '.aws-sam'}. Run `make build ARCHITECTURE={architecture}` first.")
    built = {layer["architecture"] for layer in tomllib.loads(record.read_text())["layer_build_definitions"].values()}
    if built != {architecture}:
        raise Refused(
            f"The build is for {', '.join(sorted(built))}, the deploy for {architecture}: it would fail at the first "
            f'import. Run `make build ARCHITECTURE={architecture}`, or give PARAMETERS="Architecture=...".'
        )


def build_id(build: Path, parameters: Values) -> str:
    """Return a digest of a build's files and of the parameters, BuildId left out."""
    digest = hashlib.sha256()
    files = [build / "template.yaml", *(path for path in build.glob("*/**/*") if path.is_file())]
    for path in sorted(files):
        digest.update(f"{path.relative_to(build).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    said = {key: value for key, value in parameters.items() if key != BUILD_ID}
    digest.update(json.dumps(said, sort_keys=True).encode())
    return digest.hexdigest()[:12]  # SAM names the version by the first 10


def package(sam: Path, root: Path, env: str, target: Environment, region: str, variables: Mapping[str, str]) -> str:
    """Put a build into the bucket and return the template that names what is there.

    Args:
        sam: the SAM CLI.
        root: the tree, with its build.
        env: an environment of samconfig.toml.
        target: what that says.
        region: of the stack.
        variables: all that the SAM CLI sees.

    Raises:
        Failed: the SAM CLI has failed; the message has its last lines.
    """
    bucket = ["--s3-bucket", target.bucket] if target.bucket else ["--resolve-s3"]
    profile = ["--profile", target.profile] if target.profile else []
    with TemporaryDirectory() as folder:
        packaged = Path(folder) / "packaged.yaml"
        words = ["--config-env", env, "--region", region, *profile, *bucket, "--s3-prefix", target.prefix]
        command = [str(sam), "package", *words, "--no-progressbar", "--output-template-file", str(packaged)]
        # What it says is shown if it fails only: it logs a traceback at each Fn::ForEach, and goes on.
        done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:])
            raise Failed(f"{last}\n`sam package` has failed, for the reason above. Correct it and deploy again.")
        return packaged.read_text()


def uris(template: str) -> list[tuple[str, str]]:
    """Return bucket and key of each artefact that a template names."""
    return sorted({(found[1], found[2]) for found in _URI.finditer(template)})


def upload_template(s3: Any, template: str, prefix: str) -> str:
    """Put a template beside the artefacts that it names, and return the URL that CloudFormation reads.

    Args:
        s3: a client.
        template: of any size; CloudFormation takes 51,200 bytes in the call itself.
        prefix: of the stack's keys.
    """
    bucket = uris(template)[0][0]
    key = f"{prefix}/{hashlib.sha256(template.encode()).hexdigest()[:32]}.template"
    s3.put_object(Bucket=bucket, Key=key, Body=template.encode())
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"
