"""Rows that sfmint has not written so: repaired or minted over, never served, and said in a log line."""

import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest

from functions.stack import CONNECTION, OTHER, TABLE, Stack
from sfmint.adapters.stores.kms_sealer import KmsSealer
from sfmint.row.row import CacheRow
from sfmint_local.org.values import Fault
from sfmint_testing.fakes import FakeClock
from time_for_aws import repeats_by

ROW = f"t1#{CONNECTION}"


def put(stack: Stack, **attributes: dict[str, Any]) -> None:
    """Write attributes into the row by hand."""
    stack.cloud.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": ROW}, **stack.items.get(ROW, {}), **attributes})


def copy_of_another_connection(stack: Stack) -> None:
    stack.store(stack.customer.secret(), OTHER)
    stack.environment().invoke({}, OTHER)
    put(stack, **{name: value for name, value in stack.items[f"t1#{OTHER}"].items() if name != "pk"})
    stack.settle()


def copy_of_another_fence(stack: Stack) -> None:
    put(stack, fence={"N": "9"}, token_fence={"N": "9"})


def changed_copy(stack: Stack) -> None:
    sealed = stack.items[ROW]["sealed"]["B"]
    put(stack, sealed={"B": sealed[:-1] + bytes([sealed[-1] ^ 1])})


def copy_of_an_unknown_kind(stack: Stack) -> None:
    put(stack, sealed={"B": b"9" + stack.items[ROW]["sealed"]["B"][1:]})


def longer_life(stack: Stack) -> None:
    put(stack, hard_expiry={"N": str(time.time() + 86_400)})


def another_instance(stack: Stack) -> None:
    """Seal a whole copy with another instance_url, as only an administrator of the key could."""
    row = stack.items[ROW]
    sealer = KmsSealer(stack.cloud.kms, stack.cloud.key_arn, TABLE, repeats_by(FakeClock()))
    sealed = {"sealed": row["sealed"]["B"], "fingerprint": row["fingerprint"]["S"]}
    fence, hard_expiry = int(row["token_fence"]["N"]), float(row["hard_expiry"]["N"])
    token = sealer.unseal(CONNECTION, CacheRow.from_item(sealed | {"token_fence": fence, "hard_expiry": hard_expiry}))
    assert token is not None
    object.__setattr__(token, "instance_url", "https://evil.example")
    put(stack, sealed={"B": sealer.seal(token, fence)})


def half_a_row(stack: Stack) -> None:
    stack.cloud.dynamodb.update_item(
        TableName=TABLE, Key={"pk": {"S": ROW}}, UpdateExpression="REMOVE token_fence, hard_expiry"
    )


def wrong_types(stack: Stack) -> None:
    put(stack, hard_expiry={"S": "never"}, sealed={"L": [{"S": "copy"}]})


def lease_far_ahead(stack: Stack) -> None:
    wrong_types(stack)
    put(stack, lease_owner={"S": "somebody"}, lease_until={"N": str(time.time() + 86_400)})


def failure_far_ahead(stack: Stack) -> None:
    half_a_row(stack)
    put(stack, failure_code={"S": "SalesforceUnavailable"}, failure_until={"N": str(time.time() + 86_400)})


UNUSABLE, REPAIRED = "sealed copy unusable", "row repaired"
BAD_ROWS: dict[str, tuple[Callable[[Stack], None], str]] = {
    "a copy of another connection": (copy_of_another_connection, UNUSABLE),
    "a copy of another fence": (copy_of_another_fence, UNUSABLE),
    "a changed copy": (changed_copy, UNUSABLE),
    "a copy of an unknown kind": (copy_of_an_unknown_kind, UNUSABLE),
    "a longer life": (longer_life, UNUSABLE),
    "another instance": (another_instance, UNUSABLE),
    "half a row": (half_a_row, REPAIRED),
    "wrong types": (wrong_types, REPAIRED),
    "a lease far ahead": (lease_far_ahead, REPAIRED),
    "a failure far ahead": (failure_far_ahead, REPAIRED),
}


@pytest.mark.parametrize(("happen", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_minted_over_and_said(stack: Stack, happen: Callable[[Stack], None], said: str) -> None:
    good = stack.environment().invoke({})
    stack.settle()
    happen(stack)
    logins = stack.customer.logins
    answer = stack.environment().invoke({})
    assert (answer["source"], answer["connection"]) == ("minted", CONNECTION)
    assert answer["instance_url"] == good["instance_url"]
    assert stack.customer.logins == logins + 1
    assert said in {line.get("message") for line in stack.lines if line.get("connection") == CONNECTION}
    assert stack.environment().invoke({})["fingerprint"] == answer["fingerprint"]


def test_a_young_copy_that_does_not_open_is_waited_for(stack: Stack) -> None:
    """A version of the broker that is newer than this one may have sealed it."""
    stack.environment().invoke({})
    changed_copy(stack)
    assert stack.environment().invoke({"deadline_ms": 300})["errorType"] == "RefreshInProgress"
    assert stack.customer.logins == 1


def test_attributes_and_rows_of_another_schema_are_left_alone(stack: Stack) -> None:
    later = {"pk": {"S": f"t2#{CONNECTION}"}, "fingerprint": {"N": "7"}}
    stack.cloud.dynamodb.put_item(TableName=TABLE, Item=later)
    good = stack.environment().invoke({})
    put(stack, later={"S": "x"})
    assert stack.environment().invoke({})["access_token"] == good["access_token"]
    assert stack.items[later["pk"]["S"]] == later
    assert stack.items[ROW]["later"] == {"S": "x"}


@pytest.mark.parametrize("size", [4_000, 6_000, 20_000])
def test_a_token_of_any_size_is_shared(stack: Stack, size: int) -> None:
    token = "00Dxx0000000001!" + token_hex(size // 2)  # what does not shrink
    changed = {"name": "access_token", "value": token}
    stack.customer.control.add_fault(Fault(where="token", kind="changed_field", params=changed))
    assert stack.environment().invoke({})["access_token"] == token
    assert stack.environment().invoke({}) | {"expires_in": 0} == stack.answers[0] | {"source": "cache", "expires_in": 0}
