"""The parts of the simulation of growth."""

import math

import pytest

from sfmint_bench.growth.hour import Load, simulated_hour
from sfmint_bench.growth.item_size import item_bytes, read_units, write_units
from sfmint_bench.growth.lambda_function import IDLE_S, START_S, LambdaFunction
from sfmint_bench.growth.log_lines import record_bytes
from sfmint_bench.growth.prices import PRICES, STANDING, a_month, bill, per_million_calls
from sfmint_bench.growth.usage import Usage


def test_logins_follow_connections_and_not_callers() -> None:
    few, many = (simulated_hour(Load(callers=callers, connections=2, way="invoke")) for callers in (2, 200))
    assert few.logins == many.logins == 24
    assert many.asked > 50 * few.asked


def test_the_client_layer_changes_invocations_and_not_logins() -> None:
    plain, layered = (simulated_hour(Load(callers=50, connections=1, way=way)) for way in ("invoke", "client"))
    assert plain.invocations["token_broker"] == plain.asked == layered.asked
    assert layered.invocations["token_broker"] < layered.asked / 5
    assert layered.logins == plain.logins


def test_stacks_are_added_up() -> None:
    used = simulated_hour(Load(callers=5, connections=2, stacks=2, way="invoke"))
    assert (used.stacks, used.connections, used.logins) == (2, 4, 48)
    assert used.invocations["token_broker"] == used.asked


def test_an_hour_without_callers_still_refreshes() -> None:
    used = simulated_hour(Load(callers=1, connections=2, stacks=2, way="invoke"))
    assert used.logins == 48


@pytest.mark.parametrize(
    ("item", "size"),
    [
        (None, 0),
        ({}, len("pk" + "key")),
        ({"name": "four"}, len("pk" + "key" + "name") + 4),
        ({"n": 1234567}, len("pk" + "key" + "n") + 4 + 1),
        ({"n": 100}, len("pk" + "key" + "n") + 1 + 1),
        ({"b": bytes(10)}, len("pk" + "key" + "b") + 10),
        ({"s": frozenset({"ab", "cd"})}, len("pk" + "key" + "s") + 3 + 3 + 3),
    ],
)
def test_an_item_is_as_large_as_dynamodb_takes_it_to_be(item: dict[str, str] | None, size: int) -> None:
    assert item_bytes("key", item) == size


def test_request_units_are_rounded_up_and_never_nothing() -> None:
    assert [read_units(size) for size in (0, 1, 4096, 4097)] == [1, 1, 1, 2]
    assert [write_units(0, size) for size in (0, 1, 1024, 1025)] == [1, 1, 1, 2]
    assert write_units(3000, 10) == 3  # the larger of the two


class Numbered:
    """Starts environments, numbered."""

    def __init__(self) -> None:
        self.started = 0
        self.function = LambdaFunction(self.start)

    def start(self) -> int:
        self.started += 1
        return self.started

    def ask(self, at: float, took_s: float = 1.0) -> int:
        return self.function.invoke(at, lambda number: (number, took_s))


def test_an_environment_serves_one_call_at_a_time() -> None:
    numbered = Numbered()
    assert [numbered.ask(at) for at in (0.0, 0.5)] == [1, 2]
    assert numbered.function.most == 2


def test_the_environment_that_was_used_last_is_taken_up_again() -> None:
    numbered = Numbered()
    assert [numbered.ask(at) for at in (0.0, 0.5, 10.0)] == [1, 2, 2]


def test_an_environment_that_nobody_needs_is_gone() -> None:
    numbered = Numbered()
    assert [numbered.ask(at) for at in (0.0, IDLE_S, 2 * IDLE_S + START_S + 2)] == [1, 1, 2]


def test_a_start_is_billed_and_milliseconds_are_rounded_up() -> None:
    numbered = Numbered()
    numbered.ask(0.0, 0.0011)
    numbered.ask(10.0, 0.0011)
    assert math.isclose(numbered.function.billed_s, START_S + 0.002 + 0.002)
    assert (numbered.function.invocations, numbered.function.starts) == (2, 1)


def test_a_hit_from_memory_writes_one_line_and_others_write_two() -> None:
    sizes = {kind.__name__: size for kind, size in record_bytes().items()}
    assert 100 < sizes["ServedFromMemory"] < sizes["Served"] / 1.5


def test_a_bill_has_every_item_and_a_month_what_stands() -> None:
    used = simulated_hour(Load(callers=10, connections=1, way="invoke"))
    assert all(dollars > 0 for dollars in bill(used).values())
    assert math.isclose(per_million_calls(used) * used.asked / 1e6, sum(bill(used).values()))
    nobody = Usage(connections=3, stacks=1, metrics=2)
    assert a_month(nobody) == pytest.approx(3 * 0.40 + 2 * 0.30 + 1.00)
    assert set(bill(nobody)).isdisjoint(bill(nobody, STANDING))
    assert len({price.item for price in PRICES}) == len(PRICES)
