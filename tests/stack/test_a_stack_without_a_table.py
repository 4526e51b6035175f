"""The template with CacheBackend=parameter-store, deployed by itself: what it needs no table for."""

from collections.abc import Iterator

import pytest

from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.functions import FunctionError
from sfmint_local.leak_scan import LeakScan

PARAMETERS = {"CacheBackend": "parameter-store", "RefreshRate": "rate(1 hour)"}


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    with EmbeddedStack(LocalConnection("orders"), title="parameters", parameters=PARAMETERS) as stack:
        stack.set_up()
        yield stack
        scan = LeakScan(stack.secrets())
        scan.read_logs(stack.aws)
        scan.read_answers(stack.functions)
        assert not scan.leaks


def test_its_tokens_are_parameters_and_nothing_else_is_there(stack: EmbeddedStack) -> None:
    minted, again = stack.functions.broker("orders"), stack.functions.broker("orders")
    stack.aws.end_environments()
    elsewhere = stack.functions.broker("orders")

    assert [answer["source"] for answer in (minted, again, elsewhere)] == ["minted", "memory", "cache"]
    assert len({answer["access_token"] for answer in (minted, again, elsewhere)}) == 1
    assert stack.aws.dynamodb.list_tables()["TableNames"] == []
    [parameter] = stack.aws.parameters.get_parameters_by_path(Path="/sfmint/sfmint/cache", Recursive=True)["Parameters"]
    assert parameter["Type"] == "String"
    assert minted["access_token"] not in parameter["Value"]


def test_its_keeper_flushes_and_says_that_it_cannot_bar_a_key(stack: EmbeddedStack) -> None:
    first = stack.functions.broker("orders")["fingerprint"]
    assert stack.functions.keeper(action="flush", connection="orders")["flushed"] is True
    stack.aws.end_environments()

    assert stack.functions.broker("orders")["fingerprint"] != first
    with pytest.raises(FunctionError, match="InvalidRequest"):
        stack.functions.keeper(action="taint", connection="orders", key_id="0" * 16)
