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
from sfmint_client.errors import WrongHost
from sfmint_client.rest.allow_list import AllowList
from sfmint_client.rest.request import DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES

__all__ = ["cloud", "orders", "stack"]

PAGE = (ROOT / "docs/calling.md").read_text().partition("\n## REST without the token")[2]
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def schema(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / f"events/salesforce_request.{kind}.schema.json").read_text()))


def test_the_code_reads_every_account_of_the_local_org(orders: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMINT_ORG_URL", orders.customer.control.url)
    monkeypatch.setenv("SFMINT_ORG_CA", orders.customer.control.ca)
    page = run("docs/calling.md")["every_account"].__globals__
    with pytest.raises(WrongHost):
        page["every_account"]()

    page["rest"] = page["local_rest"]()
    names = page["every_account"]()

    assert len(names) >= 60
    assert "Amber Foods" in names


def test_the_examples_are_an_event_an_answer_and_a_state_machine() -> None:
    event, answer, machine = EXAMPLES
    assert machine["QueryLanguage"] == "JSONata"
    (state,) = machine["States"].values()
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
