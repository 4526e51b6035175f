"""The store in Parameter Store: what it promises it keeps as the others do, and what it declares it does not."""

import botocore.session
import pytest

from contracts.backends import on_parameter_store
from sfmint.adapters.stores.parameter_store import ParameterStore
from sfmint.row.guarantees import Guarantee
from sfmint_local import places
from sfmint_testing.backend import Backend
from sfmint_testing.behaviour_contract import BehaviourContract
from sfmint_testing.promise_contract import KEEPS, NOT_SHOWN_HERE, PromiseContract
from sfmint_testing.store_contract import StoreContract


class TestParameterStore(StoreContract, BehaviourContract, PromiseContract):
    @pytest.fixture
    def backend(self, aws: botocore.session.Session) -> Backend:
        return on_parameter_store(aws)


def test_every_promise_is_put_to_the_test_or_has_a_reason_why_not() -> None:
    assert set(KEEPS) | NOT_SHOWN_HERE == set(Guarantee)


def test_the_page_on_parameters_says_what_it_cannot_promise() -> None:
    page = " ".join((places.ROOT / "docs/parameters.md").read_text().split())
    for promise in ParameterStore.CANNOT_PROMISE:
        assert f"- {promise.value}:" in page
