"""The label that lets what a rotation has replaced log in for a while."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.salesforce.grace import FURTHEST_S, GRACE_S, grace_end, grace_label, is_in_grace
from sfmint_testing.fakes import NOON

INSTANTS = st.integers(min_value=0, max_value=9_999_999_999)
LABELS = st.text(max_size=30) | st.text("0123456789SFMINT_UL -+.\u0661", max_size=16).map("SFMINT_UNTIL_{}".format)


@given(until=st.floats(min_value=0, max_value=9_999_999_999))
def test_a_label_names_the_second_that_it_was_made_for(until: float) -> None:
    assert grace_end(grace_label(until)) == int(until)


@given(label=LABELS)
def test_what_is_no_such_label_to_the_letter_names_nothing(label: str) -> None:
    end = grace_end(label)
    assert end is None or grace_label(end) == label


@pytest.mark.parametrize(
    "label",
    [
        *("", "SFMINT_UNTIL_", "AWSPREVIOUS", "SFMINT_UNTIL", "sfmint_until_1764316800", "SFMINT_UNTIL_176431680"),
        *(
            "SFMINT_UNTIL_17643168000",
            "SFMINT_UNTIL_1764316800 ",
            "SFMINT_UNTIL_1764316800\n",
            "XSFMINT_UNTIL_1764316800",
        ),
        *(
            "SFMINT_UNTIL_+764316800",
            "SFMINT_UNTIL_17643_6800",
            "SFMINT_UNTIL_1764316.00",
            "SFMINT_UNTIL_\u0661764316800",
        ),
        "SFMINT_UNTIL_SFMINT_UNTIL_1764316800",
    ],
)
def test_a_label_that_is_nearly_one_is_none(label: str) -> None:
    assert grace_end(label) is None


@given(now=st.integers(min_value=10_000, max_value=9_999_990_000), ahead_s=st.integers(min_value=-9000, max_value=9000))
def test_it_holds_until_its_end_and_not_if_that_is_absurdly_far_ahead(now: int, ahead_s: int) -> None:
    """An end that is hours ahead was written by a clock that is off, or is read by one."""
    labels = ["AWSPREVIOUS", grace_label(now + ahead_s)]
    assert is_in_grace(labels, now) is (0 < ahead_s <= FURTHEST_S)


@given(ends=st.lists(INSTANTS | st.floats(min_value=NOON, max_value=NOON + 4000).map(int), max_size=4))
def test_of_several_labels_one_that_holds_is_enough(ends: list[int]) -> None:
    assert is_in_grace([grace_label(end) for end in ends], NOON) is any(NOON < end <= NOON + FURTHEST_S for end in ends)


@pytest.mark.parametrize(
    "labels",
    [
        None,
        "",
        grace_label(NOON + GRACE_S),
        7,
        True,
        {grace_label(NOON + GRACE_S): 1},
        [None, 7, [grace_label(NOON + 60)]],
    ],
)
def test_what_is_no_list_of_texts_lets_nobody_log_in(labels: Any) -> None:
    assert is_in_grace(labels, NOON) is False
