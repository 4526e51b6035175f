"""The fake that unit tests trust keeps the stores' promises."""

import pytest

from contracts.backend import Backend, in_memory
from contracts.behaviour_contract import BehaviourContract
from contracts.promise_contract import PromiseContract
from contracts.store_contract import StoreContract


class TestReferenceStore(StoreContract, BehaviourContract, PromiseContract):
    @pytest.fixture
    def backend(self) -> Backend:
        return in_memory()
