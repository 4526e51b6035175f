"""Where the shared rows are kept, and what seals the tokens in them."""

from typing import TYPE_CHECKING, assert_never

from sfmint.cache_backend import CacheBackend, DynamoDb, ParameterStore
from sfmint.ports import Clock, Sealer, Store

if TYPE_CHECKING:
    from sfmint.adapters.aws.services import Aws


def open_store(backend: CacheBackend, aws: "Aws", *, stack: str, key_arn: str, clock: Clock) -> tuple[Store, Sealer]:
    """Return the store that the operator chose, and what seals the tokens in it; no other store is imported.

    Args:
        backend: which store.
        aws: gives clients.
        stack: the stack's name.
        key_arn: the stack's key, under which tokens are encrypted.
        clock: is compared with the store's.
    """
    match backend:
        case DynamoDb(table):
            from sfmint.adapters.stores.dynamodb import DynamoDBStore
            from sfmint.adapters.stores.kms_sealer import KmsSealer

            return DynamoDBStore(aws.dynamodb(), table, clock), KmsSealer(aws.kms(), key_arn, table)
        case ParameterStore():
            from sfmint.adapters.stores import parameter_store
            from sfmint.adapters.stores.kms_sealer import KmsSealer
            from sfmint.adapters.stores.parameter_folder import LARGEST_COPY

            path = parameter_store.cache_path(stack)
            sealer = KmsSealer(aws.kms(), key_arn, path, LARGEST_COPY)
            return parameter_store.ParameterStore(aws.ssm(), path, clock), sealer
        case _:
            assert_never(backend)
