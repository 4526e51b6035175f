"""The parts of the simulation of growth."""

import json
import math
import subprocess
import sys
from collections import Counter

import pytest

import metrics_page
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Value, Written
from sfmint_bench.growth.dollars import (
    PRICES,
    STANDING,
    TOTALS,
    a_month,
    bill,
    most_metrics,
    of_metrics,
    per_million_calls,
)
from sfmint_bench.growth.hour import (
    IDLE_S,
    INVOCATION_BYTES,
    METRIC_BYTES,
    RECORD_BYTES,
    START_BYTES,
    START_S,
    LambdaFunction,
    Load,
    simulated_hour,
)
from sfmint_bench.growth.stack import SimulatedStack
from sfmint_values.embedded_metrics import MOST_BY_CONNECTION

UNIT_BYTES = 1024  # of a write; of a read it is four times as many


def test_logins_follow_connections_and_not_callers() -> None:
    few, many = (simulated_hour(Load(callers=callers, connections=2, way="invoke")) for callers in (2, 200))
    assert few["logins"] == many["logins"] == 24
    assert many["calls"] > 50 * few["calls"]


def test_the_client_layer_changes_invocations_and_not_logins() -> None:
    plain, layered = (simulated_hour(Load(callers=50, connections=1, way=way)) for way in ("invoke", "client"))
    assert plain["token_broker"] == plain["calls"] == layered["calls"]
    assert layered["token_broker"] < layered["calls"] / 5
    assert layered["logins"] == plain["logins"]


def test_stacks_are_added_up() -> None:
    used = simulated_hour(Load(callers=5, connections=2, stacks=2, way="invoke"))
    assert (used["stacks"], used["connections"], used["logins"]) == (2, 4, 48)
    assert used["token_broker"] == used["calls"]


def test_an_hour_without_callers_still_refreshes() -> None:
    used = simulated_hour(Load(callers=1, connections=2, stacks=2, way="invoke"))
    assert used["logins"] == 48


class Weighed(SimulatedStack):
    """A stack that weighs what is written."""

    largest = 0

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        written = super().write(key, update)
        if isinstance(written, Written):
            self.largest = max(self.largest, item_bytes(key, written.item))
        return written


def item_bytes(key: str, item: Item) -> int:
    """As DynamoDB counts: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats"."""
    return len("pk") + len(key.encode()) + sum(len(name) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Value) -> int:
    match value:
        case str():
            return len(value.encode())
        case bytes():
            return len(value)
        case frozenset():
            return 3 + sum(len(member.encode()) + 1 for member in value)
        case int() | float():
            return math.ceil(len(repr(value).replace(".", "").strip("-0")) / 2) + 1


def test_a_row_takes_one_request_unit() -> None:
    stack = Weighed(seed=1)
    name, broker, keeper = "n" * 32, stack.broker(), stack.keeper()
    for stack.time in range(0, 7200, 300):
        keeper(name)
        broker(name, {})
    assert len(stack.logins) > 10
    assert UNIT_BYTES / 2 < stack.largest <= UNIT_BYTES


class Numbered:
    """Starts environments, numbered."""

    def __init__(self) -> None:
        self.started = 0
        self.function = LambdaFunction(self.start)

    def start(self) -> int:
        self.started += 1
        return self.started

    def ask(self, at: float, took_s: float = 1.0) -> int:
        answer = self.function.invoke(at, lambda number: ({"number": number}, took_s))
        return int(answer["number"])


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
    assert numbered.function.billed_ms == START_S * 1000 + 2 + 2
    assert (numbered.function.invocations, numbered.function.starts) == (2, 1)


def test_metrics_are_those_of_each_connection_and_the_totals() -> None:
    one, two = (simulated_hour(Load(callers=20 * number, connections=number, way="invoke")) for number in (1, 2))
    kept = 4  # the broker's from memory, from the row and unserved; the keeper's minted
    totals = 6  # beside theirs: who waited, of the budget, and four of the watch
    assert (one["metrics"], two["metrics"]) == (2 * kept + totals, 3 * kept + totals)
    assert 0 < one["metric bytes"] < one["log bytes"]


# Prints how many characters, all of ASCII, a function writes for each kind of record, and how many of them for its metrics.
WRITE = """
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from sfmint.adapters.powertools import PowertoolsTelemetry
from sfmint.telemetry import LoginCounted, Minted, Served, ServedFromMemory
from sfmint.telemetry.operators import Watched
from sfmint_values.system import SystemClock
of = {"connection": "orders", "fingerprint": 16 * "f"}
with redirect_stdout(StringIO()) as written:
    telemetry, ends = PowertoolsTelemetry(namespace="sfmint", stack="sfmint", clock=SystemClock()), [0]
    for record in (
        ServedFromMemory(**of),
        Served(**of, source="memory", duration_ms=8),
        Minted(**of, key_id=16 * "f", fence=1234, duration_ms=600, certificate_days_left=300),
        LoginCounted(connection="orders", logins=12, limit=240),
        Watched(connection="-", overlooked=0, failing=0, breakers_open=0, oldest=50, certificate_days_left=300),
    ):
        telemetry.emit(record)
        ends.append(written.tell())
metrics = [len(line) for line in written.getvalue().splitlines(keepends=True) if '"_aws"' in line]
print([[end - begin for begin, end in pairwise(ends)], metrics])
"""


def test_a_record_is_as_long_as_the_functions_write_it() -> None:
    # A process of its own: Powertools takes its settings from the environment, once.
    settings = {
        "POWERTOOLS_SERVICE_NAME": "token_broker",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        # Lambda always sets it.
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
    }
    run = subprocess.run(
        [sys.executable, "-c", WRITE], env=settings, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(run.stdout) == [[*RECORD_BYTES.values()], [*METRIC_BYTES.values()]]


def test_lambdas_own_lines_are_as_long_as_its_guide_shows_them() -> None:
    """Source: AWS Lambda Developer Guide, "Working with Lambda function logs" (text format)."""
    request = "RequestId: 8f507cfc-0ae4-4e2b-8a5c-2b3f6f0f1f3a"
    took = "Duration: 1.87 ms\tBilled Duration: 2 ms\tMemory Size: 512 MB\tMax Memory Used: 96 MB"
    lines = f"START {request} Version: 12\nEND {request}\nREPORT {request}\t{took}\t\n"
    arn = f"arn:aws:lambda:us-east-1::runtime:{64 * 'f'}"
    assert len(lines) == INVOCATION_BYTES
    assert len(f"INIT_START Runtime Version: python:3.13.v50\tRuntime Version ARN: {arn}\n") == START_BYTES


def test_a_stack_has_no_more_totals_than_are_paid_for() -> None:
    assert sum(1 if each.of_stack else len(each.services) for each in metrics_page.metrics()) == TOTALS
    assert most_metrics(60) == TOTALS + 60 * MOST_BY_CONNECTION
    assert of_metrics(most_metrics(60)) == pytest.approx(most_metrics(60) * 0.30)


def test_a_bill_has_every_item_and_a_month_what_stands() -> None:
    used = simulated_hour(Load(callers=10, connections=1, way="invoke"))
    assert all(dollars > 0 for dollars in bill(used).values())
    assert math.isclose(per_million_calls(used) * used["calls"] / 1e6, sum(bill(used).values()))
    nobody = Counter(connections=3, stacks=1, metrics=2)
    assert a_month(nobody) == pytest.approx(3 * 0.40 + 2 * 0.30 + 1.00 + 3.00)
    assert set(bill(nobody)).isdisjoint(bill(nobody, STANDING))
    assert len({price.item for price in PRICES}) == len(PRICES)
