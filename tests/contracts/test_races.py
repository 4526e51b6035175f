"""Each store while many write at once, on the embedded AWS, whose writes are atomic as AWS's are; moto's are not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier

import pytest

from embedded_access import embedded_access
from sfmint.adapters.aws.services import Aws
from sfmint.adapters.stores import open_store
from sfmint.adapters.stores.parameter_folder import DATE_S
from sfmint.aws_access.budget import Budget
from sfmint.cache_backend import CacheBackend, DynamoDb, ParameterStore
from sfmint.ports import Store
from sfmint.row import writes
from sfmint.row.conditional_write import Written
from sfmint.row.decisions import Lease, Progress, Want
from sfmint.row.row import CacheRow
from sfmint_local.environments import BareStack
from sfmint_local.environments.bare_stack import STACK, TABLE
from sfmint_testing.fakes import NOON, FakeClock
from sfmint_testing.rows import ATTEMPT
from sfmint_values.system import SystemClock
from time_for_aws import repeats_by

CALLERS = 16
ROUNDS = 5
_NUMBERS = count(1)

type MakeStore = Callable[[FakeClock], Store]


@pytest.fixture(params=["dynamodb", "parameter-store"])
def make_store(request: pytest.FixtureRequest, bare_stack: BareStack) -> MakeStore:
    aws = Aws(embedded_access(bare_stack.aws.endpoint_url), None, SystemClock(), Budget(SystemClock()))
    backend: CacheBackend = DynamoDb(TABLE) if request.param == "dynamodb" else ParameterStore()
    return lambda clock: open_store(
        backend, aws, stack=STACK, key_arn=bare_stack.key_arn, clock=clock, repeats=repeats_by(clock)
    )[0]


def winners(stores: list[Store], clocks: list[FakeClock], key: str, seen: int | None) -> list[int]:
    """Let everybody acquire at the same moment; return who has got the lease."""
    start = Barrier(len(stores), timeout=30)

    def acquire(number: int) -> bool:
        attempt = replace(ATTEMPT, me=f"me-{number}", seen=seen, since=clocks[number].now())
        row = CacheRow.from_item(stores[number].read(key))
        start.wait()
        return isinstance(stores[number].write(key, writes.acquire(attempt, row, Want(), Progress())), Written)

    with ThreadPoolExecutor(len(stores)) as pool:
        outcomes = list(pool.map(acquire, range(len(stores))))
    return [number for number, won in enumerate(outcomes) if won]


def test_one_of_many_gets_the_lease_and_one_the_next(make_store: MakeStore) -> None:
    clock = FakeClock()
    stores = [make_store(clock) for _ in range(CALLERS)]
    for _ in range(ROUNDS):
        key = f"t1#race-{next(_NUMBERS)}"
        assert len(winners(stores, [clock] * CALLERS, key, None)) == 1
        clock.time += 21  # the holder is lost
        assert len(winners(stores, [clock] * CALLERS, key, 1)) == 1


def test_never_two_get_the_lease_though_their_clocks_show_different_dates(make_store: MakeStore) -> None:
    clocks = [FakeClock() for _ in range(CALLERS)]
    stores = [make_store(clock) for clock in clocks]
    for _ in range(ROUNDS):
        key, edge = f"t1#race-{next(_NUMBERS)}", (NOON // DATE_S + 1) * DATE_S
        for number, clock in enumerate(clocks):
            clock.time = edge + (0.5 if number % 2 else -0.5)
        won = winners(stores, clocks, key, None)
        assert len(won) <= 1
        for clock in clocks:
            clock.time += 1.5  # whoever gave it back has waited
        assert len(won or winners(stores, clocks, key, None)) == 1


def test_a_flush_among_many_is_never_undone(make_store: MakeStore) -> None:
    clock = FakeClock()
    stores = [make_store(clock) for _ in range(CALLERS)]
    for _ in range(ROUNDS):
        key = f"t1#race-{next(_NUMBERS)}"
        [holder] = winners(stores, [clock] * CALLERS, key, None)
        start = Barrier(2, timeout=30)

        def publish(key: str = key, holder: int = holder, start: Barrier = start) -> None:
            lease = Lease(attempt=replace(ATTEMPT, me=f"me-{holder}"), fence=1, row=CacheRow())
            start.wait()
            stores[holder].write(key, replace(writes.release(lease), name="publish", assign={"fingerprint": "old"}))

        def flush(key: str = key, start: Barrier = start) -> None:
            start.wait()
            stores[0].write(key, writes.flush())

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(publish), pool.submit(flush)]:
                done.result()
        row = CacheRow.from_item(stores[0].read(key))
        assert (row.fence, row.fingerprint) == (2, None)
