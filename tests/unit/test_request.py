import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import ConnectionForbidden, ConnectionNotFound, InvalidRequest, SfmintError
from sfmint.request import (
    FlushRequest,
    RefreshRequest,
    RowsRequest,
    StatusRequest,
    TaintRequest,
    TokenRequest,
    TryRequest,
    WatchRequest,
    parse_broker_event,
    parse_keeper_event,
)
from sfmint.salesforce.connection import Stage

CONNECTIONS = frozenset({"orders", "billing"})
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NO_HEX16 = [
    "",
    "0123456789abcde",
    "0123456789abcdef0",
    "0123456789ABCDEF",
    "0123456789abcdeg",
    "0123456789abcdef\n",
    7,
    [],
    True,
]
NO_OBJECTS = [None, [], ["get_token"], "get_token", "Canary", 7, 7.5, True]

# --- the broker's events


def test_an_empty_event_asks_for_a_token_with_the_defaults() -> None:
    assert parse_broker_event({}, "orders") == TokenRequest(
        connection="orders", min_ttl=60, rejected=None, deadline_s=10
    )


def test_a_full_event_is_taken_as_it_says() -> None:
    event = {
        "action": "get_token",
        "connection": "orders",
        "min_ttl": 300,
        "rejected": "0123456789abcdef",
        "deadline_ms": 2500,
    }
    assert parse_broker_event(event, "orders") == TokenRequest(
        connection="orders", min_ttl=300, rejected="0123456789abcdef", deadline_s=2.5
    )


def test_status_takes_the_connection_and_nothing_else() -> None:
    assert parse_broker_event({"action": "status"}, "orders") == StatusRequest(connection="orders")
    assert parse_broker_event({"action": "status", "connection": "orders"}, "orders") == StatusRequest(
        connection="orders"
    )
    with pytest.raises(InvalidRequest, match="unknown fields: min_ttl"):
        parse_broker_event({"action": "status", "min_ttl": 60}, "orders")


@pytest.mark.parametrize("event", NO_OBJECTS)
def test_what_is_no_object_is_refused(event: object) -> None:
    for parse in (
        lambda: parse_broker_event(event, "orders"),
        lambda: parse_keeper_event(event, CONNECTIONS),
    ):
        with pytest.raises(InvalidRequest, match="is not a JSON object"):
            parse()


@pytest.mark.parametrize(
    "action", ["", "GET_TOKEN", "refresh", "taint", "Canary", None, 7, True, [], {}, ["get_token"]]
)
def test_an_unknown_action_of_the_broker_is_refused(action: object) -> None:
    with pytest.raises(InvalidRequest, match=r"unknown action\. Known are get_token and status") as caught:
        parse_broker_event({"action": action}, "orders")
    assert "Canary" not in str(caught.value)


def test_unknown_fields_are_refused_by_name_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_broker_event({"minTtl": 1, "force": True}, "orders")
    assert "unknown fields: force, minTtl." in caught.value.cause
    assert "action, connection, deadline_ms, min_ttl, rejected" in caught.value.remedy


@given(fields=st.sets(st.text(min_size=1), min_size=11, max_size=60))
def test_of_many_unknown_fields_the_first_are_named_and_the_others_counted(fields: set[str]) -> None:
    unknown = fields - {"action", "connection", "min_ttl", "rejected", "deadline_ms"}
    with pytest.raises(
        InvalidRequest, match=f"and {len(unknown) - 10} more" if len(unknown) > 10 else "unknown"
    ) as raised:
        parse_broker_event(dict.fromkeys(unknown, 0), "orders")
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("name", ["00Dxx0000000001!Canary", "eyCanary.a.b", "Canary" * 7, "Canary 1", "", "Canaryé"])
def test_a_token_pasted_as_a_fields_name_is_not_echoed(name: str) -> None:
    for parse in (
        lambda: parse_broker_event({name: ""}, "orders"),
        lambda: parse_keeper_event({name: ""}, CONNECTIONS),
    ):
        with pytest.raises(InvalidRequest, match=r"\(not a name\)") as caught:
            parse()
        assert "Canary" not in str(caught.value)


@pytest.mark.parametrize("connection", ["billing", "unknown", "", "ORDERS", None, 7, ["orders"]])
@pytest.mark.parametrize("action", ["get_token", "status"])
def test_another_connection_than_the_alias_is_forbidden(action: str, connection: object) -> None:
    with pytest.raises(ConnectionForbidden, match="than the invoked alias 'orders'"):
        parse_broker_event({"action": action, "connection": connection}, "orders")


@pytest.mark.parametrize("field", ["min_ttl", "deadline_ms"])
@pytest.mark.parametrize("value", [None, "60", 60.0, True, -1, 900_001, [], {}, float("nan")])
def test_a_number_that_is_not_whole_or_out_of_range_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidRequest, match=f"{field} is unusable. Give a whole number from 0 to"):
        parse_broker_event({field: value}, "orders")


