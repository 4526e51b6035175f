"""What a change set would do, as a table."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What is lost with the resource itself: rows and budgets, all sealed tokens, the keys of connections.
PRECIOUS = {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::SecretsManager::Secret"}
_LOST = {
    "replace": "WARNING: {} WOULD BE REPLACED: what it holds does not move.",
    "remove": "WARNING: {} WOULD BE REMOVED FROM THE STACK: what it holds does not move.",
    "perhaps replace": "note: {} may be replaced; CloudFormation cannot tell beforehand.",
}
_ORDER = ("remove", "replace", "perhaps replace", "change", "add", "import")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one resource.

    Attributes:
        act: add, change, perhaps replace, replace, remove or import.
        logical: its name in the template.
        kind: its type.
    """

    act: str
    logical: str
    kind: str

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Change":
        """Return a change as CloudFormation describes it (ResourceChange of DescribeChangeSet)."""
        act = {"Add": "add", "Remove": "remove", "Import": "import"}.get(said["Action"], "change")
        if act == "change":
            act = {"True": "replace", "Conditional": "perhaps replace"}.get(said.get("Replacement", ""), "change")
        return cls(act=act, logical=said["LogicalResourceId"], kind=said["ResourceType"])


def table(changes: Iterable[Change]) -> str:
    """Return changes as aligned lines, what is lost first, with a line of counts."""
    ordered = sorted(changes, key=lambda change: (_ORDER.index(change.act), change.kind, change.logical))
    width = max((len(change.logical) for change in ordered), default=0)
    lines = [f"  {change.act:15}  {change.logical:{width}}  {change.kind}" for change in ordered]
    counts = Counter(change.act for change in ordered)
    total = ", ".join(f"{counts[act]} to {act}" for act in _ORDER if counts[act])
    return "\n".join([*lines, f"  in all: {total or 'nothing'}"])


def warnings(changes: Iterable[Change]) -> list[str]:
    """Return a loud sentence for each resource whose content would be lost, a quiet one where that cannot be told."""
    return [
        _LOST[change.act].format(f"{change.logical} ({change.kind})")
        for change in changes
        if change.kind in PRECIOUS and change.act in _LOST
    ]
