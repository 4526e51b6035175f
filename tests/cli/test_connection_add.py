"""`sfmint connection add`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account, WriteFile
from cli.fake_keeper import LOGGED_IN
from conftest import pem_of
from lambda_service import DENIED, THROTTLED, TIMED_OUT, LambdaService
from local.conftest import certificate_of
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.salesforce.connection import parse_connection

if TYPE_CHECKING:
    from conftest import KeyPair

MY_DOMAIN = "https://acme.my.salesforce.com"

type Add = Callable[..., Ended]


@pytest.fixture
def add(sfmint: CommandLine, account: Account, key_file: Path, certificate_file: Path) -> Add:
    """Run `connection add my-org` with everything that it needs, save for what the test changes."""

    def run(
        *flags: str, name: str = "my-org", typed: str | None = None, stack: str | None = None, **changes: Any
    ) -> Ended:
        given: dict[str, Any] = {
            "key": key_file,
            "certificate": certificate_file,
            "consumer_key": "3MVG9.key",
            "username": "integration@acme.example",
            "token_host": MY_DOMAIN,
        }
        chosen = [] if stack is None else ["--stack", stack]
        words = ["connection", "add", name, *options(given | changes), *flags]
        return sfmint(*chosen, *words, typed=typed)

    return run


def test_what_is_stored_is_what_the_broker_reads(add: Add, account: Account, key_pair: "KeyPair") -> None:
    ended = add()
    assert ended.code == 0
    connection = parse_connection("my-org", account.secret(), frozenset())
    assert (connection.consumer_key, connection.username) == ("3MVG9.key", "integration@acme.example")
    assert (connection.token_host, connection.audience, connection.lifetime_s) == (MY_DOMAIN, MY_DOMAIN, 900)
    assert connection.pem().reveal() == key_pair.pem
    key = load_signing_key(connection.pem(), connection.passphrase, connection.certificate)
    assert key.key_id in ended.stdout


def test_the_keeper_is_asked_to_flush_by_its_alias(add: Add, account: Account) -> None:
    ended = add("--json")
    assert {invocation.function for invocation in account.functions.invocations} == {
        "arn:aws:lambda:us-east-1:123456789012:function:acme-token-keeper:live"
    }
    assert account.functions.events[0] == {"action": "flush", "connection": "my-org"}
    assert ended.document["flushed"] is True
    assert ended.document["done"] == "created"


def test_the_stack_logs_in_with_what_is_stored_and_that_proves_it(add: Add, account: Account) -> None:
    document = add("--json").document
    assert account.functions.events[1:] == [{"action": "refresh", "connection": "my-org"}]
    assert document["login"] is True
    for name in ("fingerprint", "instance_url", "expires_at"):
        assert document[name] == LOGGED_IN[name]


@pytest.mark.parametrize(
    ("answer", "name", "cause", "remedy"),
    [
        (
            {"errorType": "AssertionRejected", "errorMessage": "Salesforce cannot verify it. Upload the certificate."},
            "AssertionRejected",
            "Salesforce cannot verify it.",
            "Upload the certificate.",
        ),
        (TIMED_OUT, "KeeperFailed", "The keeper's function ended without an answer (Sandbox.Timedout).", "log group"),
    ],
)
def test_a_login_that_fails_is_a_failure_though_the_secret_is_stored(
    add: Add, account: Account, answer: Any, name: str, cause: str, remedy: str
) -> None:
    account.keeper.answers = {"refresh": answer}
    ended = add("--json")
    assert ended.code == 1
    assert (ended.document["flushed"], ended.document["login"]) == (True, False)
    assert ended.document["error"]["name"] == name
    assert ended.document["error"]["cause"] == f"The secret is created, but a login with it fails: {cause}"
    assert remedy in ended.document["error"]["remedy"]
    assert account.has_secrets()


def test_nobody_logs_in_if_that_is_not_wanted(add: Add, account: Account) -> None:
    assert add("--no-login", "--json").document["login"] is False
    assert [event["action"] for event in account.functions.events] == ["flush"]
    assert "may remember the old token" in add("--no-login", "--yes").stderr


def test_a_certificate_that_is_out_of_date_is_stored_with_a_warning(
    add: Add, write_file: WriteFile, key_pair: "KeyPair"
) -> None:
    assert add("--json").document["certificate_in_date"] is True
    old = write_file("old.crt", certificate_of(key_pair.key))
    ended = add("--json", "--yes", certificate=old)
    assert ended.code == 0
    assert ended.document["certificate_in_date"] is False
    assert f"warning: {old} has ended, on 2020-01-02T00:00:00Z." in ended.stderr


def test_it_says_what_to_do_next(add: Add) -> None:
    assert "next: get a token with it: sfmint token my-org" in add().stderr


def test_the_secret_is_under_the_accounts_own_key_and_not_the_stacks(add: Add, account: Account) -> None:
    add()
    assert "KmsKeyId" not in account.secrets.describe_secret(SecretId="sfmint/acme/my-org")


def test_audience_lifetime_and_passphrase_are_stored_if_they_are_given(
    add: Add, sfmint: CommandLine, account: Account, write_file: WriteFile, key_pair: "KeyPair"
) -> None:
    sfmint.phrases.add("correct horse")
    add(
        key=write_file("encrypted.key", pem_of(key_pair.key, passphrase="correct horse")),
        passphrase_file=write_file("passphrase", "correct horse\n"),
        audience="https://login.salesforce.com",
        token_lifetime=7200,
    )
    said = json.loads(account.secret())
    assert said["private_key_passphrase"] == "correct horse"
    assert said["audience"] == "https://login.salesforce.com"
    assert said["token_lifetime"] == 7200


def test_the_audience_alone_stands_for_the_token_host_too(add: Add, account: Account) -> None:
    assert add(token_host=None, audience=MY_DOMAIN).code == 0
    assert parse_connection("my-org", account.secret(), frozenset()).token_host == MY_DOMAIN


def test_a_value_that_is_there_is_replaced_only_when_that_is_said(add: Add, account: Account) -> None:
    add()
    before = account.secret()
    ended = add(username="other@acme.example")
    assert ended.code == 1
    assert ended.remedy == "Replace it with --yes."
    assert account.secret() == before
    assert len(account.functions.invocations) == 2  # both of the first time
    replaced = add("--yes", username="other@acme.example")
    assert "done                 replaced" in replaced.stdout
    assert "AWSPREVIOUS" in replaced.stderr
    assert json.loads(account.secret())["username"] == "other@acme.example"


def test_a_terminal_is_asked_before_a_value_is_replaced(add: Add, account: Account) -> None:
    add()
    before = account.secret()
    refused = add(typed="n\n", username="other@acme.example")
    assert (refused.code, refused.cause) == (1, "Nothing was changed.")
    assert account.secret() == before
    assert add(typed="y\n", username="other@acme.example").code == 0
    assert json.loads(account.secret())["username"] == "other@acme.example"


def test_nothing_of_the_old_value_is_kept_unless_it_is_given_anew(add: Add, account: Account) -> None:
    add(audience="https://login.salesforce.com", token_lifetime=7200)
    add("--yes")
    said = json.loads(account.secret())
    assert "audience" not in said
    assert said["token_lifetime"] == 900


def test_the_old_value_stays_as_the_previous_one(add: Add, account: Account) -> None:
    add()
    before = account.secret()
    add("--yes", username="other@acme.example")
    previous = account.secrets.get_secret_value(SecretId="sfmint/acme/my-org", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == before


def test_a_secret_scheduled_for_deletion_is_restored_only_when_that_is_said(add: Add, account: Account) -> None:
    add()
    account.secrets.delete_secret(SecretId="sfmint/acme/my-org")
    ended = add("--yes", username="other@acme.example")
    assert ended.code == 1
    assert "is scheduled for deletion" in ended.cause
    assert "--restore" in ended.remedy
    assert add("--restore", username="other@acme.example").code == 0
    assert json.loads(account.secret())["username"] == "other@acme.example"


def test_a_connection_that_the_stack_does_not_list_is_not_stored(add: Add, account: Account) -> None:
    ended = add(name="third")
    assert ended.cause == "The stack 'acme' has no connection 'third'; it has my-org, other-org."
    assert 'make deploy PARAMETERS="Connections=my-org,other-org,third"' in ended.remedy
    assert not account.has_secrets()


def test_a_stack_that_is_not_deployed_is_named_with_its_region(add: Add, account: Account) -> None:
    ended = add(stack="nothing")
    assert ended.cause == "There is no stack 'nothing' in us-east-1."
    assert not account.has_secrets()


def test_another_stack_of_the_account_is_not_taken_for_one_of_sfmint(add: Add, account: Account) -> None:
    account.cloud_formation.stacks["web"] = ({}, {"Url": "https://example.com"})
    ended = add(stack="web")
    assert "lacks Connections: it is no sfmint" in ended.cause


FAULTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "a host of nobody": (
        {"token_host": "https://login.example.com"},
        1,
        "--token-host is not a host of Salesforce at port 443",
    ),
    "no URL": ({"token_host": "acme.my.salesforce.com"}, 2, "--token-host must begin with https://"),
    "an audience with a path": ({"audience": f"{MY_DOMAIN}/services"}, 2, "--audience must be an origin"),
    "neither host nor audience": ({"token_host": None}, 2, "--token-host"),
    "a short lifetime": ({"token_lifetime": 59}, 2, "--token-lifetime"),
    "a user name of two lines": ({"username": "a\nb"}, 1, "--username has characters that cannot be printed."),
    "no consumer key": ({"consumer_key": ""}, 2, "'--consumer-key': it is empty."),
    "no user name": ({"username": ""}, 2, "'--username': it is empty."),
    "a token for a consumer key": ({"consumer_key": "k" * 256}, 2, "'--consumer-key': it has 256 characters"),
    "a book for a user name": ({"username": "u" * 256}, 2, "'--username': it has 256 characters"),
    "an option left out": ({"username": None}, 2, "Missing option '--username'"),
    "no key file": ({"key": "nothing.key"}, 1, "There is no file nothing.key."),
    "no certificate file": ({"certificate": "nothing.crt"}, 1, "There is no file nothing.crt."),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_everything_is_checked_before_anything_is_changed(add: Add, account: Account, fault: str) -> None:
    changes, code, words = FAULTS[fault]
    ended = add(**changes)
    assert (ended.code, words in ended.cause) == (code, True), ended.stderr
    assert not account.has_secrets()
    assert account.functions.invocations == []


def test_what_the_broker_would_refuse_is_said_of_the_options_and_not_of_a_secret(add: Add) -> None:
    ended = add(token_host="https://login.example.com")
    assert ended.remedy == "Correct --token-host."
    assert not re.search("secret of|token_host", ended.stderr)
    assert add("--json", username="a\nb").document["error"]["name"] == "InvalidCredentials"


def test_a_host_of_ones_own_is_taken_if_the_stack_lists_it(add: Add, account: Account) -> None:
    account.cloud_formation.deploy("acme", "my-org", token_hosts="Login.Example.com:8443")
    assert add(token_host="https://login.example.com:8443").code == 0


def test_a_certificate_of_another_key_is_not_stored(
    add: Add, account: Account, write_file: WriteFile, other_key_pair: "KeyPair"
) -> None:
    ended = add(certificate=write_file("other.crt", certificate_of(other_key_pair.key)))
    assert "is of another key than" in ended.cause
    assert not account.has_secrets()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (DENIED, "AWS does not let these credentials invoke"),
        (THROTTLED, "TooManyRequestsException"),
        (TIMED_OUT, "Sandbox.Timedout"),
        ({"errorType": "CacheUnavailable", "errorMessage": "The table is gone."}, "The table is gone."),
        (b"no JSON", "no answer"),
    ],
)
def test_a_flush_that_fails_does_not_hide_that_the_secret_is_stored(
    add: Add, account: Account, answer: Any, words: str
) -> None:
    account.functions.broker = lambda _arn, _event: answer
    ended = add("--json")
    assert ended.code == 1
    assert ended.document["flushed"] is False
    cause = ended.document["error"]["cause"]
    assert cause.startswith("The secret is created, but the old token still stands: ")
    assert words in cause
    assert parse_connection("my-org", account.secret(), frozenset()).name == "my-org"


def test_a_denied_secret_is_said_with_the_action(
    add: Add, account: Account, lambda_service: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", lambda_service.url)
    lambda_service.ssm_refusal = DENIED
    ended = add()
    assert ended.cause == (
        "AWS does not let these credentials describe the secret sfmint/acme/my-org (DescribeSecret)."
    )
    assert account.functions.invocations == []


def test_org_and_further_hosts_are_stored(add: Add, account: Account) -> None:
    assert add("--host", "api.salesforce.com", "--host", "pi.pardot.com", org_id="00Dxx0000000001").code == 0
    stored = json.loads(account.secret())
    assert (stored["org_id"], stored["hosts"]) == ("00Dxx0000000001", ["api.salesforce.com", "pi.pardot.com"])


@pytest.mark.parametrize(
    ("flags", "changes", "cause"),
    [
        (["--host", "evil.example"], {}, "--host names at place 1 a host that is neither"),
        ([], {"org_id": "00Dxx"}, "--org-id is not the id of an org"),
    ],
)
def test_an_org_or_a_host_that_cannot_be_is_named(
    add: Add, flags: list[str], changes: dict[str, str], cause: str
) -> None:
    assert cause in add(*flags, **changes).cause
