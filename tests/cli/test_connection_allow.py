"""`sfmint connection allow`."""

import pytest

from cli.command_line import CommandLine
from cli.conftest import Account
from sfmint_client.rest.allow_list import AllowList

PARAMETER = "/sfmint/acme/connections/my-org/allow"


def value_of(account: Account) -> str:
    return str(account.parameters.get_parameter(Name=PARAMETER)["Parameter"]["Value"])


def test_where_nothing_was_set_the_default_is_in_force(sfmint: CommandLine, account: Account) -> None:
    document = sfmint("connection", "allow", "my-org", "--json").document
    assert document == {
        "connection": "my-org",
        "parameter": PARAMETER,
        "set": False,
        "rules": ["GET /services/data/"],
    }
    assert account.parameters.describe_parameters()["Parameters"] == []


def test_the_rules_given_are_the_ones_that_salesforce_request_reads(sfmint: CommandLine, account: Account) -> None:
    rules = ["GET /services/data/", "POST  /services/data/v67.0/sobjects/Case"]
    ended = sfmint("connection", "allow", "my-org", *rules)
    assert ended.code == 0
    assert "within 60 seconds" in ended.stderr
    allowed = AllowList.parse(value_of(account))
    assert allowed.allows("POST", "/services/data/v67.0/sobjects/Case")
    assert not allowed.allows("POST", "/services/data/v67.0/sobjects/Contact")


def test_new_rules_take_the_place_of_all_the_old_ones_which_are_shown(sfmint: CommandLine, account: Account) -> None:
    sfmint("connection", "allow", "my-org", "DELETE /services/data/", "--yes")
    document = sfmint("connection", "allow", "my-org", "GET /services/data/", "--yes", "--json").document
    assert document["before"] == ["DELETE /services/data/"]
    assert value_of(account) == "GET /services/data/"
    assert sfmint("connection", "allow", "my-org", "--json").document["rules"] == ["GET /services/data/"]


@pytest.mark.parametrize(
    "rule",
    ["GET", "get /services/data/", "OPTIONS /services/data/", "GET services/data", "GET /a/../b", "GET //host/", " "],
)
def test_a_rule_that_is_none_changes_nothing(sfmint: CommandLine, account: Account, rule: str) -> None:
    assert sfmint("connection", "allow", "my-org", rule).code == 2
    assert account.parameters.describe_parameters()["Parameters"] == []


def test_more_rules_than_a_parameter_takes_change_nothing(sfmint: CommandLine, account: Account) -> None:
    rules = [f"GET /services/data/v67.0/sobjects/Object{number}" for number in range(100)]
    ended = sfmint("connection", "allow", "my-org", *rules)
    assert (ended.code, "4096 characters" in ended.cause) == (2, True)
    assert account.parameters.describe_parameters()["Parameters"] == []


def test_a_connection_that_the_stack_does_not_list_gets_no_rules(sfmint: CommandLine, account: Account) -> None:
    assert "has no connection" in sfmint("connection", "allow", "third", "GET /services/data/").cause


def test_rules_that_somebody_has_spoilt_are_told(sfmint: CommandLine, account: Account) -> None:
    account.parameters.put_parameter(Name=PARAMETER, Type="String", Value="everything")
    ended = sfmint("connection", "allow", "my-org")
    assert (ended.code, "cannot be used: line 1" in ended.cause) == (1, True)


def test_spoilt_rules_can_be_replaced(sfmint: CommandLine, account: Account) -> None:
    account.parameters.put_parameter(Name=PARAMETER, Type="String", Value="everything")
    assert sfmint("connection", "allow", "my-org", "GET /services/data/").code == 0
    assert value_of(account) == "GET /services/data/"
