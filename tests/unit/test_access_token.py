import base64
import json
import zlib
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sfmint.lifetime import SOFT_SPREAD
from sfmint.salesforce.access_token import AccessToken, iso8601
from sfmint.salesforce.answer_fields import SCOPE, MalformedAnswer
from sfmint_testing.fakes import NOON
from sfmint_values.secret import fingerprint_of

TOKEN = "00Dxx0000000001!Canary"
ANSWER: dict[str, Any] = {
    "access_token": TOKEN,
    "instance_url": "https://acme.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
    "token_type": "Bearer",
    "scope": "api",
    "issued_at": str(int(NOON * 1000)),
    "signature": "unused",
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)

NO_INSTANTS = [True, -1, 1.5, 1e300, float("inf"), float("nan"), 10**400]


def token_of(answer: dict[str, Any] | None = None, **arguments: Any) -> AccessToken:
    given_to: dict[str, Any] = {
        "connection": "orders",
        "asked_at": NOON,
        "lifetime_s": 1000,
        "soft_share": 0.5,
        "listed": frozenset(),
    }
    return AccessToken.from_answer(ANSWER | (answer or {}), **{**given_to, **arguments})


def times(answer: dict[str, Any] | None = None, **arguments: Any) -> tuple[float, float, float]:
    """Return issued at, soft and hard expiry, counted from noon."""
    token = token_of(answer, **arguments)
    return token.issued_at - NOON, token.soft_expiry - NOON, token.hard_expiry - NOON


def jwt_with(payload: object) -> str:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return f"header.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.signature"


def issued(seconds_from_noon: float) -> dict[str, str]:
    return {"issued_at": str(int((NOON + seconds_from_noon) * 1000))}


# --- what is taken from the answer

MORE = {
    "api_instance_url": "https://api.salesforce.com",
    "token_format": "jwt",
    "sfdc_community_url": "https://acme.my.site.com/portal",
    "sfdc_community_id": "0DB5g000000Abcd",
}


def test_what_only_some_answers_have_is_kept_and_handed_on() -> None:
    token = replace(token_of(MORE), hosts=("api.salesforce.com",))
    said = token.answer(now=NOON, min_ttl=60)
    assert {name: said[name] for name in MORE} == MORE
    assert said["hosts"] == ["api.salesforce.com"]
    assert AccessToken.from_bytes(token.to_bytes()) == token


def test_what_an_answer_leaves_out_is_left_out_again() -> None:
    assert not {*MORE, "hosts"} & set(token_of().answer(now=NOON, min_ttl=60))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("api_instance_url", "https://evil.example"),
        ("api_instance_url", 7),
        ("token_format", "jwt; drop"),
        ("sfdc_community_url", "http://acme.my.site.com"),
        ("sfdc_community_url", "https://acme.my.site.com/?a=b"),
        ("sfdc_community_id", "Canary"),
    ],
)
def test_what_only_some_answers_have_is_checked_too(field: str, value: object) -> None:
    with pytest.raises(MalformedAnswer) as caught:
        token_of({field: value})
    assert "Canary" not in str(caught.value)


def test_a_copy_that_an_earlier_version_has_sealed_opens() -> None:
    fields = json.loads(zlib.decompress(token_of().to_bytes()))
    for name in (*MORE, "hosts"):
        del fields[name]
    assert AccessToken.from_bytes(zlib.compress(json.dumps(fields).encode())) == token_of()


@pytest.mark.parametrize("value", ["api.salesforce.com", [7], [["a"]], ["a\nb"], ["\ud800"], None, {"a": 1}])
def test_a_copy_whose_hosts_are_no_list_of_texts_is_no_token(value: object) -> None:
    fields = json.loads(zlib.decompress(token_of().to_bytes()))
    with pytest.raises(ValueError, match="wrong type"):
        AccessToken.from_bytes(zlib.compress(json.dumps(fields | {"hosts": value}).encode()))


def test_a_copy_that_names_a_host_which_is_no_longer_listed_is_not_served() -> None:
    listed = frozenset({"own.example:8443"})
    token = replace(token_of(), hosts=("api.salesforce.com", "own.example:8443"))
    assert token.is_for(listed)
    assert not token.is_for(frozenset())


def test_all_that_belongs_to_the_token_is_kept() -> None:
    token = token_of()
    assert token.access_token.reveal() == TOKEN
    assert token.fingerprint == fingerprint_of(TOKEN)
    assert (token.connection, token.token_type, token.scope) == ("orders", "Bearer", "api")
    assert token.instance_url == "https://acme.my.salesforce.com"
    assert (token.org_id, token.user_id) == ("00Dxx0000000001EAA", "005xx000001Sv6AAAS")


