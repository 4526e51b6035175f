"""What is said to a rotation stays where new credentials replace others, as far as it is still true."""

import json
from typing import Any

import pytest

from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint_cli.tainted_keys import carried_over

ARN = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
OTHER_ARN = "arn:aws:kms:eu-central-1:123456789012:key/99999999-2222-3333-4444-555555555555"
THIRD_ARN = "arn:aws:kms:eu-central-1:123456789012:key/77777777-2222-3333-4444-555555555555"
APPS = {"consumer_key": "3MVG9-a", "app": "a", "other_app": "b", "other_consumer_key": "3MVG9-b"}
KEYS = {"signer": {"kms": ARN}, "other_signer": json.dumps({"kms": OTHER_ARN})}
BEFORE = APPS | KEYS | {"admin_connection": "admin"}


def kept(new: dict[str, Any], before: dict[str, Any] = BEFORE) -> dict[str, Any]:
    text = carried_over(json.dumps(new), json.dumps(before))
    parse_rotation("orders", text)
    found: dict[str, Any] = json.loads(text)
    return {name: value for name, value in found.items() if name not in new}


@pytest.mark.parametrize(
    ("new", "left"),
    [
        (
            {"consumer_key": "3MVG9-a", "signer": {"kms": ARN}},
            {"app", "other_app", "other_consumer_key", "other_signer"},
        ),
        ({"consumer_key": "3MVG9-a", "private_key": "PEM"}, {"app", "other_app", "other_consumer_key"}),
        ({"consumer_key": "3MVG9-new", "signer": json.dumps({"kms": THIRD_ARN})}, {"other_signer"}),
        ({"consumer_key": "3MVG9-new", "private_key": "PEM"}, set()),
    ],
    ids=["the same", "another key", "another app", "all new"],
)
def test_what_is_still_true_is_kept(new: dict[str, Any], left: set[str]) -> None:
    assert kept(new) == {name: BEFORE[name] for name in left | {"admin_connection"}}


def test_who_is_the_other_one_changes_places() -> None:
    found = kept({"consumer_key": "3MVG9-b", "signer": {"kms": OTHER_ARN}})
    turned = {"app": "b", "other_app": "a", "other_consumer_key": "3MVG9-a", "other_signer": {"kms": ARN}}
    assert found == turned | {"admin_connection": "admin"}


def test_an_app_without_a_name_of_its_own_is_no_other_app() -> None:
    before = {name: value for name, value in BEFORE.items() if name != "app"}
    assert kept({"consumer_key": "3MVG9-b", "private_key": "PEM"}, before) == {"app": "b", "admin_connection": "admin"}


def test_what_is_given_anew_is_not_overwritten() -> None:
    assert "admin_connection" not in kept({"consumer_key": "3MVG9-a", "private_key": "PEM", "admin_connection": "boss"})
