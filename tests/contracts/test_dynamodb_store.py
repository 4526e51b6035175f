"""Syntax and semantics of the store in DynamoDB."""

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ReadTimeoutError

from contracts.backends import TABLE, on_dynamodb
from moto_client import moto_client
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.errors import CacheUnavailable
from sfmint.row import writes
from sfmint.row.conditional_write import FOREIGN, ConditionalWrite
from sfmint.row.row import CacheRow
from sfmint_testing.backend import Backend
from sfmint_testing.behaviour_contract import BehaviourContract
from sfmint_testing.fakes import FakeClock
from sfmint_testing.promise_contract import PromiseContract
from sfmint_testing.rows import WRITES
from sfmint_testing.store_contract import KEY, StoreContract
from time_for_aws import repeats_by

UPDATES = {name: update for name, (update, _) in WRITES.items()} | {"flush": writes.flush()}


class TestDynamoDBStore(StoreContract, BehaviourContract, PromiseContract):
    @pytest.fixture
    def backend(self, aws: botocore.session.Session) -> Backend:
        return on_dynamodb(aws)


@pytest.fixture
def client(aws: botocore.session.Session) -> Any:
    on_dynamodb(aws)
    return moto_client(aws, "dynamodb")


def store_of(client: Any, table: str = TABLE) -> DynamoDBStore:
    clock = FakeClock()
    return DynamoDBStore(client, table, clock, repeats_by(clock))


def test_a_missing_table_is_an_error_and_never_a_miss(client: Any) -> None:
    store = store_of(client, "none")
    with pytest.raises(CacheUnavailable, match="ResourceNotFoundException"):
        store.read(KEY)
    with pytest.raises(CacheUnavailable, match="ResourceNotFoundException"):
        store.write(KEY, ConditionalWrite(name="acquire", increment=("fence",)))


@pytest.mark.parametrize("foreign", [{"L": []}, {"BOOL": True}, {"NULL": True}, {"M": {}}, {"NS": ["1"]}])
def test_an_attribute_of_a_foreign_type_counts_as_missing_and_is_named(client: Any, foreign: dict[str, Any]) -> None:
    client.put_item(TableName=TABLE, Item={"pk": {"S": KEY}, "fence": foreign, "fingerprint": {"S": "aa"}})
    row = CacheRow.from_item(store_of(client).read(KEY))
    assert (row.fence, row.fingerprint, row.malformed) == (None, "aa", (("fence", FOREIGN),))


@pytest.mark.parametrize("name", UPDATES)
def test_only_what_may_be_repeated_is_sent_again_after_silence(client: Any, name: str) -> None:
    sent = []

    def silence(**_: Any) -> None:
        sent.append(name)
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    client.meta.events.register("before-send.dynamodb.UpdateItem", silence)
    with pytest.raises(CacheUnavailable, match="did not answer"):
        store_of(client).write(KEY, UPDATES[name])
    assert (len(sent) > 1) == UPDATES[name].repeatable
