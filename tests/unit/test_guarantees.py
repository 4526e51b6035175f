"""What a store cannot promise is printed where its users look."""

import re
from pathlib import Path

import pytest

from sfmint.adapters.stores.parameter_store import ParameterStore

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/parameters.md"])
def test_the_page_lists_what_parameter_store_cannot_promise_and_nothing_else(page: str) -> None:
    text = (ROOT / page).read_text()
    listed = text.partition("cannot promise")[2] if page == "README.md" else text.partition("it cannot promise that")[2]
    items = re.findall(r"^ *- (.+?)[:;.]", listed.replace("\n  that", " that"), re.MULTILINE)
    promises = sorted(promise.value for promise in ParameterStore.CANNOT_PROMISE)
    assert sorted(items[: len(promises)]) == promises
