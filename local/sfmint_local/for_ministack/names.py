"""MiniStack's own names, which a new version of it may have changed."""

import sys
import types
from typing import Any


def named(module: types.ModuleType, name: str) -> Any:
    """Return what a module of MiniStack has under a name, or end the program."""
    if not hasattr(module, name):
        give_up(f"{module.__name__}.{name}")
    return getattr(module, name)


def give_up(expected: str) -> None:
    """End the program, because MiniStack lacks what is expected of it."""
    sys.exit(
        f"error: MiniStack is not the version that the launcher knows: it lacks {expected!r}. "
        "Pin the version of requirements/ministack.in again, or review local/sfmint_local/launcher.py."
    )