@pytest.mark.parametrize(("field", "longest"), [("min_ttl", 43_200), ("deadline_ms", 900_000)])
def test_the_ends_of_each_range_are_in_it(field: str, longest: int) -> None:
    for value in (0, longest):
        assert isinstance(parse_broker_event({field: value}, "orders"), TokenRequest)
    with pytest.raises(InvalidRequest):
        parse_broker_event({field: longest + 1}, "orders")


@pytest.mark.parametrize("value", NO_HEX16)
def test_what_is_no_fingerprint_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match="is not a fingerprint"):
        parse_broker_event({"rejected": value}, "orders")


def test_no_rejection_may_be_said_in_words() -> None:
    request = parse_broker_event({"rejected": None}, "orders")
    assert isinstance(request, TokenRequest)
    assert request.rejected is None


def test_a_token_sent_in_place_of_its_fingerprint_is_not_echoed() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_broker_event({"rejected": "00Dxx0000000001!Canary"}, "orders")
    assert "Canary" not in str(caught.value)
    assert "fingerprint" in caught.value.remedy


# --- the keeper's events


def test_the_keeper_refreshes_and_flushes_a_named_connection() -> None:
    assert parse_keeper_event({"action": "refresh", "connection": "orders"}, CONNECTIONS) == RefreshRequest(
        connection="orders"
    )
    assert parse_keeper_event({"action": "flush", "connection": "billing"}, CONNECTIONS) == FlushRequest(
        connection="billing"
    )
    tried = parse_keeper_event({"action": "try", "connection": "orders"}, CONNECTIONS)
    assert tried == TryRequest(connection="orders")


@pytest.mark.parametrize("ahead_s", [0, 1, 300, 43_200])
def test_a_refresh_may_say_how_far_it_looks_ahead(ahead_s: int) -> None:
    event = {"action": "refresh", "connection": "orders", "ahead_s": ahead_s}
    assert parse_keeper_event(event, CONNECTIONS) == RefreshRequest(connection="orders", ahead_s=ahead_s)


@pytest.mark.parametrize("ahead_s", [None, "300", 300.0, True, -1, 43_201, [], {}, float("inf")])
def test_a_refresh_looks_ahead_by_whole_seconds_only(ahead_s: object) -> None:
    with pytest.raises(InvalidRequest, match=r"ahead_s is unusable. Give a whole number from 0 to 43200"):
        parse_keeper_event({"action": "refresh", "connection": "orders", "ahead_s": ahead_s}, CONNECTIONS)


@pytest.mark.parametrize("stage", ["SFMINT_TRY", "AWSPENDING", "AWSCURRENT"])
def test_a_try_may_say_which_version_of_the_secret_it_is_for(stage: Stage) -> None:
    event = {"action": "try", "connection": "orders", "stage": stage}
    assert parse_keeper_event(event, CONNECTIONS) == TryRequest(connection="orders", stage=stage)


@pytest.mark.parametrize("stage", [None, "", "AWSPREVIOUS", "awspending", "Canary", "AWSPENDING ", 7, True, [], {}])
def test_a_version_that_cannot_be_tried_is_refused_and_not_echoed(stage: object) -> None:
    with pytest.raises(InvalidRequest, match=r"stage .* Give SFMINT_TRY, AWSPENDING, AWSCURRENT") as caught:
        parse_keeper_event({"action": "try", "connection": "orders", "stage": stage}, CONNECTIONS)
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (action, field)
        for action in ("refresh", "flush", "status", "taint", "try")
        for field, whose in (("ahead_s", "refresh"), ("stage", "try"), ("key_id", "taint"))
        if action != whose
    ],
)
def test_an_action_of_the_keeper_takes_no_field_of_another(action: str, field: str) -> None:
    with pytest.raises(InvalidRequest, match=f"unknown fields: {field}"):
        parse_keeper_event({"action": action, "connection": "orders", field: 1}, CONNECTIONS)


@pytest.mark.parametrize("action", [None, "", "get_token", "Status", "Refresh", 7, [], {}])
def test_an_unknown_action_of_the_keeper_is_refused(action: object) -> None:
    with pytest.raises(
        InvalidRequest, match=r"no known action\. Known are refresh, flush, status, taint, try and watch"
    ):
        parse_keeper_event({"action": action, "connection": "orders"}, CONNECTIONS)


def test_the_keeper_has_no_default_action() -> None:
    with pytest.raises(InvalidRequest):
        parse_keeper_event({"connection": "orders"}, CONNECTIONS)


@pytest.mark.parametrize("event", [{}, {"connection": None}, {"connection": 7}, {"connection": ["orders"]}])
def test_the_keeper_must_be_told_the_connection(event: dict[str, Any]) -> None:
    for action in ("refresh", "try"):
        with pytest.raises(InvalidRequest, match="names no connection"):
            parse_keeper_event({"action": action, **event}, CONNECTIONS)


