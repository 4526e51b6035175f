"""Where this program keeps, for the person who runs it, what outlives a run."""

import os
from pathlib import Path


def state_folder(subject: str) -> Path:
    """Return the folder of a subject, which need not be there.

    Source: XDG Base Directory Specification, XDG_STATE_HOME.
    """
    named = os.environ.get("XDG_STATE_HOME", "")  # noqa: TID251 - the person's, not a function's
    state = Path(named) if named.startswith("/") else Path.home() / ".local/state"
    return state / "sfmint" / subject
