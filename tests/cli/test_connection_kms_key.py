"""`sfmint connection add --kms-key`: a secret under a key of one's own, which the stack's functions may use."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account

KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
OTHER = "arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
SECRET_ID = "sfmint/acme/my-org"

type Add = Callable[..., Ended]


@pytest.fixture
def add(sfmint: CommandLine, account: Account, key_file: Path, certificate_file: Path) -> Add:
    """Run `connection add my-org --yes --json`, on a stack that grants two keys."""
    account.cloud_formation.stacks["acme"][0]["SecretsKeyArns"] = f"{KEY},{OTHER}"

    def run(kms_key: str | None, username: str = "u", **changes: Any) -> Ended:
        given = {
            "key": key_file,
            "certificate": certificate_file,
            "consumer_key": "3MVG9.key",
            "username": username,
            "token_host": "https://acme.my.salesforce.com",
            "kms_key": kms_key,
        }
        return sfmint("connection", "add", "my-org", *options(given | changes), "--yes", "--json")

    return run


def key_of(account: Account) -> str | None:
    found: str | None = account.secrets.describe_secret(SecretId=SECRET_ID).get("KmsKeyId")
    return found


@pytest.mark.parametrize("key", [KEY, OTHER])
def test_a_new_secret_is_under_the_key(add: Add, account: Account, key: str) -> None:
    assert add(key).code == 0
    assert key_of(account) == key


def test_a_secret_that_is_there_comes_under_the_key_and_stays_there(add: Add, account: Account) -> None:
    add(None, "first")
    assert add(KEY, "second").code == 0
    assert key_of(account) == KEY
    assert add(None, "third").code == 0
    assert key_of(account) == KEY


def test_the_same_credentials_come_under_another_key_after_a_try(add: Add, account: Account) -> None:
    add(KEY, "former")
    add(KEY)
    account.functions.invocations.clear()
    assert add(OTHER).document["done"] == "under another key"
    assert account.functions.events[0]["action"] == "try"
    assert key_of(account) == OTHER
    former = account.secrets.get_secret_value(SecretId=SECRET_ID, VersionStage="AWSPREVIOUS")["SecretString"]
    assert '"former"' in former  # the way back is still there
    stages = account.secrets.describe_secret(SecretId=SECRET_ID)["VersionIdsToStages"].values()
    assert "SFMINT_TRY" not in {stage for those in stages for stage in those}


@pytest.mark.parametrize("before", [KEY, None])
def test_a_try_that_fails_leaves_the_former_key(add: Add, account: Account, before: str | None) -> None:
    add(before, "good")
    account.keeper.answers = {"try": {"errorType": "InvalidCredentials", "errorMessage": "AWS denies it. Grant it."}}
    assert add(OTHER, "new").code == 1
    assert key_of(account) in {before, "alias/aws/secretsmanager"} - ({None} if before else set())
    assert '"good"' in account.secret()


def test_a_key_that_the_stack_does_not_grant_changes_nothing_and_the_deploy_is_said(add: Add, account: Account) -> None:
    account.cloud_formation.stacks["acme"][0]["SecretsKeyArns"] = OTHER
    error = add(KEY).document["error"]
    assert error["name"] == "KeyNotGranted"
    assert f'make deploy PARAMETERS="SecretsKeyArns={OTHER},{KEY}"' in error["remedy"]
    assert not account.has_secrets()


@pytest.mark.parametrize(
    "key", [KEY.replace("us-east-1", "eu-west-1"), KEY.replace("arn:aws:", "arn:aws-cn:")], ids=["region", "partition"]
)
def test_a_key_of_another_region_is_refused(add: Add, account: Account, key: str) -> None:
    assert add(key).document["error"]["name"] == "KeyOfAnotherRegion"
    assert not account.has_secrets()


def test_a_key_of_another_account_is_taken_with_a_warning_if_the_stack_grants_it(add: Add, account: Account) -> None:
    key = KEY.replace("123456789012", "210987654321")
    assert add(key).document["error"]["name"] == "KeyNotGranted"
    account.cloud_formation.stacks["acme"][0]["SecretsKeyArns"] = key
    ended = add(key)
    assert (ended.code, "of the account 210987654321" in ended.stderr) == (0, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        KEY.rpartition("/")[2],
        KEY.replace(":key/", ":alias/"),
        "alias/mine",
        KEY.upper(),
        f"{KEY} ",
        f"{KEY}\n",
        KEY.replace(":kms:", ":s3:"),
        KEY.replace("123456789012", "12345678901"),
        KEY.replace("us-east-1", ""),
        f"{KEY},{OTHER}",
        f"{KEY}0",
        "arn:aws:kms:us-east-1:123456789012:key/*",
        "k" * 100_000,
    ],
)
def test_what_is_no_arn_of_a_key_is_refused_before_anything_is_asked(add: Add, account: Account, text: str) -> None:
    ended = add(text)
    assert (ended.code, "not the ARN of a KMS key" in ended.document["error"]["cause"]) == (2, True)
    assert account.cloud_formation.asked == []
