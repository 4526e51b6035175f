"""docs/audit.md against what the functions write and what KMS is told."""

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from expanding.expand import expanded
from expanding.variants import SMALLEST
from sfmint import telemetry
from sfmint.adapters.stores.kms_sealer import PURPOSE, KmsSealer
from sfmint.salesforce.access_token import AccessToken
from sfmint.telemetry import Minted, Record, Served, ServedFromMemory, TokenRejected
from sfmint_local import places
from sfmint_testing.fakes import NOON, FakeClock
from stack_arns import ACCOUNT, PARTITION, REGION, STACK, arn_of
from time_for_aws import repeats_by

TEXT = (places.ROOT / "docs/audit.md").read_text()


def fields_of(record: type[Record]) -> set[str]:
    return {field.name for field in fields(record)}


@pytest.mark.parametrize("record", [Served, Minted, TokenRejected])
def test_the_page_shows_a_line_with_fields_that_it_has(record: type[Record]) -> None:
    [row] = [line for line in TEXT.splitlines() if f"| `{record.message}` |" in line]
    shown = set(re.findall(r"`(\w+)`", row.rpartition(f"`{record.message}`")[2])) - {"cache", "minted"}
    assert {"connection"} < shown <= fields_of(record)


def test_a_hit_in_memory_leaves_a_metric_only_unless_all_is_logged() -> None:
    assert ServedFromMemory.level == "DEBUG"
    assert f"the line of the metric `{ServedFromMemory.metric}`" in TEXT
    assert f"`LogLevel=DEBUG` also `{ServedFromMemory.message}`" in TEXT


def test_every_record_of_a_token_is_on_the_page() -> None:
    named = {
        record.message
        for record in vars(telemetry).values()
        if isinstance(record, type) and issubclass(record, Record) and record is not Record
        if "fingerprint" in fields_of(record) and record.message != "sealed copy unusable"
    }
    assert {message for message in named if f"`{message}`" not in TEXT} == set()


class RecordingKms:
    """KMS, which notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def encrypt(self, **request: Any) -> dict[str, bytes]:
        self.told = request
        return {"CiphertextBlob": b"sealed"}


def test_kms_is_told_what_the_page_says() -> None:
    answer = {"access_token": "00DEXAMPLE!token", "instance_url": "https://acme.my.salesforce.com"}
    token = AccessToken.from_answer(
        answer, connection="orders", asked_at=NOON, lifetime_s=900, soft_share=0.5, listed=frozenset()
    )
    kms = RecordingKms()
    KmsSealer(kms, "arn", "table", repeats_by(FakeClock())).seal(token, 7)  # type: ignore[arg-type]

    context = kms.told["EncryptionContext"]
    assert (context["purpose"], context["fingerprint"]) == (PURPOSE, token.fingerprint)
    shown = re.findall(r"^\| (`purpose`.*?|`place`.*?|`connection`, `fence`.*?) \|", TEXT, re.MULTILINE)
    assert {name for row in shown for name in re.findall(r"`(\w+)`", row)} == set(context)
    for name in re.findall(r"\$\.encryptionContext\.(\w+)", TEXT):
        assert name in context


def test_the_selectors_record_every_alias_of_every_function() -> None:
    [text] = re.findall(r"--advanced-event-selectors '(\[.*?\])'", TEXT, re.DOTALL)
    for place, value in {"PARTITION": PARTITION, "REGION": REGION, "ACCOUNT": ACCOUNT, "STACK": STACK}.items():
        text = text.replace(place, value)
    [_, data] = json.loads(text)
    [starts] = [tuple(each["StartsWith"]) for each in data["FieldSelectors"] if "StartsWith" in each]
    [made] = expanded([SMALLEST])
    resources = made.concrete["Resources"]
    invoked = [
        name for name, each in resources.items() if each["Type"] in {"AWS::Lambda::Alias", "AWS::Lambda::Function"}
    ]
    assert invoked
    assert all(arn_of(name, resources).startswith(starts) for name in invoked)
