"""A world of fakes whose rows are in the store under test."""

from dataclasses import dataclass, field, replace

from sfmint.ports import Ports
from sfmint.row.conditional_write import Item, Value
from sfmint.row.row import row_key
from sfmint_testing.backend import Backend
from sfmint_testing.world import World

KEY = row_key("orders")


@dataclass
class StoredWorld(World):
    """One stack and one org."""

    backend: Backend = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.poll_s = self.backend.poll_s

    def ports(self) -> Ports:
        return replace(super().ports(), store=self.backend.store, sealer=self.backend.sealer)

    def item(self) -> dict[str, Value]:
        return dict(self.backend.store.read(KEY) or {})

    def put(self, *without: str, **changes: Value) -> None:
        """Lay the row down again with changes, through the back door."""
        item: Item = {name: value for name, value in self.item().items() if name not in without}
        self.backend.put(KEY, {**item, **changes})
