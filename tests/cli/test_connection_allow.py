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


CASE, QUERY = "POST /services/data/v67.0/sobjects/Case", "GET /services/data/v67.0/query"
TWO = (CASE, QUERY)


def test_rules_are_added_and_removed_one_by_one(sfmint: CommandLine, account: Account) -> None:
    sfmint("connection", "allow", "my-org", "--add", CASE, "--add", f"  {QUERY} ")
    assert value_of(account).splitlines() == ["GET /services/data/", CASE, QUERY]
    assert sfmint("connection", "allow", "my-org", "--remove", "GET /services/data/", "--add", CASE).code == 0
    assert value_of(account).splitlines() == [*TWO]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("--remove", "GET /nothing/"), "RuleNotFound"),
        (("--add", "everything"), "UsageError"),
        (("--add", CASE, QUERY), "UsageError"),
        (("--remove", CASE, "--remove", QUERY), "UsageError"),
    ],
)
def test_what_cannot_be_added_or_removed_changes_nothing(
    sfmint: CommandLine, account: Account, words: tuple[str, ...], name: str
) -> None:
    sfmint("connection", "allow", "my-org", *TWO, "--yes")
    assert sfmint("connection", "allow", "my-org", *words, "--json").document["error"]["name"] == name
    assert value_of(account).splitlines() == [*TWO]


@pytest.mark.parametrize("rules", [[CASE], ["GET /x/"], [QUERY, "GET /x/", "GET /y/"]])
def test_rules_that_would_vanish_are_shown_and_asked_about(
    sfmint: CommandLine, account: Account, rules: list[str]
) -> None:
    sfmint("connection", "allow", "my-org", *TWO, "--yes")
    before = value_of(account)
    vanishing = [rule for rule in TWO if rule not in rules]
    refused = sfmint("connection", "allow", "my-org", *rules)
    assert (refused.code, "--yes" in refused.remedy, "--add" in refused.remedy) == (1, True, True)
    answered = sfmint("connection", "allow", "my-org", *rules, typed="n\n")
    assert (answered.code, answered.cause) == (1, "Nothing was changed.")
    shown = [line for line in answered.stderr.splitlines() if line.startswith("no longer allowed: ")]
    assert shown == [f"no longer allowed: {rule}" for rule in vanishing]
    assert value_of(account) == before
    assert sfmint("connection", "allow", "my-org", *rules, typed="y\n").code == 0
    assert value_of(account).splitlines() == rules


def test_the_default_does_not_vanish_without_a_word(sfmint: CommandLine, account: Account) -> None:
    assert sfmint("connection", "allow", "my-org", CASE, "--json").document["error"]["name"] == "RulesWouldVanish"
    assert account.parameters.describe_parameters()["Parameters"] == []


def test_more_rules_ask_nothing(sfmint: CommandLine, account: Account) -> None:
    sfmint("connection", "allow", "my-org", *TWO, "--yes")
    assert sfmint("connection", "allow", "my-org", "GET /x/", *TWO).code == 0


def test_nothing_is_added_to_rules_that_cannot_be_used(sfmint: CommandLine, account: Account) -> None:
    account.parameters.put_parameter(Name=PARAMETER, Type="String", Value="everything")
    assert (
        sfmint("connection", "allow", "my-org", "--add", CASE, "--json").document["error"]["name"] == "InvalidAllowList"
    )
    assert value_of(account) == "everything"
