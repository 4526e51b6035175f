"""`sfmint flush` and `sfmint refresh`, through the keeper."""

from typing import Any

import pytest

from cli.command_line import CommandLine
from cli.conftest import Account
from cli.fake_keeper import LOGGED_IN
from lambda_service import DENIED, THROTTLED, TIMED_OUT

KEEPER = "arn:aws:lambda:us-east-1:123456789012:function:acme-token-keeper:live"
REFUSED = {"errorType": "AssertionRejected", "errorMessage": "Salesforce cannot verify it. Upload the certificate."}


@pytest.mark.parametrize("action", ["flush", "refresh"])
def test_the_keeper_is_asked_by_its_alias(sfmint: CommandLine, account: Account, action: str) -> None:
    assert sfmint(action, "my-org").code == 0
    invocation = account.functions.invocations[0]
    assert (invocation.function, invocation.event) == (KEEPER, {"action": action, "connection": "my-org"})


def test_a_flush_says_that_it_is_done_and_how_to_log_in(sfmint: CommandLine, account: Account) -> None:
    assert sfmint("flush", "my-org", "--json").document == {"connection": "my-org", "flushed": True}
    assert len(account.functions.events) == 1
    assert "next: a broker may serve the old token for half a minute" in sfmint("flush", "my-org").stderr


def test_a_refresh_shows_the_token_that_is_shared_then(sfmint: CommandLine, account: Account) -> None:
    shown = ("connection", "fingerprint", "instance_url", "expires_at", "refreshed")
    assert sfmint("refresh", "my-org", "--json").document == {name: LOGGED_IN[name] for name in shown}
    account.keeper.answers = {"refresh": LOGGED_IN | {"refreshed": False}}
    assert "next: no login was due; to log in all the same, first: sfmint flush my-org" in (
        sfmint("refresh", "my-org").stderr
    )


def test_a_refresh_that_failed_beside_a_good_token_is_a_finding(sfmint: CommandLine, account: Account) -> None:
    failure = {"error": "AssertionRejected", "message": REFUSED["errorMessage"]}
    account.keeper.answers = {"refresh": LOGGED_IN | {"refreshed": False, "failure": failure}}
    ended = sfmint("refresh", "my-org", "--json")
    assert (ended.code, ended.document["error"]["name"]) == (1, "AssertionRejected")
    assert ended.document["error"]["cause"].startswith("The old token is still good, but its refresh failed: ")
    assert ended.document["expires_at"] == LOGGED_IN["expires_at"]


@pytest.mark.parametrize("action", ["flush", "refresh"])
@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (DENIED, "AccessDenied"),
        (THROTTLED, "AwsError"),
        (TIMED_OUT, "KeeperFailed"),
        (b"<html>", "KeeperFailed"),
        (REFUSED, "AssertionRejected"),
    ],
)
def test_what_the_keeper_or_lambda_refuses_is_told(
    sfmint: CommandLine, account: Account, action: str, answer: Any, name: str
) -> None:
    account.keeper.answers = {action: answer}
    ended = sfmint(action, "my-org", "--json")
    assert (ended.code, ended.document["error"]["name"]) == (1, name)
    assert ended.document["error"]["remedy"]


@pytest.mark.parametrize("action", ["flush", "refresh"])
def test_a_connection_that_the_stack_does_not_list_is_not_asked_for(
    sfmint: CommandLine, account: Account, action: str
) -> None:
    assert "has no connection" in sfmint(action, "third").cause
    assert account.functions.invocations == []


@pytest.mark.parametrize("until", ["2026-11-24T12:15:00Z", None, 7, "x" * 100_000, "2026-11-24 \x1b[31m"])
def test_a_remembered_refusal_says_until_when_and_how_to_forget_it(
    sfmint: CommandLine, account: Account, until: object
) -> None:
    rows = {"my-org": {"failure": {"error": "AssertionRejected", "until": until}}}
    account.keeper.answers = {"refresh": REFUSED, "status": {"build": "b", "connections": rows}}
    ended = sfmint("refresh", "my-org", "--stack", "acme")
    assert ended.remedy.startswith("Upload the certificate.")
    told = "It is remembered until 2026-11-24T12:15:00Z, and nobody logs in before; to forget it: sfmint --stack acme flush"
    assert (told in ended.remedy) is (until == "2026-11-24T12:15:00Z")
    assert len(ended.remedy) < 300
