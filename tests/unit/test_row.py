import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.row.row import CacheRow, row_key

INSTANTS = (
    "lease_until", "issued_at", "soft_expiry", "hard_expiry", "last_rejected_at", "reject_window", "failure_until",
    "key_since", "certificate_until",
)  # fmt: skip
COUNTS = ("fence", "token_fence", "reject_count", "failure_count")
TEXTS = (
    "lease_owner", "fingerprint", "key_id", "config_hash", "rejected", "failure_code", "failure_reason",
    "failure_detail",
)  # fmt: skip
SETS = ("failure_keys", "tainted_keys")
RIGHT: dict[str, Any] = {
    **dict.fromkeys(INSTANTS, 1.5),
    **dict.fromkeys(COUNTS, 7),
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys(SETS, frozenset({"member"})),
    "sealed": b"copy",
}
NOT_OF_ITS_TYPE: tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...] = (
    (INSTANTS, ("1.5", b"1", frozenset({"1"}), None, [1.5], True, 1.7e12, 1e125, 10**37, -1e12, math.inf, math.nan)),
    (COUNTS, (7.5, "7", b"7", frozenset({"7"}), None, False, 10**37, -(10**37))),
    (TEXTS, (7, 1.5, b"text", frozenset({"text"}), None, ["text"])),
    (SETS, ("member", b"member", 7, None, ["member"], {"member": 1})),
    (("sealed",), ("copy", 7, frozenset({"copy"}), None)),
)
WRONG = [(name, value) for names, values in NOT_OF_ITS_TYPE for name in names for value in values]


def test_the_key_carries_the_schema() -> None:
    assert row_key("orders") == "t1#orders"


ATTRIBUTES = set(CacheRow.__slots__) - {"malformed"}


def test_every_attribute_is_tried_here() -> None:
    assert set(RIGHT) == {name for name, _ in WRONG} == ATTRIBUTES


def test_a_row_is_read_as_it_stands() -> None:
    row = CacheRow.from_item(RIGHT)
    assert row.malformed == ()
    assert {name: getattr(row, name) for name in RIGHT} == RIGHT


@pytest.mark.parametrize("item", [None, {}])
def test_no_item_is_an_empty_row(item: dict[str, Any] | None) -> None:
    assert CacheRow.from_item(item) == CacheRow()


@pytest.mark.parametrize("name", INSTANTS)
def test_a_whole_number_is_an_instant_too(name: str) -> None:
    assert getattr(CacheRow.from_item({name: 7}), name) == 7


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_of_a_wrong_type_counts_as_missing_and_harms_no_other(name: str, value: Any) -> None:
    row = CacheRow.from_item(RIGHT | {name: value})
    assert getattr(row, name) is None
    assert repr(row.malformed) == repr(() if name == "tainted_keys" else ((name, value),))  # NaN equals nothing
    assert all(getattr(row, other) == RIGHT[other] for other in RIGHT if other != name)


def test_attributes_of_a_later_version_are_passed_over() -> None:
    assert CacheRow.from_item({"fence": 7, "later": "x", "pk": "t1#orders"}) == CacheRow(fence=7)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.frozensets(st.text())


@given(item=st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)) | st.text(), VALUES))
def test_any_item_is_a_row(item: dict[str, Any]) -> None:
    row = CacheRow.from_item(item)
    for name in ATTRIBUTES:
        assert getattr(row, name) is None or getattr(row, name) is item[name]
    odd = {name for name in ATTRIBUTES & set(item) - {"tainted_keys"} if getattr(row, name) is None}
    assert {name for name, _ in row.malformed} == odd
