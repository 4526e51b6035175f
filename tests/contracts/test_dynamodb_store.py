"""Syntax and semantics of the DynamoDB store on moto, whose conditions are AWS's but not atomic: races are elsewhere."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from contracts.store_contract import KEY, StoreContract
from sfmint.adapters.aws import make_client
from sfmint.adapters.dynamodb import DynamoDBStore
from sfmint.errors import CacheUnavailable
from sfmint.update import Update


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield make_client(botocore.session.get_session(), "dynamodb")


@pytest.fixture
def client(dynamodb: Any) -> Iterator[Any]:
    dynamodb.create_table(
        TableName="tokens",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    yield dynamodb
    dynamodb.delete_table(TableName="tokens")


class TestDynamoDBStore(StoreContract):
    @pytest.fixture
    def store(self, client: Any) -> DynamoDBStore:
        return DynamoDBStore(client, "tokens")


def test_a_missing_table_is_an_error_and_never_a_miss(client: Any) -> None:
    with pytest.raises(CacheUnavailable, match="ResourceNotFoundException"):
        DynamoDBStore(client, "none").read(KEY)
    with pytest.raises(CacheUnavailable, match="ResourceNotFoundException"):
        DynamoDBStore(client, "none").write(KEY, Update(name="acquire", increment=("fence",)))


def test_attributes_of_foreign_types_count_as_missing(client: Any) -> None:
    client.put_item(TableName="tokens", Item={"pk": {"S": KEY}, "fence": {"L": []}, "fingerprint": {"S": "aa"}})
    item = DynamoDBStore(client, "tokens").read(KEY)
    assert item == {"fingerprint": "aa"}


@pytest.mark.parametrize(("name", "tries"), [("acquire", 2), ("publish", 1), ("fail", 1), ("budget", 1)])
def test_only_an_acquire_is_sent_again_after_silence(client: Any, name: str, tries: int) -> None:
    sent = []

    def silence(**_: Any) -> None:
        sent.append(name)
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    client.meta.events.register("before-send.dynamodb.UpdateItem", silence, "silence")
    with pytest.raises(CacheUnavailable, match="did not answer"):
        DynamoDBStore(client, "tokens").write(KEY, Update(name=name, increment=("fence",)))
    client.meta.events.unregister("before-send.dynamodb.UpdateItem", silence, "silence")
    assert len(sent) == tries
