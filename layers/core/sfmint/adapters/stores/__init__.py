"""Where the shared rows are kept, and what seals the tokens in them."""

from typing import TYPE_CHECKING, assert_never

from sfmint.cache_backend import CacheBackend, DynamoDb, ParameterStore
from sfmint.ports import Clock, Sealer, Store

if TYPE_CHECKING:
    from sfmint.adapters.aws.repeats import Repeats
    from sfmint.adapters.aws.services import Aws


def open_store(
    backend: CacheBackend, aws: "Aws", *, stack: str, key_arn: str, clock: Clock, repeats: "Repeats"
) -> tuple[Store, Sealer]:
    """Return the store that the operator chose, and what seals the tokens in it; no other store is imported.

    Args:
        backend: which store.
        aws: gives clients.
        stack: the stack's name.
        key_arn: the stack's key, under which tokens are encrypted.
        clock: is compared with the store's.
        repeats: asks AWS again.
    """
    match backend:
        case DynamoDb(table):
            from sfmint.adapters.stores.dynamodb import DynamoDBStore
            from sfmint.adapters.stores.kms_sealer import KmsSealer

            store = DynamoDBStore(aws.dynamodb(), table, clock, repeats)
            return store, KmsSealer(aws.kms(), key_arn, table, repeats)
        case ParameterStore():
            from sfmint.adapters.stores import parameter_store
            from sfmint.adapters.stores.kms_sealer import KmsSealer
            from sfmint.adapters.stores.parameter_folder import LARGEST_COPY

            path = parameter_store.cache_path(stack)
            sealer = KmsSealer(aws.kms(), key_arn, path, repeats, LARGEST_COPY)
            return parameter_store.ParameterStore(aws.ssm(), path, clock, repeats), sealer
        case _:
            assert_never(backend)
