"""`sfmint connection add` over credentials that are there: nothing good is replaced before the new ones have logged in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account, WriteFile
from cli.fake_keeper import NOTHING_STAGED
from conftest import pem_of
from lambda_service import DENIED, THROTTLED, TIMED_OUT
from local.conftest import certificate_of
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair

SECRET_ID = "sfmint/acme/my-org"
REJECTED = {"errorType": "AssertionRejected", "errorMessage": "Salesforce cannot verify it. Upload the certificate."}
UNUSABLE = {"errorType": "InvalidCredentials", "errorMessage": "The key is tainted. Store another."}
PASSING = {
    "in progress": {
        "errorType": "RefreshInProgress",
        "errorMessage": "Another caller is logging in. Call again later.",
    },
    "budget": {"errorType": "LoginRateExceeded", "errorMessage": "The budget is spent. Wait for the next hour."},
    "outage": {"errorType": "SalesforceUnavailable", "errorMessage": "Salesforce is down. Call again later."},
    "store": {"errorType": "CacheUnavailable", "errorMessage": "The table is gone. Deploy it."},
    "throttled": THROTTLED,
    "denied": DENIED,
    "dead": TIMED_OUT,
}

type Add = Callable[..., Ended]


@pytest.fixture
def add(sfmint: CommandLine, account: Account, key_file: Path, certificate_file: Path) -> Add:
    """Run `connection add my-org --yes --json`; the user name tells the credentials apart."""
    assert account.secrets

    def run(username: str, *flags: str, **changes: Any) -> Ended:
        given = {
            "key": key_file,
            "certificate": certificate_file,
            "consumer_key": "3MVG9.key",
            "username": username,
            "token_host": "https://acme.my.salesforce.com",
        }
        return sfmint("connection", "add", "my-org", *options(given | changes), "--yes", "--json", *flags)

    return run


@pytest.fixture
def good(add: Add, account: Account) -> str:
    """Store good credentials, and return the text."""
    assert add("good").code == 0
    account.functions.invocations.clear()
    return account.secret()


def actions(account: Account) -> list[str]:
    return [event["action"] for event in account.functions.events]


def username(account: Account, stage: str = "AWSCURRENT") -> str | None:
    text = account.staged(stage)
    return None if text is None else str(json.loads(text)["username"])


def id_of(key_pair: "KeyPair") -> str:
    return load_signing_key(Secret(key_pair.pem), None, None).key_id


def test_first_credentials_are_stored_and_proved_by_the_first_login(add: Add, account: Account) -> None:
    assert add("first").code == 0
    assert actions(account) == ["flush", "refresh"]
    assert account.staged("SFMINT_TRY") is None


def test_first_credentials_that_are_refused_stay_and_that_is_said(add: Add, account: Account) -> None:
    account.keeper.answers = {"refresh": REJECTED}
    ended = add("first")
    assert (ended.code, ended.document["done"]) == (1, "created")
    assert "What is stored stays, and the stack tries it again." in ended.document["error"]["remedy"]
    assert username(account) == "first"


def test_new_credentials_are_tried_while_the_good_ones_are_current(add: Add, account: Account, good: str) -> None:
    usual = account.keeper

    def look(arn: str, event: Any) -> Any:
        if event["action"] == "try":
            assert account.secret() == good
            assert username(account, "SFMINT_TRY") == "new"
            assert account.staged("AWSPENDING") is None
        return usual(arn, event)

    account.functions.broker = look
    assert add("new").document["done"] == "replaced"
    assert account.functions.events == [
        {"action": action, "connection": "my-org"} for action in ("try", "flush", "refresh")
    ]
    assert (username(account), account.staged("AWSPREVIOUS")) == ("new", good)
    assert account.staged("SFMINT_TRY") is None


@pytest.mark.parametrize("answer", [REJECTED, UNUSABLE, *PASSING.values(), NOTHING_STAGED, b"<html>"], ids=str)
def test_a_try_that_fails_replaces_nothing_and_leaves_nothing_staged(
    add: Add, account: Account, good: str, answer: Any
) -> None:
    account.keeper.answers = {"try": answer}
    ended = add("bad")
    assert ended.code == 1
    assert ended.document["error"]["cause"].startswith("Nothing was replaced, ")
    assert ended.document["error"]["remedy"]
    assert account.secret() == good
    assert (account.staged("SFMINT_TRY"), account.staged("AWSPREVIOUS")) == (None, None)
    assert actions(account) == ["try"]
    account.keeper.answers = {}
    assert add("bad").document["done"] == "replaced"


def test_the_cause_and_remedy_of_a_failed_try_are_the_keepers(add: Add, account: Account, good: str) -> None:
    account.keeper.answers = {"try": PASSING["budget"]}
    error = add("new").document["error"]
    assert error == {
        "name": "LoginRateExceeded",
        "cause": "Nothing was replaced, for a login with the new credentials failed: The budget is spent.",
        "remedy": "Wait for the next hour.",
    }


def test_a_keeper_that_knows_no_try_is_told_apart(add: Add, account: Account, good: str) -> None:
    account.keeper.answers = {
        "try": {"errorType": "InvalidRequest", "errorMessage": "The event names no known action. Known are others."}
    }
    error = add("new").document["error"]
    assert (error["name"], "--no-login" in error["remedy"]) == ("StackTooOld", True)


def test_the_try_of_somebody_else_does_not_count(
    add: Add, account: Account, good: str, other_key_pair: "KeyPair"
) -> None:
    account.keeper.answers = {"try": {"tried": True, "key_id": id_of(other_key_pair)}}
    assert add("new").document["error"]["name"] == "ChangedMeanwhile"
    assert account.secret() == good


def test_what_somebody_else_stages_meanwhile_does_not_count_though_its_key_is_the_same(
    add: Add, account: Account, good: str
) -> None:
    usual = account.keeper
    theirs = json.dumps({**json.loads(good), "username": "theirs"})

    def come_in_between(arn: str, event: Any) -> Any:
        if event["action"] == "try":
            account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString=theirs, VersionStages=["SFMINT_TRY"])
        return usual(arn, event)

    account.functions.broker = come_in_between
    assert add("new").document["error"]["name"] == "ChangedMeanwhile"
    assert account.secret() == good
    assert username(account, "SFMINT_TRY") == "theirs"


@pytest.mark.parametrize("answer", [REJECTED, UNUSABLE], ids=str)
def test_a_refusal_at_the_first_login_puts_the_former_credentials_back(
    add: Add, account: Account, good: str, answer: Any
) -> None:
    account.keeper.answers = {"refresh": answer}
    ended = add("new")
    assert (ended.code, ended.document["done"]) == (1, "put back")
    assert ended.document["error"]["cause"].startswith("The former credentials are back, for the first login ")
    assert account.secret() == good
    assert actions(account) == ["try", "flush", "refresh", "flush"]


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_no_other_failure_puts_them_back(add: Add, account: Account, good: str, answer: Any) -> None:
    account.keeper.answers = {"refresh": answer}
    ended = add("new")
    assert (ended.code, ended.document["done"]) == (1, "replaced")
    assert (username(account), account.staged("AWSPREVIOUS")) == ("new", good)


def test_a_tainted_key_is_never_put_back(
    add: Add,
    sfmint: CommandLine,
    account: Account,
    good: str,
    key_pair: "KeyPair",
    other_key_pair: "KeyPair",
    write_file: WriteFile,
) -> None:
    sfmint.keys.add(other_key_pair.pem)
    sfmint("taint", "my-org", id_of(key_pair))
    other = {
        "key": write_file("other.key", pem_of(other_key_pair.key)),
        "certificate": write_file("other.crt", certificate_of(other_key_pair.key)),
    }
    account.keeper.answers = {"refresh": REJECTED}
    ended = add("new", **other)
    assert "is tainted, so they are not put back" in ended.document["error"]["cause"]
    assert username(account) == "new"
    account.keeper.answers = {}
    refused = sfmint("connection", "add", "my-org", "--rollback", "--json")
    assert refused.document["error"]["name"] == "KeyTainted"
    assert username(account) == "new"


def test_untried_credentials_are_stored_if_that_is_wanted(add: Add, account: Account, good: str) -> None:
    assert add("new", "--no-login").document["done"] == "replaced"
    assert actions(account) == ["flush"]
    assert (username(account), account.staged("AWSPREVIOUS"), account.staged("SFMINT_TRY")) == ("new", good, None)


@pytest.mark.parametrize("lost", [False, True], ids=["refused", "answer lost"])
@pytest.mark.parametrize("number", range(9))
def test_whatever_call_fails_a_working_secret_is_current_and_the_same_command_goes_on(
    add: Add, account: Account, good: str, failing: Callable[..., Any], number: int, *, lost: bool
) -> None:
    with failing(number, after=lost):
        add("new")
    assert username(account) in {"good", "new"}
    assert (username(account) == "good") or account.keeper.tried == ["new"]
    assert add("new").code == 0
    assert (username(account), account.staged("SFMINT_TRY")) == ("new", None)
    assert account.staged("AWSPREVIOUS") == good


def test_the_same_credentials_again_are_not_asked_about(add: Add, sfmint: CommandLine, account: Account) -> None:
    add("first")
    account.functions.invocations.clear()
    assert add("first").document["done"] == "unchanged"
    assert actions(account) == ["flush", "refresh"]


def test_org_and_hosts_are_kept_unless_they_are_given_anew(add: Add, account: Account) -> None:
    add("first", "--host", "api.salesforce.com", org_id="00Dxx0000000001")
    add("second")
    stored = json.loads(account.secret())
    assert (stored["org_id"], stored["hosts"]) == ("00Dxx0000000001", ["api.salesforce.com"])
    add("third", "--host", "pi.pardot.com", org_id="00Dxx0000000002")
    stored = json.loads(account.secret())
    assert (stored["org_id"], stored["hosts"]) == ("00Dxx0000000002", ["pi.pardot.com"])


def test_a_deleted_secret_lives_again_with_its_old_value_if_the_try_fails(
    add: Add, account: Account, good: str
) -> None:
    account.secrets.delete_secret(SecretId=SECRET_ID)
    account.keeper.answers = {"try": REJECTED}
    ended = add("new", "--restore")
    assert "is taken back, so its old value is live again. Nothing was replaced" in ended.document["error"]["cause"]
    assert account.secret() == good


def test_rollback_tries_the_former_credentials_and_makes_them_current(
    add: Add, sfmint: CommandLine, account: Account, good: str
) -> None:
    add("new")
    account.functions.invocations.clear()
    ended = sfmint("connection", "add", "my-org", "--rollback", "--json")
    assert (ended.code, ended.document["done"]) == (0, "rolled back")
    assert actions(account) == ["try", "flush", "refresh"]
    assert account.keeper.tried[-1] == "good"
    assert account.secret() == good
    assert (username(account, "AWSPREVIOUS"), account.staged("SFMINT_TRY")) == ("new", None)


def test_a_rollback_whose_try_fails_changes_nothing(add: Add, sfmint: CommandLine, account: Account, good: str) -> None:
    add("new")
    account.keeper.answers = {"try": REJECTED}
    assert sfmint("connection", "add", "my-org", "--rollback").code == 1
    assert (username(account), account.staged("AWSPREVIOUS")) == ("new", good)
    assert account.staged("SFMINT_TRY") is None


def test_a_rollback_keeps_every_tainted_key(add: Add, sfmint: CommandLine, account: Account, good: str) -> None:
    add("new")
    sfmint("taint", "my-org", "0123456789abcdef")
    assert sfmint("connection", "add", "my-org", "--rollback").code == 0
    assert (username(account), json.loads(account.secret())["tainted_keys"]) == ("good", ["0123456789abcdef"])


def test_without_former_credentials_there_is_no_way_back(add: Add, sfmint: CommandLine, account: Account) -> None:
    rollback = ("connection", "add", "my-org", "--rollback", "--json")
    assert sfmint(*rollback).document["error"]["name"] == "NoPrevious"
    add("first")
    assert sfmint(*rollback).document["error"]["name"] == "NoPrevious"
    assert username(account) == "first"


@pytest.mark.parametrize(
    "spoilt", [{"username": ""}, {"private_key": "no key"}, {"user": "x"}, {"token_host": "http://a"}], ids=str
)
@pytest.mark.parametrize("flags", [(), ("--no-login",)], ids=str)
def test_no_way_leads_back_to_credentials_that_the_broker_would_refuse(
    add: Add, sfmint: CommandLine, account: Account, good: str, spoilt: dict[str, str], flags: tuple[str, ...]
) -> None:
    for fields in (json.loads(good) | spoilt, json.loads(good)):
        account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(fields))
    ended = sfmint("connection", "add", "my-org", "--rollback", "--json", *flags)
    assert (ended.code, ended.document["done"]) == (1, "nothing")
    assert ended.document["error"]["cause"].startswith("The former credentials cannot be used: ")
    assert actions(account) == []
    assert json.loads(account.secret()) == json.loads(good)


def test_the_same_credentials_twice_are_no_way_back(add: Add, sfmint: CommandLine, account: Account, good: str) -> None:
    account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString=good)
    ended = sfmint("connection", "add", "my-org", "--rollback", "--json")
    assert (ended.code, ended.document["done"], ended.document["error"]["name"]) == (1, "nothing", "NoPrevious")
    assert actions(account) == []


def test_a_deleted_secret_is_told_apart_with_a_way_to_take_it_back(
    sfmint: CommandLine, account: Account, good: str
) -> None:
    account.secrets.delete_secret(SecretId=SECRET_ID)
    words = ("connection", "add", "my-org", "--rollback")
    ended = sfmint("--region", "us-east-1", "--stack", "acme", *words, "--json")
    assert (ended.code, ended.document["error"]["name"]) == (1, "SecretDeleted")
    way = f"aws secretsmanager restore-secret --secret-id {SECRET_ID} --region us-east-1"
    assert ended.document["error"]["remedy"].endswith(way)
    assert actions(account) == []


def test_a_rollback_takes_no_credentials(add: Add, account: Account) -> None:
    ended = add("new", "--rollback")
    assert (ended.code, ended.document["error"]["name"]) == (2, "UsageError")
    assert "--username" in ended.document["error"]["cause"]
    assert account.functions.events == []
