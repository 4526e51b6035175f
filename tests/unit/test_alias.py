"""The alias that was invoked says whose token is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import ConnectionForbidden
from sfmint.request import alias_of
from sfmint_values.alias_arn import asks_for_build

CONNECTIONS = frozenset({"orders", "billing"})


def arn(alias: str, *, partition: str = "aws", function: str = "acme-token-broker") -> str:
    return f"arn:{partition}:lambda:eu-central-1:123456789012:function:{function}:{alias}"


def alias(invoked: str) -> str:
    return alias_of(invoked, "acme-token-broker", CONNECTIONS)


@pytest.mark.parametrize(
    "partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
)
@pytest.mark.parametrize("name", sorted(CONNECTIONS))
def test_the_alias_is_the_connection_in_every_partition(partition: str, name: str) -> None:
    assert alias(arn(name, partition=partition)) == name


@pytest.mark.parametrize(
    "invoked",
    [
        "arn:aws:lambda:eu-central-1:123456789012:function:acme-token-broker",
        arn("$LATEST"),
        arn("live"),
        arn("7"),
        arn("unknown"),
        arn("Orders"),
        arn("orders "),
        arn(""),
        arn("orders:extra"),
        arn("orders", function="acme-token-keeper"),
        arn("orders", function="token-broker"),
        "arn:aws:s3:eu-central-1:123456789012:function:acme-token-broker:orders",
        "arn:aws:lambda:eu-central-1:123456789012:layer:acme-token-broker:orders",
        "urn:aws:lambda:eu-central-1:123456789012:function:acme-token-broker:orders",
        "orders",
        "",
        ":::::::",
    ],
)
def test_every_other_way_of_being_invoked_is_forbidden(invoked: str) -> None:
    with pytest.raises(ConnectionForbidden) as caught:
        alias(invoked)
    assert "/sfmint/STACK/connections/NAME/broker" in caught.value.remedy


@given(parts=st.lists(st.sampled_from([*arn("orders").split(":"), "live", "$LATEST", "x", ""]), min_size=5, max_size=9))
def test_any_arn_is_a_known_alias_of_this_very_function_or_forbidden(parts: list[str]) -> None:
    try:
        found = alias(":".join(parts))
    except ConnectionForbidden:
        return
    assert (parts[6], parts[7], len(parts)) == ("acme-token-broker", found, 8)


@given(text=st.text())
def test_any_text_in_place_of_an_arn_is_forbidden(text: str) -> None:
    with pytest.raises(ConnectionForbidden) as caught:
        alias(f"Canary{text}")
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso"])
def test_live_tells_its_build(partition: str) -> None:
    assert asks_for_build({"action": "status"}, arn("live", partition=partition), "acme-token-broker")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"action": "get_token"},
        {"action": "Status"},
        {"action": ["status"]},
        {"action": "status", "connection": "orders"},
        {"action": "status", "force": True},
        [],
        "status",
        None,
        ["action", "status"],
    ],
)
def test_live_tells_nothing_else(event: object) -> None:
    assert not asks_for_build(event, arn("live"), "acme-token-broker")


@given(parts=st.lists(st.sampled_from([*arn("live").split(":"), "orders", "$LATEST", "x", ""]), min_size=5, max_size=9))
def test_nothing_but_live_of_this_very_function_tells_the_build_alone(parts: list[str]) -> None:
    is_live = (len(parts), parts[6:]) == (8, ["acme-token-broker", "live"]) and ":".join(parts) == arn("live")
    invoked = ":".join(parts)
    assert asks_for_build({"action": "status"}, invoked, "acme-token-broker") >= is_live
    if not invoked.endswith(":function:acme-token-broker:live"):
        assert not asks_for_build({"action": "status"}, invoked, "acme-token-broker")
