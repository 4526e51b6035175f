"""Calls of AWS are counted where the functions' own client makes them."""

from adapters.aws_peer import answering, giving
from embedded_access import embedded_access
from fakes import FakeClock
from sfmint.adapters.aws.client import AwsClient
from sfmint_bench.aws_calls import CallCounter


def test_calls_are_counted_by_operation_also_of_clients_that_were_there_before() -> None:
    counter = CallCounter()
    with answering(giving()) as aws:
        table, key = (
            AwsClient(service, embedded_access(aws.url), None, FakeClock()) for service in ("dynamodb", "kms")
        )

        def read_and_open() -> None:
            table.get_item(TableName="tokens", Key={})
            table.get_item(TableName="tokens", Key={})
            key.decrypt(CiphertextBlob=b"")

        with counter.watching():
            key.decrypt(CiphertextBlob=b"")
            assert counter.during(read_and_open) == {"GetItem": 2, "Decrypt": 1}
            assert counter.during(lambda: None) == {}
        assert counter.during(read_and_open) == {}
        assert len(aws.asked) == 7
