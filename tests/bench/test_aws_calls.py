"""Calls of AWS are counted where the functions' own client makes them."""

from adapters.aws_peer import answering, giving
from embedded_access import embedded_access
from sfmint.adapters.aws.services import Aws
from sfmint.aws_access.budget import Budget
from sfmint_bench.aws_calls import CallCounter
from sfmint_testing.fakes import FakeClock


def test_calls_are_counted_by_operation_also_of_clients_that_were_there_before() -> None:
    counter = CallCounter()
    with answering(giving()) as aws:
        clients = Aws(embedded_access(aws.url), None, FakeClock(), Budget(FakeClock()))
        table, key = clients.dynamodb(), clients.kms()

        def read() -> None:
            table.get_item(TableName="tokens", Key={}, ConsistentRead=True)

        def open_copy() -> None:
            key.decrypt(KeyId="key", CiphertextBlob=b"", EncryptionContext={})

        def read_and_open() -> None:
            read()
            read()
            open_copy()

        with counter.watching():
            open_copy()
            assert counter.during(read_and_open) == {"GetItem": 2, "Decrypt": 1}
            assert counter.during(lambda: None) == {}
        assert counter.during(read_and_open) == {}
        assert len(aws.asked) == 7
