"""The fake that unit tests trust keeps the stores' promises."""

import pytest

from sfmint_testing.backend import Backend, in_memory
from sfmint_testing.behaviour_contract import BehaviourContract
from sfmint_testing.promise_contract import PromiseContract
from sfmint_testing.store_contract import StoreContract


class TestReferenceStore(StoreContract, BehaviourContract, PromiseContract):
    @pytest.fixture
    def backend(self) -> Backend:
        return in_memory()
