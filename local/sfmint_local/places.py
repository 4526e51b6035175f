"""Where things are in the working tree."""

import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
ARTEFACT = ROOT / ".aws-sam" / "build"
ENV_FILE = LOCAL / "env"
DEMO_FILE = LOCAL / "demo.json"
RUNS = LOCAL / "runs"
VENVS = LOCAL / "venvs"
EXAMPLES = ROOT / "examples"

LAUNCHER = Path(__file__).with_name("launcher.py")
MINISTACK_PYTHON = VENVS / "ministack" / "bin" / "python"
SAM = VENVS / "sam" / "bin" / "sam"
LAMBDA_PYTHON = VENVS / "lambda" / "bin" / "python"


def new_run(title: str) -> Path:
    """Make the folder of a run, under a name that begins with its title."""
    RUNS.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{title}-", dir=RUNS))