def test_a_connection_that_the_stack_does_not_have_is_answered_with_those_it_has() -> None:
    with pytest.raises(ConnectionNotFound) as caught:
        parse_keeper_event({"action": "flush", "connection": "Canary"}, CONNECTIONS)
    assert "billing, orders" in caught.value.remedy
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("action", "known"),
    [
        ("refresh", "action, ahead_s, connection"),
        ("status", "action, connection"),
        ("try", "action, connection, stage"),
        ("watch", "action"),
    ],
)
@pytest.mark.parametrize("field", ["min_ttl", "rejected", "deadline_ms", "key_id"])
def test_the_keeper_takes_no_other_field(action: str, known: str, field: str) -> None:
    event = {"action": action, field: 1} | ({} if action == "watch" else {"connection": "orders"})
    with pytest.raises(InvalidRequest, match=rf"unknown fields: {field}\. Known here are {known}\."):
        parse_keeper_event(event, CONNECTIONS)


def test_the_keeper_tells_of_one_connection_or_of_all() -> None:
    everywhere, one = {"action": "status"}, {"action": "status", "connection": "orders"}
    assert parse_keeper_event(everywhere, CONNECTIONS) == RowsRequest(connections=("billing", "orders"))
    assert parse_keeper_event(one, CONNECTIONS) == RowsRequest(connections=("orders",))


def test_the_keeper_watches_all_connections_and_never_one() -> None:
    assert parse_keeper_event({"action": "watch"}, CONNECTIONS) == WatchRequest(connections=("billing", "orders"))
    with pytest.raises(InvalidRequest, match=r"unknown fields: connection\. Known here are action\."):
        parse_keeper_event({"action": "watch", "connection": "orders"}, CONNECTIONS)


@pytest.mark.parametrize("connection", [None, 7, ["orders"]])
def test_a_connection_that_is_no_text_does_not_mean_all(connection: object) -> None:
    with pytest.raises(InvalidRequest, match="names no connection"):
        parse_keeper_event({"action": "status", "connection": connection}, CONNECTIONS)


# --- the keeper's taint

TAINT = {"action": "taint", "connection": "orders", "key_id": "0123456789abcdef"}


def test_the_keeper_taints_a_named_key_of_a_named_connection() -> None:
    assert parse_keeper_event(TAINT, CONNECTIONS) == TaintRequest(connection="orders", key_id="0123456789abcdef")


@pytest.mark.parametrize("event", [{"action": "taint", "connection": "orders"}, TAINT | {"key_id": None}])
def test_the_keeper_must_be_told_which_key_to_taint(event: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="names no key") as caught:
        parse_keeper_event(event, CONNECTIONS)
    assert "key_id" in caught.value.remedy
    assert "status" in caught.value.remedy


@pytest.mark.parametrize(
    "key_id",
    [*NO_HEX16, "Canary", 0, False, ["0123456789abcdef"], {}],
)
def test_what_is_no_key_id_is_refused_and_not_echoed(key_id: object) -> None:
    with pytest.raises(InvalidRequest, match=r"key_id is not a key id\. Send the key_id that status shows") as caught:
        parse_keeper_event(TAINT | {"key_id": key_id}, CONNECTIONS)
    assert "Canary" not in str(caught.value)


def test_a_key_of_a_connection_that_the_stack_does_not_have_is_not_tainted() -> None:
    with pytest.raises(ConnectionNotFound, match="billing, orders"):
        parse_keeper_event(TAINT | {"connection": "unknown"}, CONNECTIONS)


@pytest.mark.parametrize("field", ["min_ttl", "rejected", "deadline_ms", "fingerprint"])
def test_a_taint_takes_no_other_field(field: str) -> None:
    with pytest.raises(InvalidRequest, match=f"fields: {field}. Known here are action, connection, key_id"):
        parse_keeper_event(TAINT | {field: 1}, CONNECTIONS)


# --- anything

FIELDS = st.sampled_from(
    ["action", "connection", "key_id", "ahead_s", "stage", "min_ttl", "rejected", "deadline_ms", "Canary!"]
)
VALUES = ANY_JSON | st.sampled_from(["get_token", "status", "refresh", "flush", "taint", "try", "orders", "billing"])


@given(event=st.dictionaries(FIELDS, VALUES) | ANY_JSON)
def test_any_event_is_a_request_or_one_of_the_documented_errors(event: object) -> None:
    for parse in (
        lambda: parse_broker_event(event, "orders"),
        lambda: parse_keeper_event(event, CONNECTIONS),
    ):
        try:
            parse()
        except (InvalidRequest, ConnectionForbidden, ConnectionNotFound) as error:
            assert "Canary" not in str(error)  # noqa: PT017 - both ends are fine


@given(event=st.recursive(st.text().map(lambda text: f"Canary {text}"), st.lists, max_leaves=3), field=FIELDS)
def test_no_text_of_an_event_stands_in_a_message(event: object, field: str) -> None:
    with pytest.raises(SfmintError) as caught:
        parse_broker_event(json.loads(json.dumps({field: event})), "orders")
    assert "Canary" not in str(caught.value)
