"""Makes a SAM build lean and quick to start: ``python tools/lean.py .aws-sam/build``.

SAM ships no byte code, and a layer is read-only, so every cold start would compile every module anew. It ships all of
botocore's service models too, most of a layer's size. Two builds of the same sources are equal, byte for byte.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SERVICES = frozenset(
    {"dynamodb", "kms", "lambda", "secretsmanager", "sns", "ssm", "sts"}
)  # all that the functions call

# At the top of a layer: what pip keeps for itself. No module reads metadata, save urllib3's HTTP/2, which needs h2.
_KEPT_BY_PIP = ("*.dist-info", "*.data", "bin", "requirements.txt")
_UNREAD = ("__pycache__", "tests", "*.pyi")


class NotABuild(Exception):  # noqa: N818 - what the folder is
    """The folder does not hold what `sam build` makes."""


class NoByteCode(Exception):  # noqa: N818 - what there is
    """A module of the build does not compile."""


def make_lean(build: Path) -> None:
    """Takes from a build what no function reads, and adds byte code; doing it twice does no harm.

    Args:
        build: the folder that `sam build` has made, such as ``.aws-sam/build``.

    Raises:
        NotABuild: the folder holds something else, of which nothing may be removed.
        NoByteCode: a module does not compile.
    """
    for artefact in _artefacts(build):
        for path in _superfluous(artefact):
            _remove(path)
        _compile(artefact)


def size(build: Path) -> int:
    """Returns the bytes of all files of a folder."""
    return sum(path.stat().st_size for path in build.rglob("*") if path.is_file())


def _artefacts(build: Path) -> list[Path]:
    # SAM writes its record beside the folder: a source tree, whose tests would be removed, has none.
    if not ((build / "template.yaml").is_file() and (build.parent / "build.toml").is_file()):
        raise NotABuild(f"{build} holds no build of the SAM CLI. Run `make build`, or name its folder: .aws-sam/build.")
    return sorted(path for path in build.iterdir() if path.is_dir())


def _superfluous(artefact: Path) -> Iterator[Path]:
    layer = artefact / "python"
    for pattern in _KEPT_BY_PIP:
        yield from layer.glob(pattern)
    for model in layer.glob("botocore/data/*"):
        if model.is_dir() and model.name not in SERVICES:  # the files beside them hold endpoints and retries
            yield model
    for pattern in _UNREAD:
        yield from sorted(artefact.rglob(pattern))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)  # it may have gone with its folder


def _compile(artefact: Path) -> None:
    # Zipping dates files to 1980, so only byte code that is never checked against its source's time is used.
    flags = ["-q", "-f", "--invalidation-mode", "unchecked-hash"]
    # Not this folder but Lambda's is written into it.
    home = "/opt" if (artefact / "python").is_dir() else "/var/task"
    # A bare interpreter of its own: what else is in memory would decide how constants are shared, and so the bytes.
    bare = [sys.executable, "-I", "-S", "-m", "compileall"]
    done = subprocess.run(
        [*bare, *flags, "-s", artefact, "-p", home, artefact], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NoByteCode(f"A module of {artefact} does not compile. Correct it and build again.\n{done.stdout.strip()}")


def main(arguments: list[str] | None = None) -> int:
    """Makes the build named on the command line lean and says what that saved."""
    parser = argparse.ArgumentParser(prog="lean.py", description="Make a SAM build lean and quick to start.")
    parser.add_argument("build", type=Path, help="the folder that `sam build` has made: .aws-sam/build")
    build = parser.parse_args(arguments).build
    try:
        before = size(build)
        make_lean(build.resolve())
    except (NotABuild, NoByteCode) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"lean: {before / 1e6:.1f} MB became {size(build) / 1e6:.1f} MB, byte code included")
    return 0


if __name__ == "__main__":
    sys.exit(main())
