"""What a secret says to a rotation, and which key signs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.rotation_fields import RotationFields, parse_rotation
from sfmint.salesforce.vocabulary import Field

ARN = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
OTHER_ARN = "arn:aws:kms:eu-central-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
WITH_PEM: dict[str, Any] = {
    "consumer_key": "3MVG9-consumer",
    "username": "integration@acme.example",
    "token_host": "https://acme.my.salesforce.com",
    "private_key": "a key",
}
WITH_KMS = {name: value for name, value in WITH_PEM.items() if name != "private_key"} | {
    "signer": {"kms": ARN},
    "certificate": "a certificate",
}
TWO_APPS = {"app": "orders", "other_app": "orders_b", "other_consumer_key": "3MVG9-other"}
OF_ROTATION = (Field.ADMIN_CONNECTION, Field.APP, Field.OTHER_APP, Field.OTHER_CONSUMER_KEY, Field.OTHER_SIGNER)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("kms"), inner, max_size=3),
    max_leaves=6,
)


def rotation(fields: object) -> RotationFields:
    return parse_rotation("orders", json.dumps(fields))


def fault_of_rotation(fields: object) -> CredentialFault:
    with pytest.raises(CredentialFault) as caught:
        rotation(fields)
    return caught.value


def fault_of_login(fields: object) -> CredentialFault:
    with pytest.raises(CredentialFault) as caught:
        parse_connection("orders", json.dumps(fields), frozenset())
    return caught.value


@pytest.mark.parametrize(
    "value", [{"kms": ARN}, json.dumps({"kms": ARN}), f' {{"kms": "{ARN}"}}\n', {"kms": f" {ARN}\n"}]
)
def test_a_signer_is_an_object_or_the_same_as_a_text(value: object) -> None:
    connection = parse_connection("orders", json.dumps(WITH_KMS | {"signer": value}), frozenset())
    assert (connection.signing_key, connection.private_key) == (ARN, None)
    with pytest.raises(CredentialFault, match="MISSING_FIELDS"):
        connection.pem()


@pytest.mark.parametrize(
    "value",
    [
        *(
            ARN,
            {"kms": ARN, "more": 1},
            {"KMS": ARN},
            {"kms": None},
            {"kms": [ARN]},
            [ARN],
            7,
            True,
            {},
            "{}",
            "null",
            "[" * 9999,
        ),
        *({"kms": "alias/orders"}, {"kms": "11111111-2222-3333-4444-555555555555"}, {"kms": f"{ARN}\nX"}),
        {"kms": "arn:aws:kms:eu-central-1:123456789012:alias/orders"},
        f'{{"kms": "{ARN}", "kms": "{OTHER_ARN}"}}',
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("field", ["signer", "other_signer"])
def test_what_names_no_key_by_its_arn_is_no_signer(field: str, value: object) -> None:
    fields = WITH_KMS | {field: value}
    found = fault_of_login(fields) if field == "signer" else fault_of_rotation(fields)
    assert (found.fault, found.field) == (Fault.NO_KMS_KEY, field)
    assert "arn:aws:kms:REGION:ACCOUNT:key/ID" in found.to_error("orders").remedy


def test_one_key_signs_and_no_two() -> None:
    assert fault_of_login(WITH_KMS | {"private_key": "a key"}).fault is Fault.TWO_SIGNERS
    assert fault_of_login(WITH_PEM | {"signer": {"kms": ARN}, "certificate": "one"}).fault is Fault.TWO_SIGNERS


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_form_may_write_the_field_of_the_other_kind_empty(value: object) -> None:
    for fields, field in ((WITH_PEM, "signer"), (WITH_KMS, "private_key"), (WITH_KMS, "private_key_passphrase")):
        with_empty = parse_connection("orders", json.dumps(fields | {field: value}), frozenset())
        if field != "private_key_passphrase" or value != " \n":
            assert with_empty == parse_connection("orders", json.dumps(fields), frozenset())


def test_a_key_in_kms_needs_its_certificate() -> None:
    fields = {name: value for name, value in WITH_KMS.items() if name != "certificate"}
    assert "lacks certificate" in fault_of_login(fields).to_error("orders").cause
    empty = fault_of_login(fields | {"certificate": ""})
    assert (empty.fault, empty.field) == (Fault.NO_TEXT, Field.CERTIFICATE)


def test_whose_key_signs_is_no_other_configuration() -> None:
    hashes = {
        parse_connection("orders", json.dumps(fields), frozenset()).config_hash for fields in (WITH_PEM, WITH_KMS)
    }
    assert len(hashes) == 1


@given(drawn=st.dictionaries(st.sampled_from(OF_ROTATION), ANY_JSON))
def test_nothing_that_is_said_to_a_rotation_keeps_anybody_from_logging_in(drawn: dict[str, object]) -> None:
    for fields in (WITH_PEM, WITH_KMS):
        plain = parse_connection("orders", json.dumps(fields), frozenset())
        assert parse_connection("orders", json.dumps(fields | drawn), frozenset()) == plain


@given(drawn=st.dictionaries(st.sampled_from([*OF_ROTATION, Field.SIGNER, Field.CONSUMER_KEY]), ANY_JSON))
def test_any_json_is_read_by_a_rotation_or_refused_without_being_quoted(drawn: dict[str, object]) -> None:
    try:
        found = rotation(WITH_KMS | drawn)
    except CredentialFault as fault:
        assert fault.to_error("orders").remedy  # noqa: PT017 - both ends are fine
    else:
        assert (found.other_app is None) == (found.other_consumer_key is None)


def test_a_secret_that_says_nothing_says_nothing() -> None:
    empty = dict.fromkeys(OF_ROTATION, "")
    assert rotation(WITH_PEM) == rotation(WITH_KMS) == rotation(WITH_PEM | empty) == RotationFields()


def test_all_that_a_rotation_is_told() -> None:
    said = WITH_KMS | TWO_APPS | {"admin_connection": " admin ", "other_signer": json.dumps({"kms": OTHER_ARN})}
    assert rotation(said) == RotationFields(
        admin_connection="admin",
        app="orders",
        other_app="orders_b",
        other_consumer_key="3MVG9-other",
        other_signing_key=OTHER_ARN,
    )


@pytest.mark.parametrize(
    ("fields", "kind", "field"),
    [
        (WITH_PEM | {"admin_connection": "orders"}, Fault.ITS_OWN_ADMIN, "admin_connection"),
        (WITH_PEM | {"admin_connection": "Admin"}, Fault.NO_CONNECTION_NAME, "admin_connection"),
        (WITH_PEM | {"admin_connection": ["admin"]}, Fault.NO_TEXT, "admin_connection"),
        (WITH_PEM | {"app": "my app"}, Fault.NO_APP_NAME, "app"),
        (WITH_PEM | {"app": "a__b"}, Fault.NO_APP_NAME, "app"),
        (WITH_PEM | {"app": "a" * 81}, Fault.NO_APP_NAME, "app"),
        (WITH_PEM | TWO_APPS | {"other_app": "1st"}, Fault.NO_APP_NAME, "other_app"),
        (WITH_PEM | TWO_APPS | {"other_app": "orders"}, Fault.IN_USE, "other_app"),
        (WITH_PEM | TWO_APPS | {"other_consumer_key": " 3MVG9-consumer"}, Fault.IN_USE, "other_consumer_key"),
        (WITH_PEM | TWO_APPS | {"other_consumer_key": "a\u200bb"}, Fault.UNPRINTABLE, "other_consumer_key"),
        (WITH_PEM | TWO_APPS | {"other_app": None}, Fault.HALF_OF_AN_APP, None),
        (WITH_PEM | TWO_APPS | {"other_consumer_key": ""}, Fault.HALF_OF_AN_APP, None),
        (WITH_PEM | {"other_signer": {"kms": OTHER_ARN}}, Fault.NO_TURNS, "other_signer"),
        (WITH_KMS | {"other_signer": json.dumps({"kms": ARN})}, Fault.IN_USE, "other_signer"),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value),
)
def test_what_cannot_be_meant_is_refused_in_words(fields: dict[str, Any], kind: Fault, field: str | None) -> None:
    found = fault_of_rotation(fields)
    assert (found.fault, found.field) == (kind, field)