def test_the_fingerprint_is_the_head_of_sha_256() -> None:
    assert fingerprint_of("abc") == "ba7816bf8f01cfea"


@pytest.mark.parametrize("field", ["id", "scope"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_only_informative_may_be_left_out(field: str, value: object) -> None:
    assert getattr(token_of({field: value}), field) == ""


@pytest.mark.parametrize(
    "identity",
    [
        "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
        "https://test.salesforce.com/id/00Dxx0000000001/005xx000001Sv6A",
        "https://acme.my.site.com/portal/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
    ],
)
def test_an_identity_names_org_and_user(identity: str) -> None:
    token = token_of({"id": identity})
    assert token.id == identity
    assert token.org_id.startswith("00Dxx0000000001")
    assert token.user_id.startswith("005xx000001Sv6A")


def odd_texts() -> st.SearchStrategy[str]:
    """Texts that somebody cannot encode, print or read from left to right."""
    odd = st.characters(categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]) | st.sampled_from(
        "\ud800\u202e\u200f\x7f"
    )
    return st.builds("{}{}{}".format, st.text(max_size=3), odd, st.text(max_size=3))


@given(
    field=st.sampled_from(["access_token", "instance_url", "id", "scope", "token_type", "issued_at"]), odd=odd_texts()
)
def test_no_field_that_is_kept_holds_a_character_that_cannot_be_shown(field: str, odd: str) -> None:
    for value in (odd, f"{ANSWER[field]}{odd}", f"{odd}{ANSWER[field]}"):
        with pytest.raises(MalformedAnswer):
            token_of({field: value})


@pytest.mark.parametrize("value", [7, True, ["api"], {"a": 1}, 1.5], ids=repr)
@pytest.mark.parametrize("field", ["access_token", "instance_url", "id", "scope", "token_type"])
def test_no_field_that_is_kept_is_of_another_type_than_text(field: str, value: object) -> None:
    with pytest.raises(MalformedAnswer):
        token_of({field: value})


@pytest.mark.parametrize("field", ["access_token", "instance_url", "id", "scope"])
def test_no_field_that_is_kept_is_endless(field: str) -> None:
    with pytest.raises(MalformedAnswer):
        token_of({field: ANSWER[field] + "a" * 70_000})


@pytest.mark.parametrize("scope", ["api refresh_token", "full", "my:scope/1 a!b", "a " * 500 + "a"])
def test_a_scope_is_words_with_one_blank_between_them(scope: str) -> None:
    assert token_of({"scope": scope}).scope == scope


@pytest.mark.parametrize("scope", [" api", "api ", "api  web", "api\tweb", 'a"b', "a\\b", "\u00e4pi", "api\n"])
def test_a_scope_of_other_characters_is_malformed(scope: str) -> None:
    with pytest.raises(MalformedAnswer, match="no usable scope"):
        token_of({"scope": scope})


@pytest.mark.parametrize(
    "identity",
    [
        "https://login.salesforce.com/",
        "https://x/id/short/ids",
        "a/id/b/c/d",
        "http://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
        "https://evil.example/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
        "https://login.salesforce.com@evil.example/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
        "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS?a=b",
        "https://login.salesforce.com/id/001xx0000000001EAA/005xx000001Sv6AAAS",
        "https://login.salesforce.com/id/00Dxx0000000001EAA/00Dxx000001Sv6AAAS",
    ],
)
def test_an_identity_of_another_shape_or_place_is_malformed(identity: str) -> None:
    with pytest.raises(MalformedAnswer, match="its id is no identity URL"):
        token_of({"id": identity})


@pytest.mark.parametrize("kind", ["bearer", "BEARER"])
def test_the_token_type_is_bearer_in_any_case(kind: str) -> None:
    assert token_of({"token_type": kind}).token_type == "Bearer"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"access_token": None}, "no usable access_token"),
        ({"access_token": ""}, "no usable access_token"),
        ({"access_token": 7}, "no usable access_token"),
        ({"access_token": ["Canary"]}, "no usable access_token"),
        ({"access_token": "Canary\r\nX-Header: 1"}, "no usable access_token"),
        ({"access_token": "Canaryé"}, "no usable access_token"),
        ({"instance_url": None}, "no usable instance_url"),
        ({"instance_url": "Canary"}, "its instance_url must begin with https://"),
        ({"instance_url": "https://Canary.example"}, "its instance_url is not a host of Salesforce"),
        ({"instance_url": "http://acme.my.salesforce.com"}, "its instance_url must begin with https://"),
        ({"instance_url": "https://acme.my.salesforce.com@Canary.example"}, "its instance_url must not carry a user"),
        ({"instance_url": "https://acme.my.salesforce.com/Canary"}, "its instance_url must be an origin"),
        ({"instance_url": "https://10.0.0.1"}, "its instance_url must name a host"),
        ({"token_type": "mac"}, "its token_type is not Bearer"),
        ({"token_type": None}, "its token_type is not Bearer"),
    ],
)
def test_a_malformed_answer_is_refused_and_not_quoted(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(MalformedAnswer, match=fault) as caught:
        token_of(changes)
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize("field", ["access_token", "instance_url"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(MalformedAnswer, match=field):
        AccessToken.from_answer(
            {name: value for name, value in ANSWER.items() if name != field},
            connection="orders",
            asked_at=NOON,
            lifetime_s=900,
            soft_share=0.5,
            listed=frozenset(),
        )


def test_a_host_of_ones_own_is_taken_where_it_is_listed() -> None:
    url = "https://localhost:8443"
    assert token_of({"instance_url": url}, listed=frozenset({"localhost:8443"})).instance_url == url


# --- times


def test_soft_expiry_lies_at_the_drawn_share_and_hard_expiry_a_twentieth_before_the_end() -> None:
    assert times(soft_share=0.45) == (0, 450, 950)


def test_soft_expiry_is_drawn_near_the_middle_of_the_life() -> None:
    assert SOFT_SPREAD == (0.45, 0.55)


@pytest.mark.parametrize(
    ("salesforces", "issued_at"),
    [(5, 0), (0, 0), (-5, -5), (-60, -60)],
    ids=["theirs is later: ours", "equal", "theirs is earlier", "just not old"],
)
def test_the_earlier_of_the_two_clocks_counts(salesforces: float, issued_at: float) -> None:
    assert times(issued(salesforces)) == (issued_at, issued_at + 500, issued_at + 950)


@pytest.mark.parametrize("value", [None, ""])
def test_without_an_issue_time_our_clock_counts(value: object) -> None:
    assert times({"issued_at": value}) == (0, 500, 950)


@pytest.mark.parametrize(
    "value",
    [*NO_INSTANTS, "soon", "1e400", "-1", "1_000", "\u0661\u0662", "1.5", [], {}, "9" * 400, "9" * 5000],
    ids=lambda value: repr(value)[:20],
)
def test_an_issue_time_that_is_no_instant_is_malformed(value: object) -> None:
    with pytest.raises(MalformedAnswer, match="no usable issued_at"):
        token_of({"issued_at": value})


@pytest.mark.parametrize("age", [61, 3600, 10**9])
def test_a_session_handed_out_again_is_trusted_for_moments_only(age: float) -> None:
    assert times(issued(-age), lifetime_s=43_200) == (0, 60, 120)


def test_the_tokens_own_expiry_wins_where_it_is_sooner() -> None:
    assert times({"access_token": jwt_with({"exp": NOON + 100})}) == (0, 50, 95)


def test_the_tokens_own_expiry_counts_from_the_earlier_issue_time() -> None:
    assert times({"access_token": jwt_with({"exp": NOON + 70}), **issued(-30)}) == (-30, 20, 65)


def test_the_connections_lifetime_wins_where_it_is_sooner() -> None:
    assert times({"access_token": jwt_with({"exp": NOON + 5000})}) == (0, 500, 950)


def test_a_session_handed_out_again_ends_with_its_own_expiry() -> None:
    assert times({"access_token": jwt_with({"exp": NOON + 80}), **issued(-600)}) == (0, 60, 80)


def test_a_token_that_says_it_is_over_has_no_life() -> None:
    issued_at, soft, hard = times({"access_token": jwt_with({"exp": NOON - 1})})
    assert issued_at == soft == hard == 0


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        "a.!!!.c",
        "00Dxx0000000001!ARcAQ.abc.def",
        "00Dxx0000000001!ARcAQ.eyJh.def",
        jwt_with({}),
        jwt_with([NOON]),
        jwt_with("7"),
        jwt_with("[" * 4_000),
        "one.two",
        f"{jwt_with({'exp': NOON + 1})}.fourth",
    ],
    ids=lambda token: token[:40],
)
def test_a_token_that_tells_no_expiry_has_the_connections_lifetime(token: str) -> None:
    assert times({"access_token": token}) == (0, 500, 950)


@pytest.mark.parametrize(
    "payload",
    [
        {"exp": None},
        {"exp": "soon"},
        {"exp": str(NOON)},
        {"exp": [NOON]},
        {"exp": True},
        {"exp": -1},
        {"exp": 1e300},
        {"exp": 10**400},
        {"exp": 10**12},
        '{"exp": NaN}',
        '{"exp": Infinity}',
        '{"exp": 1e999}',
        f'{{"exp": {"9" * 5000}}}',
        f'{{"exp": {NOON}, "exp": {NOON + 900}}}',
        '{"a":' * 2_000,
        "{",
    ],
    ids=lambda payload: str(payload)[:40],
)
def test_a_token_whose_own_expiry_cannot_be_read_is_malformed(payload: object) -> None:
    with pytest.raises(MalformedAnswer, match="its access_token is a JWT"):
        token_of({"access_token": jwt_with(payload)})


@given(
    issued_at=st.none() | st.integers(-(10**6), 10**6),
    exp=st.none() | st.integers(-(10**6), 10**6),
    lifetime_s=st.integers(60, 43_200),
    soft_share=st.floats(0.45, 0.55),
)
def test_no_token_outlives_its_lifetime_or_its_own_expiry(
    issued_at: int | None, exp: int | None, lifetime_s: int, soft_share: float
) -> None:
    answer = {
        "issued_at": None if issued_at is None else issued(issued_at)["issued_at"],
        "access_token": TOKEN if exp is None else jwt_with({"exp": NOON + exp}),
    }
    begun, soft, hard = times(answer, lifetime_s=lifetime_s, soft_share=soft_share)
    assert begun <= 0
    assert hard <= max(begun + lifetime_s, 120)
    assert exp is None or hard <= max(exp, begun)
    assert soft <= max(hard, begun + 60)


# --- what is handed on


def test_the_answer_holds_the_token_and_what_is_left_of_its_life() -> None:
    answer = token_of().answer(now=NOON + 10.5, min_ttl=60.9)
    assert answer["access_token"] == TOKEN
    assert (answer["issued_at"], answer["expires_at"]) == ("2026-11-23T12:00:00Z", "2026-11-23T12:15:50Z")
    assert (answer["expires_in"], answer["min_ttl_applied"]) == (939, 60)


def test_the_metadata_is_the_answer_without_the_token() -> None:
    token = token_of()
    answer = token.answer(now=NOON, min_ttl=60)
    assert token.metadata(now=NOON).items() == answer.items() - {("access_token", TOKEN), ("min_ttl_applied", 60)}
    assert "Canary" not in str(token.metadata(now=NOON))


def test_what_is_left_is_never_less_than_nothing() -> None:
    assert token_of().metadata(now=NOON + 951)["expires_in"] == 0


def test_a_least_life_is_clamped_to_half_of_the_actual_life() -> None:
    assert (token_of().lifetime.clamped(60), token_of().lifetime.clamped(43_200)) == (60, 475)


def test_instants_are_cut_to_whole_seconds_in_utc() -> None:
    assert iso8601(0.999) == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize("instant", [1e125, 1e300, float("inf"), 10**400, 253_402_300_800])
def test_an_instant_beyond_the_calendar_is_its_end(instant: float) -> None:
    assert iso8601(instant) == "9999-12-31T23:59:59Z"
    assert iso8601(-instant) == "1970-01-01T00:00:00Z"


def test_the_token_shows_in_no_repr() -> None:
    assert "Canary" not in f"{token_of()!r} {token_of()} {asdict(token_of())}"


# --- what is sealed


@given(
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1),
    scope=st.from_regex(SCOPE.pattern, fullmatch=True),
    at=st.floats(0, 1e10),
)
def test_a_token_survives_being_stored(text: str, scope: str, at: float) -> None:
    token = token_of({"access_token": text, "scope": scope}, asked_at=at)
    assert AccessToken.from_bytes(token.to_bytes()) == token


