"""What the roles of a stack have asked of the embedded AWS, as its launcher has written it down."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "role-calls.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCall:
    """A request of AWS in the name of a role.

    Attributes:
        role: its name.
        action: as IAM calls it, such as ``kms:Decrypt``.
        resource: the ARN that IAM judges, or ``*``.
        context: IAM's condition keys of the request.
        allowed: whether the role may.
    """

    role: str
    action: str
    resource: str
    context: Mapping[str, str]
    allowed: bool


def read(folder: Path) -> list[RoleCall]:
    """Return the requests that are written down in a folder; none where nothing was."""
    file = folder / FILE
    lines = file.read_text().splitlines() if file.exists() else []
    return [RoleCall(**json.loads(line)) for line in lines]
