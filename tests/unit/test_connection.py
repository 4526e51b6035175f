import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import ConnectionNotFound, InvalidCredentials
from sfmint.salesforce.connection import no_credentials, parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field
from sfmint_testing.fakes import a_connection
from sfmint_values.secret import Secret

HOST = "https://acme.my.salesforce.com"
SECRET: dict[str, Any] = {
    "consumer_key": "3MVG9-consumer",
    "username": "integration@acme.example",
    "token_host": HOST,
    "private_key": "Canary key",
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def parse(fields: object, *listed: str) -> Any:
    return parse_connection("orders", json.dumps(fields), frozenset(listed))


def refusal(text: str) -> InvalidCredentials:
    """Return what callers are told of a secret that cannot be used."""
    with pytest.raises(CredentialFault) as caught:
        parse_connection("orders", text, frozenset())
    fault, error = caught.value, caught.value.to_error("orders")
    subject = "The secret of connection 'orders' "
    assert error.cause.startswith(
        subject if fault.field is None else f"In the secret of connection 'orders', {fault.field} "
    )
    assert error.remedy
    assert "Canary" not in f"{error} {fault!r} {fault.details}"
    return error


def test_a_minimal_secret_uses_the_my_domain_for_both_host_and_audience_and_lives_fifteen_minutes() -> None:
    connection = parse(SECRET)
    assert (connection.token_host, connection.audience, connection.lifetime_s) == (HOST, HOST, 900)
    assert connection.private_key == Secret("Canary key")
    assert connection.passphrase is None
    assert connection.certificate is None


def test_an_audience_alone_stands_for_the_host_too() -> None:
    fields = {name: value for name, value in SECRET.items() if name != "token_host"}
    connection = parse(fields | {"audience": "https://login.salesforce.com"})
    assert (connection.token_host, connection.audience) == ("https://login.salesforce.com",) * 2


def test_a_full_secret_is_taken_as_it_says() -> None:
    connection = parse(
        SECRET
        | {
            "audience": "https://login.salesforce.com",
            "private_key_passphrase": "word",
            "certificate": "PEM",
            "token_lifetime": 7200,
        }
    )
    assert (connection.audience, connection.token_host) == ("https://login.salesforce.com", HOST)
    assert (connection.passphrase, connection.certificate, connection.lifetime_s) == (Secret("word"), "PEM", 7200)


def test_blanks_around_a_pasted_value_are_dropped() -> None:
    connection = parse(SECRET | {"consumer_key": " key\n", "username": "\tuser ", "token_host": f" {HOST} "})
    assert (connection.consumer_key, connection.username, connection.token_host) == ("key", "user", HOST)


def test_a_host_of_ones_own_is_taken_where_the_operator_lists_it() -> None:
    fields = SECRET | {"token_host": "https://localhost:8443"}
    assert parse(fields, "localhost:8443").token_host == "https://localhost:8443"
    assert "TokenHosts" in str(refusal(json.dumps(fields)))


def test_keys_and_passphrases_are_taken_as_they_are_with_every_line_break() -> None:
    connection = parse(SECRET | {"private_key": "a\n\tb\n", "private_key_passphrase": " word \n"})
    assert (connection.private_key, connection.passphrase) == (Secret("a\n\tb\n"), Secret(" word \n"))


def test_an_audience_is_never_asked_and_may_be_any_origin() -> None:
    assert parse(SECRET | {"audience": "https://community.example"}).audience == "https://community.example"


@pytest.mark.parametrize(
    "text",
    ["", "Canary", '{"private_key": "Canary', "\ufeff", "[" * 100_000, '{"a":' * 100_000, "1" * 5000, "NaN"],
    ids=["empty", "text", "cut off", "byte order mark", "deep list", "deep object", "huge number", "no number"],
)
def test_what_is_not_json_is_refused_without_being_quoted(text: str) -> None:
    assert "is not JSON" in str(refusal(text))


@pytest.mark.parametrize("text", ["[]", '"Canary"', "7", "null", "true"])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    assert "is not a JSON object" in str(refusal(text))


@pytest.mark.parametrize("field", ["consumer_key", "username", "private_key"])
def test_each_missing_field_is_named(field: str) -> None:
    fields = {name: value for name, value in SECRET.items() if name != field}
    assert f"lacks {field}" in str(refusal(json.dumps(fields)))


def test_a_secret_without_any_host_is_told_to_give_the_my_domain() -> None:
    error = refusal(json.dumps({name: value for name, value in SECRET.items() if name != "token_host"}))
    assert "names neither token_host nor audience" in error.cause
    assert "My Domain" in error.remedy


def test_unknown_fields_are_refused_by_name_and_the_known_ones_are_listed() -> None:
    error = refusal(json.dumps(SECRET | {"password": "Canary", "client_secret": "Canary"}))
    assert "unknown fields: client_secret, password" in error.cause
    assert "consumer_key" in error.remedy


@pytest.mark.parametrize("name", ["00Dxx!Canary", "-----BEGIN Canary-----", "Canary" * 10, "Canary=", ""])
def test_a_key_pasted_as_a_fields_name_is_not_echoed(name: str) -> None:
    assert "(not a name)" in str(refusal(json.dumps(SECRET | {name: ""})))


TEXTS = ("consumer_key", "username", "audience", "token_host", "private_key", "private_key_passphrase", "certificate")
REQUIRED = ("consumer_key", "username", "private_key")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("value", [7, True, ["Canary"], {"Canary": 1}])
def test_a_field_that_is_no_text_is_named(field: str, value: object) -> None:
    assert f", {field} is empty, or not a text" in str(refusal(json.dumps(SECRET | {field: value})))


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_field_that_has_to_be_there_and_is_empty_is_named(field: str, value: object) -> None:
    assert f", {field} is empty, or not a text" in str(refusal(json.dumps(SECRET | {field: value})))


@pytest.mark.parametrize("field", [*sorted(set(Field) - {*REQUIRED, "token_host"})])
@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_field_that_may_be_left_out_may_be_empty(field: str, value: object) -> None:
    if field == "private_key_passphrase" and value == " \n":
        value = "\r\n"
    assert parse(SECRET | {field: value}) == parse(SECRET)


def test_a_passphrase_may_consist_of_blanks() -> None:
    assert parse(SECRET | {"private_key_passphrase": "    "}).passphrase == Secret("    ")


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_an_empty_host_is_as_good_as_none(value: object) -> None:
    audience = {"audience": "https://login.salesforce.com"}
    assert parse(SECRET | {"token_host": value} | audience).token_host == "https://login.salesforce.com"
    assert "names neither token_host nor audience" in refusal(json.dumps(SECRET | {"token_host": value})).cause


@pytest.mark.parametrize("field", ["consumer_key", "username", "audience", "token_host"])
@pytest.mark.parametrize("value", ["Canary\nline", "Canary\x00", "Canary\u200b", "Canary\ud800"])
def test_a_line_break_or_an_invisible_sign_inside_a_name_is_refused(field: str, value: str) -> None:
    assert f", {field} has characters" in str(refusal(json.dumps(SECRET | {field: value})))


@pytest.mark.parametrize("field", ["audience", "token_host"])
@pytest.mark.parametrize(
    "value", ["http://Canary.my.salesforce.com", "Canary", "https://Canary.my.salesforce.com/path", "https://10.0.0.1"]
)
def test_a_bad_origin_is_named_by_its_field(field: str, value: str) -> None:
    error = refusal(json.dumps(SECRET | {field: value}))
    assert f", {field} " in error.cause
    assert error.remedy == f"Correct {field}."


@pytest.mark.parametrize(
    "value", [59, 43_201, 0, -900, 900.0, "59", "9e2", "+900", "\u0669\u0660\u0660", "9" * 5000, True, False, [900]]
)
def test_a_lifetime_out_of_range_or_not_whole_is_refused(value: object) -> None:
    assert "token_lifetime" in str(refusal(json.dumps(SECRET | {"token_lifetime": value})))


@pytest.mark.parametrize("value", [60, 43_200])
def test_the_ends_of_the_lifetimes_range_are_in_it(value: int) -> None:
    assert parse(SECRET | {"token_lifetime": value}).lifetime_s == value


@pytest.mark.parametrize("value", ["900", " 900 ", "0900"])
def test_a_lifetime_may_be_a_text_as_the_console_stores_it(value: str) -> None:
    assert parse(SECRET | {"token_lifetime": value}).lifetime_s == 900


def test_the_key_shows_in_no_repr() -> None:
    assert "Canary" not in repr(parse(SECRET | {"private_key_passphrase": "Canary"}))


@pytest.mark.parametrize("field", ["consumer_key", "username", "audience", "token_host"])
def test_the_configuration_is_another_when_anything_that_is_asserted_changes(field: str) -> None:
    assert a_connection(**{field: "https://other.my.salesforce.com"}).config_hash != a_connection().config_hash


def test_the_configuration_stays_when_only_key_or_lifetime_change() -> None:
    changed = a_connection(private_key=Secret("other"), passphrase=Secret("x"), certificate="PEM", lifetime_s=60)
    assert changed.config_hash == a_connection().config_hash
    assert len(changed.config_hash) == 16


def test_missing_credentials_are_told_with_the_command_that_stores_them() -> None:
    error = no_credentials("orders", "stack")
    assert isinstance(error, ConnectionNotFound)
    assert "'sfmint/stack/orders'" in error.cause
    assert "sfmint connection add orders --stack stack" in error.remedy


ORG_ID = "00Dxx0000000001"


def test_org_and_further_hosts_are_taken_as_the_secret_says() -> None:
    connection = parse(SECRET | {"org_id": f" {ORG_ID} ", "hosts": "api.salesforce.com, pi.pardot.com"})
    assert (connection.org_id, connection.hosts) == (ORG_ID, ("api.salesforce.com", "pi.pardot.com"))
    assert (parse(SECRET).org_id, parse(SECRET).hosts) == ("", ())
    assert parse(SECRET | {"hosts": ["localhost:8443"]}, "localhost:8443").hosts == ("localhost:8443",)


@pytest.mark.parametrize("value", ["Canary", "00Dxx0000000001EAB", "005xx000001Sv6A", ORG_ID.lower()])
def test_what_is_no_id_of_an_org_is_refused(value: str) -> None:
    error = refusal(json.dumps(SECRET | {"org_id": value}))
    assert "org_id is not the id of an org" in error.cause
    assert "Company Information" in error.remedy


@pytest.mark.parametrize("value", [["Canary.example"], "https://Canary/path", 7, {"a": 1}])
def test_hosts_that_no_token_may_go_to_are_refused(value: object) -> None:
    assert ", hosts " in refusal(json.dumps(SECRET | {"hosts": value})).cause


def test_a_site_is_audience_and_endpoint_with_its_path() -> None:
    site = "https://acme.my.site.com/portal"
    connection = parse(SECRET | {"token_host": site})
    assert (connection.audience, connection.token_host) == (site, site)
    assert (connection.token_origin, connection.token_path) == ("https://acme.my.site.com", "/portal")
    assert (parse(SECRET).token_origin, parse(SECRET).token_path) == (HOST, "")


@pytest.mark.parametrize("field", ["token_host", "audience"])
def test_an_address_of_the_browser_is_told_with_the_login(field: str) -> None:
    error = refusal(json.dumps(SECRET | {field: "https://acme--sbx.sandbox.lightning.force.com/lightning"}))
    assert f"{field} is an address of the browser; the login is at https://acme--sbx.sandbox.my.sal" in error.cause


def test_the_configuration_is_another_when_the_org_is() -> None:
    assert a_connection(org_id=ORG_ID).config_hash != a_connection().config_hash
    assert a_connection(hosts=("api.salesforce.com",)).config_hash == a_connection().config_hash


@given(
    fields=st.dictionaries(st.sampled_from([*TEXTS, "token_lifetime", "org_id", "hosts", "more"]), ANY_JSON)
    | ANY_JSON
    | st.dictionaries(st.sampled_from(TEXTS), ANY_JSON).map(lambda drawn: SECRET | drawn)
)
def test_any_json_is_a_connection_or_refused(fields: object) -> None:
    try:
        connection = parse(fields)
    except CredentialFault:
        return
    assert connection.token_host.startswith("https://")


@given(text=st.text().map(lambda text: f"Canary{text}"), field=st.sampled_from(TEXTS))
def test_no_drawn_secret_stands_in_a_message(text: str, field: str) -> None:
    try:
        connection = parse(SECRET | {field: text})
    except CredentialFault as fault:
        assert "Canary" not in str(fault.to_error("orders"))  # noqa: PT017 - both ends are fine
    else:
        assert field not in {"private_key", "private_key_passphrase"} or "Canary" not in repr(connection)


KEY_IDS = ["0123456789abcdef", "fedcba9876543210"]


@pytest.mark.parametrize(
    "value",
    [
        *(KEY_IDS, ", ".join(KEY_IDS), " ".join(KEY_IDS), f"\n{KEY_IDS[0]},{KEY_IDS[1]}\n"),
        *([KEY_IDS[1].upper(), *KEY_IDS], [f" {KEY_IDS[0]}\n", "", KEY_IDS[1]]),
        *(json.dumps(KEY_IDS), json.dumps(KEY_IDS, indent=1), str(KEY_IDS)),
    ],
    ids=str,
)
def test_the_keys_that_a_secret_bars_are_a_list_or_one_text(value: object) -> None:
    assert parse(SECRET | {"tainted_keys": value}).tainted_keys == frozenset(KEY_IDS)


@pytest.mark.parametrize("value", ["", " , ", [], None, "[]", [""], [" "]], ids=str)
def test_a_secret_may_bar_no_key(value: object) -> None:
    assert parse(SECRET | {"tainted_keys": value}).tainted_keys == parse(SECRET).tainted_keys == frozenset()


@pytest.mark.parametrize(
    "value",
    [
        True, 7, {}, {KEY_IDS[0]: True}, [7], [KEY_IDS], [None], "leaked", KEY_IDS[0][:-1], f"{KEY_IDS[0]}0",
        f"{KEY_IDS[0]};{KEY_IDS[1]}", [f"{number:016x}" for number in range(101)],
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_list_of_barred_keys_that_cannot_be_read_is_no_list(value: object) -> None:
    said = refusal(json.dumps(SECRET | {"tainted_keys": value}))
    assert "tainted_keys is not a list of at most 100 key ids" in str(said)
    assert "leaked" not in str(said)


def test_which_keys_are_barred_is_no_other_configuration() -> None:
    assert parse(SECRET | {"tainted_keys": KEY_IDS}).config_hash == parse(SECRET).config_hash


def test_of_many_unknown_fields_some_are_named_and_the_others_counted() -> None:
    said = refusal(json.dumps(SECRET | {f"stray_{number:04}": "a" for number in range(3000)})).cause
    assert "stray_0009 and 2990 more" in said
    assert "stray_0010" not in said
