"""`sfmint token`."""

from typing import Any

import pytest

from cli.command_line import CommandLine
from lambda_service import DENIED, NO_SUCH_ALIAS, LambdaService, Refusal, alias_arn
from sfmint_client.errors import InvalidRequest
from sfmint_client.token_client import TokenClient
from sfmint_values.secret import fingerprint_of

TOKEN = "00D000000000001AAA!canary.canary"
ANSWER: dict[str, Any] = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "instance_url": "https://acme.my.salesforce.com",
    "scope": "api refresh_token",
    "id": "https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA",
    "org_id": "00D000000000001AAA",
    "user_id": "005000000000001AAA",
    "connection": "my-org",
    "fingerprint": fingerprint_of(TOKEN),
    "issued_at": "2026-11-24T12:00:00Z",
    "expires_at": "2026-11-24T12:14:15Z",
    "expires_in": 855,
    "min_ttl_applied": 60,
    "source": "cache",
}


@pytest.fixture
def broker(lambda_service: LambdaService, monkeypatch: pytest.MonkeyPatch) -> LambdaService:
    """The broker of the stack `acme`, which answers a token."""
    monkeypatch.setenv("SFMINT_STACK", "acme")
    lambda_service.parameters["/sfmint/acme/connections/my-org/broker"] = alias_arn()
    lambda_service.broker = lambda _arn, _event: ANSWER
    return lambda_service


def test_what_is_known_of_a_token_is_shown_and_the_token_is_not(sfmint: CommandLine, broker: LambdaService) -> None:
    sfmint.phrases.add("canary")
    ended = sfmint("token", "my-org", "--json")
    assert ended.document == {
        "connection": "my-org",
        "instance_url": "https://acme.my.salesforce.com",
        "org_id": "00D000000000001AAA",
        "user_id": "005000000000001AAA",
        "scope": ["api", "refresh_token"],
        "fingerprint": fingerprint_of(TOKEN),
        "issued_at": "2026-11-24T12:00:00Z",
        "expires_at": "2026-11-24T12:14:15Z",
        "expires_in": 855,
        "min_ttl_applied": 60,
        "source": "cache",
    }
    assert broker.invocations[0].function == alias_arn()


@pytest.mark.parametrize(
    "words", [("token",), ("exec", "--", "true"), ("request", "GET", "/services/data/v67.0/limits")]
)
def test_nobody_is_sent_to_look_for_the_parameter_of_an_admin_connection(
    sfmint: CommandLine, broker: LambdaService, words: tuple[str, ...]
) -> None:
    command, *further = words
    ended = sfmint(command, "admin-acme", *further)
    assert (ended.code, broker.invocations) == (125 if command == "exec" else 1, [])
    assert (
        ended.cause
        == "The tokens of 'admin-acme' are for the function that rotates keys alone: it is an admin connection."
    )
    assert "sfmint doctor admin-acme" in ended.remedy


def test_the_token_itself_is_shown_on_demand(sfmint: CommandLine, broker: LambdaService) -> None:
    ended = sfmint("token", "my-org", "--show")
    assert ended.stdout.splitlines()[0].split() == ["access", "token", TOKEN]
    assert TOKEN not in ended.stderr


def test_the_least_life_is_handed_on(sfmint: CommandLine, broker: LambdaService) -> None:
    sfmint("token", "my-org", "--min-ttl", 300)
    assert broker.events[0]["min_ttl"] == 300


def test_the_stack_may_be_named_before_the_command_or_after_it(sfmint: CommandLine, broker: LambdaService) -> None:
    broker.parameters["/sfmint/blue/connections/my-org/broker"] = alias_arn(stack="blue")
    for words in (["--stack", "blue", "token", "my-org"], ["token", "my-org", "--stack", "blue"]):
        assert sfmint(*words).code == 0
    assert {invocation.function for invocation in broker.invocations} == {alias_arn(stack="blue")}


@pytest.mark.parametrize(
    ("answer", "name", "words", "remedy"),
    [
        (DENIED, "InvokeForbidden", "IAM does not let this caller invoke", "acme-get-token-my-org-us-east-1 "),
        (NO_SUCH_ALIAS, "AliasNotFound", "Lambda knows no alias", "Connections"),
        (
            {"errorType": "AssertionRejected", "errorMessage": "Salesforce says no. Look at it."},
            "AssertionRejected",
            "Salesforce says no.",
            "Look at it.",
        ),
        ({"errorType": "NewError", "errorMessage": "Something"}, "NewError", "Something.", "sfmint explain NewError"),
        ({"strange": True}, "InternalError", "is not a token broker", "Check"),
    ],
)
def test_what_goes_wrong_is_told_as_a_cause_and_a_remedy(
    sfmint: CommandLine, broker: LambdaService, answer: Any, name: str, words: str, remedy: str
) -> None:
    broker.broker = lambda _arn, _event: answer
    error = sfmint("token", "my-org", "--json").document["error"]
    assert error["name"] == name
    assert words in error["cause"]
    assert remedy in error["remedy"]


def test_a_connection_that_the_stack_does_not_have_is_told(sfmint: CommandLine, broker: LambdaService) -> None:
    ended = sfmint("token", "third")
    assert "There is no SSM parameter /sfmint/acme/connections/third/broker in region us-east-1." in ended.cause


def test_the_region_of_the_option_is_asked(sfmint: CommandLine, broker: LambdaService) -> None:
    assert "in region eu-west-1." in sfmint("token", "third", "--region", "eu-west-1").cause


def test_the_region_of_the_environment_is_asked(
    sfmint: CommandLine, broker: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert "in region eu-west-1." in sfmint("token", "third").cause


def test_discovery_that_is_denied_is_told(sfmint: CommandLine, broker: LambdaService) -> None:
    broker.ssm_refusal = Refusal(400, "AccessDeniedException")
    assert sfmint("token", "my-org", "--json").document["error"]["name"] == "DiscoveryForbidden"


@pytest.mark.parametrize("ttl", ["-1", "43201", "soon"])
def test_a_life_that_no_token_has_is_refused(sfmint: CommandLine, broker: LambdaService, ttl: str) -> None:
    assert sfmint("token", "my-org", "--min-ttl", ttl).code == 2
    assert broker.invocations == []


@pytest.mark.parametrize("name", [None, 7, "Orders"])
def test_what_is_no_name_is_an_error_of_the_clients_own(name: Any) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a connection's name"):
        TokenClient(name, stack="acme")
