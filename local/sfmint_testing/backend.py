"""One store as the contract suite meets it: behind its port, with a back door, and with a way to come in between."""

from collections.abc import Callable
from dataclasses import dataclass

from sfmint.cache_backend import DynamoDb
from sfmint.errors import CacheUnavailable
from sfmint.ports import Sealer, Store
from sfmint.row.conditional_write import Item
from sfmint_testing.fakes import FakeClock, FakeSealer
from sfmint_testing.reference_store import ReferenceStore


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A store and what tests need beside it.

    Attributes:
        put: lays an item down as it is, whatever stood there.
        before_next_write: lets something happen once, when the next write has decided and is on its way.
        lose_next_answer: lets the next write be carried out and its answer be lost.
        poll_s: how long who waits for the store pauses.
        put_date_ahead: sets the clock that the store's answers show so many seconds before this one; None: they show none.
    """

    store: Store
    sealer: Sealer
    clock: FakeClock
    put: Callable[[str, Item], None]
    before_next_write: Callable[[Callable[[], object]], None]
    lose_next_answer: Callable[[], None]
    poll_s: tuple[float, float] = DynamoDb.poll_s
    put_date_ahead: Callable[[float], None] | None = None


def in_memory() -> Backend:
    """Return the reference."""
    store, clock = ReferenceStore(), FakeClock()

    def put(key: str, item: Item) -> None:
        store.items[key] = dict(item)

    def before(happen: Callable[[], object]) -> None:
        store.on_the_way = happen

    def lose() -> None:
        store.fail_next("answer", CacheUnavailable("The store did not answer.", remedy="Call again."))

    def put_date_ahead(seconds: float) -> None:
        store.behind = seconds

    return Backend(
        store=store,
        sealer=FakeSealer(),
        clock=clock,
        put=put,
        before_next_write=before,
        lose_next_answer=lose,
        put_date_ahead=put_date_ahead,
    )
