"""What a store means, in memory: the contract suite holds it and every backend to the same promises."""

from fakes import Faults
from sfmint.update import (
    AllOf,
    AnyOf,
    Between,
    Clause,
    Compare,
    Contains,
    Item,
    Missing,
    Not,
    Refused,
    Same,
    Update,
    Value,
    Written,
)


class ReferenceStore(Faults):
    """What a store means, in memory: the contract suite holds every backend against it."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, dict[str, Value]] = {}
        self.calls: list[str] = []

    def read(self, key: str) -> Item | None:
        self.calls.append("read")
        self.strike("read")
        item = self.items.get(key)
        return dict(item) if item else None

    def peek(self, key: str) -> Item | None:
        self.calls.append("peek")
        self.strike("peek")
        item = self.items.get(key, {})
        return {name: value for name, value in item.items() if name != "sealed"} or None

    def write(self, key: str, update: Update) -> Written | Refused:
        self.calls.append(update.name)
        self.strike(update.name)
        old = self.items.get(key)
        if update.condition is not None and not holds(update.condition, old or {}):
            return Refused(dict(old) if old else None)
        item = dict(old or {})
        item |= {name: value for name, value in update.keep.items() if name not in item}
        for name in update.increment:
            count = item.get(name, 0)
            assert isinstance(count, int)
            item[name] = count + 1
        for name, members in update.add.items():
            present = item.get(name, frozenset())
            assert isinstance(present, frozenset)
            item[name] = present | members
        item |= update.assign
        for name in update.remove:
            item.pop(name, None)
        self.items[key] = item
        self.strike(f"after {update.name}")
        return Written(dict(item))


def holds(clause: Clause, item: Item) -> bool:
    """Return whether a condition holds in an item, as DynamoDB decides it."""
    match clause:
        case Missing(name):
            return name not in item
        case Compare(name, operator, value):
            return name in item and _compare(operator, item[name], value)
        case Same(name, other):
            return name in item and other in item and item[name] == item[other]
        case Between(name, low, high):
            instant = item.get(name)
            return isinstance(instant, int | float) and low <= instant <= high
        case Contains(name, member):
            members = item.get(name)
            return isinstance(members, frozenset) and member in members
        case Not(inner):
            return not holds(inner, item)
        case AllOf(clauses):
            return all(holds(inner, item) for inner in clauses)
        case AnyOf(clauses):
            return any(holds(inner, item) for inner in clauses)


def _compare(operator: str, left: Value, right: Value) -> bool:
    if operator == "=":
        return left == right
    if operator == "<>":
        return left != right
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right}[operator]
