"""The times of a session that Salesforce hands out again."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from sfmint.row import writes
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint_testing.fakes import NOON
from sfmint_testing.rows import GONE, LEASE, LEASE_ROW, TOKEN, item
from sfmint_values.secret import Secret, fingerprint_of


def handed_out_again(*changes: dict[str, Any], token: AccessToken = TOKEN, lifetime_s: float = 900) -> AccessToken:
    fingerprint = {"fingerprint": token.fingerprint}
    lease = replace(LEASE, row=CacheRow.from_item(item(fingerprint, *changes, base=LEASE_ROW)))
    return writes.reaffirmed(lease, token, lifetime_s)


def since_noon(token: AccessToken) -> tuple[float, float, float]:
    return token.issued_at - NOON, token.soft_expiry - NOON, token.hard_expiry - NOON


def test_a_new_session_keeps_its_times() -> None:
    assert writes.reaffirmed(LEASE, TOKEN, 900) is TOKEN


@pytest.mark.parametrize(
    ("hard", "expected"),
    [(GONE, 120), (NOON + 50, 120), (NOON + 500, 500), (NOON + 5000, 855)],
    ids=["none", "nearly over", "still good", "past a lifetime from now"],
)
def test_the_rows_own_session_keeps_its_expiry_but_lives_two_minutes_at_least(hard: object, expected: float) -> None:
    assert since_noon(handed_out_again({"hard_expiry": hard})) == (0, 60, expected)


def test_a_session_of_earlier_is_asked_for_again_from_now_on() -> None:
    assert since_noon(handed_out_again(token=replace(TOKEN, issued_at=NOON - 50))) == (0, 60, 755)


def test_a_session_that_says_itself_when_it_ends_is_not_stretched_past_it() -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": NOON + 80}).encode()).decode()
    jwt = f"header.{payload}.signature"
    token = replace(TOKEN, access_token=Secret(jwt), fingerprint=fingerprint_of(jwt))
    assert since_noon(handed_out_again({"hard_expiry": NOON + 70}, token=token)) == (0, 60, 80)
