"""The token and its metadata: what may be seen of it."""

import copy
import dataclasses
import json
import pickle
import pprint
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.answers import a_token, an_answer
from sfmint_client import AccessToken

TOKEN = "00D000000000001!CANARY"


def test_an_answer_becomes_a_token_with_its_metadata() -> None:
    token = AccessToken.from_answer(an_answer(TOKEN, source="minted"))

    assert token.access_token == TOKEN
    assert token.authorization == f"Bearer {TOKEN}"
    assert token.instance_url == "https://acme.my.salesforce.com"
    assert token.expires_at == datetime(2026, 11, 23, 12, 14, 15, tzinfo=UTC)
    assert (token.org_id, token.user_id) == ("00D000000000001EAA", "005000000000001AAA")
    assert (token.expires_in, token.min_ttl_applied, token.source) == (855, 60, "minted")


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        "{}".format,
        pprint.pformat,
        lambda token: str([token]),
        lambda token: repr(dataclasses.asdict(token)),
        lambda token: repr(dataclasses.astuple(token)),
        lambda token: repr(dataclasses.replace(token, scope="")),
        lambda token: repr(copy.copy(token)),
        lambda token: repr(copy.deepcopy(token)),
    ],
)
def test_the_token_is_not_shown(show: Any) -> None:
    shown = show(a_token(TOKEN))

    assert "CANARY" not in shown
    assert "my-org" in shown


def test_the_token_does_not_leave_the_process() -> None:
    with pytest.raises(TypeError, match="does not leave the process"):
        pickle.dumps(a_token(TOKEN))
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(a_token(TOKEN))


def test_a_token_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_token().instance_url = "https://example.com"  # type: ignore[misc]


def test_a_field_that_is_not_known_is_left_out() -> None:
    assert AccessToken.from_answer(an_answer(TOKEN, new="field")) == a_token(TOKEN)


def test_tokens_differ_by_their_text() -> None:
    assert a_token("00D!one", fingerprint="same") != a_token("00D!two", fingerprint="same")
    assert len({a_token("00D!one"), a_token("00D!one")}) == 1


@pytest.mark.parametrize("field", sorted(an_answer()))
@pytest.mark.parametrize("value", [None, [TOKEN], {"text": TOKEN}])
def test_an_answer_with_a_malformed_field_is_none_and_quotes_nothing(field: str, value: object) -> None:
    with pytest.raises(ValueError, match="not an answer to get_token") as caught:
        AccessToken.from_answer(an_answer(TOKEN, **{field: value}))

    assert "CANARY" not in repr(caught.value)
    assert caught.value.__suppress_context__


WHOLE, DATES = ("expires_in", "min_ttl_applied"), ("issued_at", "expires_at")


@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize(
    "value", [-1, 86_401, 10**400, 855.5, 855.0, 1e300, float("nan"), float("inf"), True, "855", " 855"]
)
def test_a_number_that_no_token_can_have_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match="not an answer to get_token"):
        AccessToken.from_answer(an_answer(TOKEN, **{field: value}))


@pytest.mark.parametrize("field", DATES)
@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T12:00:00",
        "2026-11-23",
        "2026-11-23T12:00:00+01:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "1999-12-31T23:59:59Z",
        "20261123T120000Z\N{LINE SEPARATOR}",
        "1764316800",
    ],
)
def test_a_date_that_no_token_can_have_is_refused(field: str, value: str) -> None:
    """Dates without a zone cannot be compared with others, and those at the ends of time cannot be reckoned with."""
    with pytest.raises(ValueError, match="not an answer to get_token"):
        AccessToken.from_answer(an_answer(TOKEN, **{field: value}))


@pytest.mark.parametrize("field", sorted(set(an_answer()) - set(WHOLE) - set(DATES)))
@pytest.mark.parametrize(
    "value", ["a\r\nHost: evil.example", "\ud800", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", "a" * 65_537]
)
def test_a_text_that_fits_no_header_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match="not an answer to get_token"):
        AccessToken.from_answer(an_answer(TOKEN, **{field: value}))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(datetime.isoformat),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(field=st.sampled_from(sorted(an_answer())), value=JSON_VALUES)
def test_whatever_is_read_can_be_shown_compared_and_reckoned_with(field: str, value: object) -> None:
    try:
        token = AccessToken.from_answer(an_answer(TOKEN, **{field: value}))
    except ValueError:
        return
    assert 0 <= token.expires_in <= 86_400
    assert abs((token.expires_at - token.issued_at).days) < 36_525
    assert datetime.fromtimestamp(token.expires_at.timestamp(), UTC) == token.expires_at
    f"{token!r} {token.authorization}".encode("ascii")


def test_an_answer_without_a_field_is_none() -> None:
    answer = an_answer()
    del answer["expires_in"]

    with pytest.raises(ValueError, match="not an answer"):
        AccessToken.from_answer(answer)
