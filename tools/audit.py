"""Asks whether a known weakness is in a pinned package: ``python tools/audit.py``, in every file of pins.

The public index is asked (pip-audit --strict): a package that it does not know is a failure, not a pass. ``--osv URL`` asks a
service that speaks OSV's protocol in its place; such a service says nothing of packages that it does not know. Exit code: 0
nothing known, 1 something found or nobody could be asked.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from environments import ENVIRONMENTS

ROOT = Path(__file__).resolve().parent.parent
LAYER = ROOT / "layers/dependencies/requirements.txt"
_PLAIN = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
_FOUND = "known vulnerabilit"  # "Found 1 known vulnerability in 1 package", on standard error


class Weak(Exception):  # noqa: N818 - what a package is
    """A weakness of a pinned package is known; the text is pip-audit's table."""


class NotAudited(Exception):  # noqa: N818 - what the pins are
    """Nobody could be asked of a package."""


def sets() -> list[Path]:
    """Return every file of pins."""
    return [LAYER, *sorted((ROOT / "requirements").glob("*.txt"))]


def audit(pins: Path, service: Sequence[str] = ()) -> None:
    """Ask of every package in a file of pins.

    Args:
        pins: the file.
        service: pip-audit's words for another service than the public index.

    Raises:
        Weak: something is known.
        NotAudited: of a package nothing could be learned.
    """
    python = str(ENVIRONMENTS["audit"].python)
    command = [python, "-m", "pip_audit", *_PLAIN, *service, "--requirement", str(pins)]
    # A person's settings may name another service, of which nobody here was told.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIP_AUDIT_")}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    if _FOUND in done.stderr:
        raise Weak(done.stdout.strip())
    raise NotAudited(reason(done.stderr))


def reason(said: str) -> str:
    """Return cause and remedy in one line.

    Args:
        said: what pip-audit wrote when it learned nothing.
    """
    lines = [line for line in said.splitlines() if line.strip()] or ["pip-audit says nothing"]
    last = lines[-1].removeprefix("ERROR:pip_audit._cli:")
    return f"{last[:200]}. Run it where the public index answers, not a mirror; or name a service: make audit OSV=URL."


def main(arguments: list[str] | None = None) -> int:
    """Audit the files named on the command line, or all."""
    parser = argparse.ArgumentParser(
        prog="audit.py", description="Ask whether weaknesses of pinned packages are known."
    )
    parser.add_argument(
        "--osv", metavar="URL", help="a service that speaks OSV's protocol, in place of the public index"
    )
    parser.add_argument("pins", type=Path, nargs="*", help="files of pins (default: all)")
    words = parser.parse_args(arguments)
    service = ("--vulnerability-service", "osv", "--osv-url", words.osv) if words.osv else ()
    weak = 0
    for pins in words.pins or sets():
        try:
            audit(pins, service)
        except Weak as found:
            weak += 1
            print(f"{_named(pins)}: known weaknesses. Raise these pins, as CONTRIBUTING.md says.\n{found}")
        except NotAudited as error:
            print(f"error: {_named(pins)}: {error}", file=sys.stderr)
            return 1
        else:
            print(f"{_named(pins)}: nothing known")
    return 1 if weak else 0


def _named(pins: Path) -> Path:
    return pins.relative_to(ROOT) if pins.is_relative_to(ROOT) else pins


if __name__ == "__main__":
    sys.exit(main())
