"""What a store means, in memory: the contract suite holds it and every backend to the same promises."""

from typing import TYPE_CHECKING, ClassVar

from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Value, Written
from sfmint.row.evaluate import carried_out, holds, permits
from sfmint.row.guarantees import Guarantee
from sfmint_testing.fakes import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ReferenceStore", "holds"]


class ReferenceStore(Faults):
    """Items in a dictionary.

    Attributes:
        on_the_way: happens once, when the next write is on its way.
    """

    CANNOT_PROMISE: ClassVar[frozenset[Guarantee]] = frozenset()
    LONGEST_READ: ClassVar[int] = 1
    LONGEST_WRITE: ClassVar[int] = 1

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, dict[str, Value]] = {}
        self.calls: list[str] = []
        self.behind: float | None = None
        self.on_the_way: Callable[[], object] = _nothing

    def behind_s(self) -> float | None:
        return self.behind

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

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        self.calls.append(update.name)
        self.strike(update.name)
        happen, self.on_the_way = self.on_the_way, _nothing
        happen()
        old = self.items.get(key)
        if not permits(update, old):
            return ConditionFailed(dict(old) if old else None)
        self.items[key] = carried_out(update, old)
        self.strike(f"after {update.name}")
        self.strike("answer")
        return Written(dict(self.items[key]))


def _nothing() -> None:
    pass
