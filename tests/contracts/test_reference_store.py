"""The fake that unit tests trust keeps the stores' promises."""

import pytest

from contracts.store_contract import StoreContract
from reference_store import ReferenceStore


class TestReferenceStore(StoreContract):
    @pytest.fixture
    def store(self) -> ReferenceStore:
        return ReferenceStore()
