"""Makes a SAM build lean and quick to start: ``python tools/lean.py .aws-sam/build``.

SAM ships no byte code, and a layer is read-only, so every cold start would compile every module anew. It ships whole
libraries too, of which the functions use a part, and certifi's authorities in one file, of which a start would parse all.
Two builds of the same sources are equal, byte for byte.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import authority_folder
import lambdas_python
from build_size import Weight, artefacts, table
from lambdas_python import OtherPython
from sdk_models import SDK_OPERATIONS, shorten

# At the top of a layer: what pip keeps for itself. No module reads metadata, save urllib3's HTTP/2, which needs h2.
_KEPT_BY_PIP = ("*.dist-info", "*.data", "bin", "requirements.txt")
_UNREAD = ("__pycache__", "tests", "*.pyi")
# Packages that only a compiler of C needs (cryptography has been compiled), time zones that are asked for by no name, and the
# authorities that botocore reads where certifi is missing.
NEVER_IMPORTED = ("cffi", "pycparser", "dateutil/zoneinfo", "botocore/cacert.pem")
# Of these folders nothing is kept but what is named, and their files.
_USED = {
    "aws_lambda_powertools": {"exceptions", "logging", "metrics", "shared", "tracing", "utilities", "warnings"},
    "aws_lambda_powertools/utilities": {"jmespath_utils"},
    "botocore/data": SDK_OPERATIONS.keys(),
}


class NotABuild(Exception):  # noqa: N818 - what the folder is
    """The folder does not hold what `sam build` makes."""


class NoByteCode(Exception):  # noqa: N818 - what there is
    """A module of the build does not compile."""


def make_lean(build: Path) -> None:
    """Take from a build what no function reads, and add byte code and certifi's authorities by name.

    Doing it twice does no harm.

    Args:
        build: the folder that `sam build` has made, such as ``.aws-sam/build``.

    Raises:
        OtherPython: this is not CPython 3.13.
        NotABuild: the folder holds something else, of which nothing may be removed.
        NoByteCode: a module does not compile.
    """
    lambdas_python.check()
    for artefact in _checked(build):
        for path in _superfluous(artefact):
            _remove(path)
        shorten(artefact / "python/botocore/data")
        if (bundle := artefact / "python/certifi/cacert.pem").is_file():
            authority_folder.write(bundle, bundle.with_name("authorities"))
        add_byte_code(artefact)


def _checked(build: Path) -> list[Path]:
    # SAM writes its record beside the folder: a source tree, whose tests would be removed, has none.
    if not ((build / "template.yaml").is_file() and (build.parent / "build.toml").is_file()):
        raise NotABuild(f"{build} holds no build of the SAM CLI. Run `make build`, or name its folder: .aws-sam/build.")
    return artefacts(build)


def _superfluous(artefact: Path) -> Iterator[Path]:
    layer = artefact / "python"
    for pattern in (*_KEPT_BY_PIP, *NEVER_IMPORTED):
        yield from layer.glob(pattern)
    for folder, used in _USED.items():
        yield from (path for path in layer.glob(f"{folder}/*") if path.is_dir() and path.name not in used)
    for pattern in _UNREAD:
        yield from sorted(artefact.rglob(pattern))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)  # it may have gone with its folder


def add_byte_code(artefact: Path) -> None:
    """Add byte code that Lambda uses unchecked to all modules of a folder.

    Args:
        artefact: a function's folder, or a layer's.

    Raises:
        NoByteCode: a module does not compile.
    """
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
    """Make the build named on the command line lean and say what it weighs now."""
    parser = argparse.ArgumentParser(prog="lean.py", description="Make a SAM build lean and quick to start.")
    parser.add_argument("build", type=Path, help="the folder that `sam build` has made: .aws-sam/build")
    build = parser.parse_args(arguments).build
    try:
        make_lean(build.resolve())
    except (NotABuild, NoByteCode, OtherPython) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(map(Weight.measure, artefacts(build))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
