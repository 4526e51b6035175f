"""What a step of the demo showed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class FalseClaimError(Exception):
    """A step showed something else than it says."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a step that kept its claim has to tell.

    Attributes:
        detail: a line for a person; without secrets.
        source: where the token came from: ``minted``, ``memory``, ``cache``; empty where the step is not about one.
    """

    detail: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A step that ran.

    Attributes:
        name: the step.
        ok: whether its claim is true.
        ms: how long it took.
        logins: how many logins it cost at Salesforce, by the org's own count.
        shown: its line, or why the claim is false.
    """

    name: str
    ok: bool
    ms: int
    logins: int
    shown: Shown


def write(outcomes: Sequence[Outcome], file: Path) -> None:
    """Write the outcomes as JSON for programs to read."""
    steps = [
        {"name": step.name, "ok": step.ok, "ms": step.ms, "logins": step.logins, "detail": step.shown.detail}
        for step in outcomes
    ]
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"steps": steps}, indent=2, ensure_ascii=False) + "\n")
