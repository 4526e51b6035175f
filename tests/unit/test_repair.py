"""Rows that somebody else has written: repaired and said, never served."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfmint.errors import RefreshInProgress, SfmintError
from sfmint.request import StatusRequest
from sfmint.row.conditional_write import FOREIGN
from sfmint.row.row import CacheRow, row_key
from sfmint.telemetry import RowRepaired
from sfmint_testing.fakes import NOON
from sfmint_testing.world import World, get_token

KEY = row_key("orders")


def flaws(world: World) -> list[str]:
    return [told.flaw for told in world.telemetry.select(RowRepaired) if isinstance(told, RowRepaired)]


@pytest.mark.parametrize(
    "wrong",
    [{"hard_expiry": "never"}, {"sealed": "copy"}, {"fence": "7"}, {"soft_expiry": FOREIGN}, {"failure_count": 1.5}],
    ids=str,
)
def test_attributes_of_a_wrong_type_are_taken_away(wrong: dict[str, Any]) -> None:
    world = World()
    get_token(world.broker())
    world.store.items[KEY] |= wrong
    (name,) = wrong
    answer = get_token(world.broker())
    assert flaws(world)[0] == f"of a wrong type: {name}"
    assert world.row().malformed == ()
    assert answer["fingerprint"] == world.row().fingerprint


def test_a_row_that_is_written_wrong_again_and_again_keeps_nobody_for_ever() -> None:
    world = World()
    world.store.items[KEY] = {"fence": "x"}
    write = world.store.write

    def sabotage(key: str, update: Any) -> Any:
        world.store.items[KEY] = {"fence": world.store.items[KEY]["fence"] + "x"}  # type: ignore[operator]
        return write(key, update)

    world.store.write = sabotage  # type: ignore[method-assign]
    with pytest.raises(RefreshInProgress):
        get_token(world.broker())


@pytest.mark.parametrize("name", ["sealed", "token_fence", "hard_expiry"])
def test_half_a_token_is_minted_over(name: str) -> None:
    world = World()
    first = get_token(world.broker())
    del world.store.items[KEY][name]
    second = get_token(world.broker())
    assert second["source"] == "minted"
    assert second["fingerprint"] != first["fingerprint"]
    assert flaws(world) == ["half a token"]


@pytest.mark.parametrize(
    ("wrong", "flaw"),
    [
        ({"lease_owner": "somebody", "lease_until": NOON + 86_400}, "a lease that ends far ahead"),
        ({"failure_code": "SalesforceUnavailable", "failure_until": NOON + 86_400}, "a failure that lasts far ahead"),
    ],
)
def test_what_would_last_for_ever_lasts_no_longer_than_the_next_caller(wrong: dict[str, Any], flaw: str) -> None:
    world = World()
    world.store.items[KEY] = {"fence": 3, **wrong}
    assert get_token(world.broker())["source"] == "minted"
    assert flaws(world) == [flaw]


def test_a_row_of_sfmint_s_own_has_no_flaw() -> None:
    world = World()
    fingerprint = get_token(world.broker())["fingerprint"]
    get_token(world.broker(), rejected=fingerprint)
    world.clock.time += 460
    get_token(world.broker())
    assert flaws(world) == []


ATTRIBUTES = sorted(set(CacheRow.__slots__) - {"malformed"})
NUMBERS = (
    st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(NOON - 999, NOON + 999)
)
ANY_VALUE = st.text() | NUMBERS | st.binary() | st.frozensets(st.text()) | st.just(FOREIGN)


@given(item=st.dictionaries(st.sampled_from(ATTRIBUTES), ANY_VALUE))
@example(item=dict.fromkeys(ATTRIBUTES, 1.764e12))
@example(item=dict.fromkeys(ATTRIBUTES, "\ud800"))
@example(item={"fingerprint": "\ud800", "sealed": b"x", "token_fence": 1, "hard_expiry": NOON + 9, "key_id": "\udfff"})
@example(
    item={
        "failure_code": "SalesforceUnavailable",
        "failure_reason": "no_answer",
        "failure_until": NOON + 9,
        "failure_detail": "\ud800",
    }
)
def test_a_row_of_any_content_brings_a_token_of_ours_or_an_error_of_ours(item: dict[str, Any]) -> None:
    world = World()
    world.store.items[KEY] = dict(item)
    status = world.broker().status(StatusRequest(connection="orders"))
    json.dumps(status, ensure_ascii=False).encode()  # as Lambda's runtime does
    try:
        answer = get_token(world.broker())
    except SfmintError as error:
        told = str(error)
    else:
        told = ""
        assert answer["access_token"] == f"00Dxx0000000001!token-{world.salesforce.logins}"
    told.encode()
    assert world.salesforce.logins <= 1
