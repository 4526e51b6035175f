"""Where this program keeps, for the person who runs it, what outlives a run."""

import os
from pathlib import Path

from sfmint_cli.result import Failed


def state_folder(subject: str) -> Path:
    """Return the folder of a subject, which need not be there.

    Raises:
        Failed: nobody says where the person's home is, as in a container that runs under a number of its own.

    Source: XDG Base Directory Specification, XDG_STATE_HOME.
    """
    named = os.environ.get("XDG_STATE_HOME", "")  # noqa: TID251 - the person's, not a function's
    return (Path(named) if named.startswith("/") else _home() / ".local/state") / "sfmint" / subject


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise Failed(
            "There is no home folder to keep anything in.",
            remedy="Set HOME or XDG_STATE_HOME to a folder of yours.",
            name="NoStateFolder",
        ) from None
