"""What a conditional write means, carried out on one item in memory: DynamoDB's own rules, for stores that have none.

Source: Amazon DynamoDB Developer Guide, "Update expressions" and "Condition and filter expressions".
"""

from typing import Literal

from sfmint.errors import CacheUnavailable
from sfmint.row import conditional_write as cw


def holds(clause: cw.Clause, item: cw.Item) -> bool:
    """Return whether a condition holds in an item, as DynamoDB decides it."""
    match clause:
        case cw.Named(clause=inner):
            return holds(inner, item)
        case cw.Not(inner):
            return not holds(inner, item)
        case cw.AllOf(clauses):
            return all(holds(inner, item) for inner in clauses)
        case cw.AnyOf(clauses):
            return any(holds(inner, item) for inner in clauses)
        case _:
            return _compares(clause, item)


def _compares(clause: cw.Comparison, item: cw.Item) -> bool:
    match clause:
        case cw.Missing(name):
            return name not in item
        case cw.Compare(name, operator, value):
            return name in item and _compare(operator, item[name], value)
        case cw.Same(name, other):
            return name in item and other in item and item[name] == item[other]
        case cw.Between(name, low, high):
            instant = item.get(name)
            return isinstance(instant, int | float) and low <= instant <= high
        case cw.Contains(name, member):
            members = item.get(name)
            return isinstance(members, frozenset) and member in members
        case cw.FewerThan(name, members):
            present = item.get(name)
            return isinstance(present, frozenset) and len(present) < members
        case cw.OfType(name, kind):
            return name in item and _kind_of(item[name]) == kind


def permits(update: cw.ConditionalWrite, item: cw.Item | None) -> bool:
    """Return whether an update may be carried out on an item; None: there is none."""
    return update.condition is None or holds(update.condition, item or {})


def carried_out(update: cw.ConditionalWrite, item: cw.Item | None) -> dict[str, cw.Value]:
    """Return the item after an update; its condition is not looked at.

    Raises:
        CacheUnavailable: a counted attribute is no whole number, or one that members are added to is no set.
    """
    after = dict(item or {})
    after |= {name: value for name, value in update.keep.items() if name not in after}
    for name in update.increment:
        after[name] = _counted_up(after.get(name, 0))
    for name, members in update.add.items():
        after[name] = _joined(after.get(name, frozenset()), members)
    after |= update.assign
    for name in update.remove:
        after.pop(name, None)
    return after


def _compare(operator: str, left: cw.Value, right: cw.Value) -> bool:
    if operator == "=":
        return left == right
    if operator == "<>":
        return left != right
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right}[operator]


def _kind_of(value: cw.Value) -> Literal["S", "N", "B", "SS"] | None:
    match value:
        case str():
            return "S"
        case bytes():
            return "B"
        case int() | float():
            return "N"
        case frozenset():
            return "SS" if value else None  # an empty one stands for a foreign value


def _counted_up(count: cw.Value) -> int:
    if isinstance(count, int):
        return count + 1
    raise _refused()


def _joined(present: cw.Value, members: frozenset[str]) -> frozenset[str]:
    if isinstance(present, frozenset):
        return present | members
    raise _refused()


def _refused() -> CacheUnavailable:
    return CacheUnavailable(
        "The row holds a value of a type that cannot be counted up or added to.",
        remedy="Ask for a token, which repairs the row, and call again.",
    )