@given(position=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_byte_of_what_is_stored_can_be_changed_unnoticed(position: int, byte: int) -> None:
    token = token_of()
    data = bytearray(token.to_bytes())
    position %= len(data)
    assume(data[position] != byte and position > 1)  # the two bytes of the header say only how it was made
    data[position] = byte
    with pytest.raises(ValueError, match="not a stored access token"):
        AccessToken.from_bytes(bytes(data))


@given(data=st.binary())
def test_arbitrary_bytes_are_no_token(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored access token"):
        AccessToken.from_bytes(data)


def stored(fields: object) -> bytes:
    return zlib.compress(json.dumps(fields).encode())


@given(fields=ANY_JSON | st.dictionaries(st.sampled_from(AccessToken.__slots__), ANY_JSON))
def test_arbitrary_json_is_no_token(fields: object) -> None:
    with pytest.raises(ValueError, match=r"not a stored access token|of another token|of a wrong type"):
        AccessToken.from_bytes(stored(fields))


@given(name=st.sampled_from(["access_token", "fingerprint"]), value=ANY_JSON)
def test_token_and_fingerprint_must_fit_each_other(name: str, value: object) -> None:
    fields = json.loads(zlib.decompress(token_of().to_bytes()))
    with pytest.raises(ValueError, match=r"not a stored access token|of another token|of a wrong type") as caught:
        AccessToken.from_bytes(stored(fields | {name: value}))
    assert "Canary" not in str(caught.value)


def test_deeply_nested_json_is_no_token() -> None:
    with pytest.raises(ValueError, match="not a stored access token"):
        AccessToken.from_bytes(zlib.compress(b"[" * 100_000))


@pytest.mark.parametrize("name", ["hard_expiry", "soft_expiry", "issued_at", "instance_url", "scope", "connection"])
@pytest.mark.parametrize("value", [None, [], {}])
def test_a_stored_field_of_a_wrong_type_makes_it_no_token(name: str, value: object) -> None:
    fields = json.loads(zlib.decompress(token_of().to_bytes()))
    with pytest.raises(ValueError, match="of a wrong type"):
        AccessToken.from_bytes(stored(fields | {name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scope", "api \ud800"),
        ("id", "\u202e"),
        ("instance_url", "a\nb"),
        ("org_id", "\x00"),
        ("hard_expiry", 1e300),
        ("soft_expiry", float("nan")),
        ("issued_at", float("-inf")),
        ("issued_at", True),
        ("hard_expiry", 10**400),
    ],
)
def test_a_stored_field_that_no_answer_could_hold_makes_it_no_token(name: str, value: object) -> None:
    fields = json.loads(zlib.decompress(token_of().to_bytes()))
    with pytest.raises(ValueError, match=r"of a wrong type|not a stored access token"):
        AccessToken.from_bytes(stored(fields | {name: value}))


@pytest.mark.parametrize(
    ("instance_url", "listed", "good"),
    [
        ("https://acme.my.salesforce.com", frozenset(), True),
        ("https://localhost:8443", frozenset({"localhost:8443"}), True),
        ("https://localhost:8443", frozenset(), False),
        ("https://evil.example", frozenset(), False),
        ("https://ACME.my.salesforce.com", frozenset(), False),
        ("http://acme.my.salesforce.com", frozenset(), False),
    ],
)
def test_a_token_is_for_hosts_of_salesforce_and_listed_ones(
    instance_url: str, listed: frozenset[str], *, good: bool
) -> None:
    assert replace(token_of(), instance_url=instance_url).is_for(listed) is good


@pytest.mark.parametrize("change", [{"more": 1}, {"hard_expiry": None}])
def test_a_token_of_another_schema_is_no_token(change: dict[str, Any]) -> None:
    fields = json.loads(zlib.decompress(token_of().to_bytes())) | change
    with pytest.raises(ValueError, match="not a stored access token"):
        AccessToken.from_bytes(stored({name: value for name, value in fields.items() if value is not None}))


# --- anything


@given(
    answer=st.dictionaries(st.sampled_from(list(ANSWER)), ANY_JSON),
    token=st.text().map(lambda text: f"Canary{text}"),
)
def test_any_answer_is_a_token_or_malformed_and_never_quoted(answer: dict[str, Any], token: str) -> None:
    try:
        made = token_of({"access_token": token} | answer)
    except MalformedAnswer as error:
        assert "Canary" not in str(error)  # noqa: PT017 - both ends are fine
    else:
        assert "Canary" not in repr(made)
        assert AccessToken.from_bytes(made.to_bytes()) == made


def test_two_tokens_with_equal_fields_are_one() -> None:
    assert token_of() == token_of()
    assert token_of() != replace(token_of(), hard_expiry=0)
