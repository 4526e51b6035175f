"""What docs/calling.md says of REST without the token: its code runs, and its examples are events and answers."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from client.real_broker import cloud, orders, stack
from client.test_calling import ROOT, run
from functions.stack import Stack
from sfmint_client import errors
from sfmint_client.rest.allow_list import AllowList
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES
from sfmint_client.rest.session import https_session

__all__ = ["cloud", "orders", "stack"]

PAGE = (ROOT / "docs/calling.md").read_text().partition("\n## REST without the token")[2]
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def schema(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / f"events/salesforce_request.{kind}.schema.json").read_text()))


def test_the_code_reads_every_account(orders: Stack) -> None:
    control = orders.customer.control
    page = run("docs/calling.md")["every_account"].__globals__
    session = https_session(ca_bundle=control.ca)
    page["rest"] = RestClient(
        page["tokens"], session, listed=frozenset({control.url.removeprefix("https://")})
    )  # the org of the tests in place of Salesforce
    names = page["every_account"]()
    session.close()
    assert len(names) >= 60
    assert "Amber Foods" in names


def test_the_examples_are_an_event_an_answer_and_a_state() -> None:
    event, answer, state = EXAMPLES
    assert schema("event").is_valid(event)
    assert schema("answer").is_valid(answer)
    assert schema("event").is_valid(state["Arguments"]["Payload"])
    for retry in state["Retry"]:
        assert all(getattr(errors, name).retryable for name in retry["ErrorEquals"])


def test_the_example_of_an_allow_list_is_one() -> None:
    (text,) = re.findall(r"```\n(GET .*?)```", PAGE, re.DOTALL)
    assert len(AllowList.parse(text).rules) == 2


@pytest.mark.parametrize("number", [DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES])
def test_the_limits_are_those_of_the_code(number: int) -> None:
    assert str(number) in PAGE


def test_every_error_of_a_request_is_told() -> None:
    told: dict[str, Any] = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    own = {name for name in vars(errors) if re.match("Salesforce|Request|Answer", name)}
    assert own <= told.keys()
