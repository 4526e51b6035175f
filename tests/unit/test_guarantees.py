"""What a store cannot promise is printed where its users look."""

import re
from pathlib import Path

import pytest

from sfmint.adapters.stores.parameter_store import ParameterStore

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["docs/promises.md", "docs/parameters.md"])
def test_the_page_lists_what_parameter_store_cannot_promise_and_nothing_else(page: str) -> None:
    (listed,) = re.findall(r"cannot promise\S* that\n\n((?:- .+\n(?:  .+\n)*)+)", (ROOT / page).read_text())
    items = re.findall(r"^- (.+?)[:;.]", listed, re.MULTILINE)
    assert sorted(items) == sorted(promise.value for promise in ParameterStore.CANNOT_PROMISE)
