"""`sfmint connection add --kms`: credentials whose key never leaves KMS, and nothing is changed for a wrong key."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account, WriteFile
from cli.wrong_kms_keys import WRONG
from kms_service import KmsService
from sfmint.adapters.signers.signing_key import key_id_of
from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint_cli.storing_command import storing
from sfmint_cli.tainted_keys import key_id_in

if TYPE_CHECKING:
    from conftest import KeyPair

MY_DOMAIN = "https://acme.my.salesforce.com"
type Add = Callable[..., Ended]
type Grant = Callable[..., None]


@pytest.fixture
def arn(kms: KmsService, key_pair: "KeyPair") -> str:
    return kms.add(key_pair.key)


@pytest.fixture
def other(kms: KmsService, other_key_pair: "KeyPair") -> str:
    return kms.add(other_key_pair.key)


@pytest.fixture
def grant(account: Account) -> Grant:
    """Have the stack's parameters list keys."""

    def change(parameter: str, *arns: str) -> None:
        account.cloud_formation.stacks["acme"][0][parameter] = ",".join(arns)

    return change


@pytest.fixture
def add(sfmint: CommandLine, account: Account, grant: Grant, arn: str, other: str, certificate_file: Path) -> Add:
    """Run `connection add my-org --yes --json` with a key of KMS, on a stack that may sign with two."""
    grant("SigningKeyArns", arn, other)

    def run(*flags: str, **changes: Any) -> Ended:
        given = {
            "kms": arn,
            "certificate": certificate_file,
            "consumer_key": "3MVG9.key",
            "username": "integration@acme.example",
            "token_host": MY_DOMAIN,
        }
        return sfmint("connection", "add", "my-org", *options(given | changes), "--yes", "--json", *flags)

    return run


def test_what_is_stored_is_what_the_broker_reads(add: Add, account: Account, arn: str, key_pair: "KeyPair") -> None:
    ended = add()
    assert ended.code == 0
    connection = parse_connection("my-org", account.secret(), frozenset())
    assert (connection.signing_key, connection.private_key) == (arn, None)
    assert connection.certificate == key_pair.certificate
    assert ended.document["key_id"] == key_id_of(key_pair.certificate)
    assert parse_rotation("my-org", account.secret()).other_signing_key is None


def test_the_key_with_which_a_rotation_takes_turns_is_stored_and_kept(add: Add, account: Account, other: str) -> None:
    add(other_kms=other)
    assert parse_rotation("my-org", account.secret()).other_signing_key == other
    add(username="another")
    assert parse_rotation("my-org", account.secret()).other_signing_key == other


def test_nobody_signs_but_the_stack(add: Add, kms: KmsService, arn: str, other: str) -> None:
    add(other_kms=other)
    assert kms.asked == [("GetPublicKey", arn), ("GetPublicKey", other)]


def test_it_is_tried_before_it_replaces_a_key_in_the_secret_and_there_is_a_way_back(
    add: Add, account: Account, key_file: Path, arn: str
) -> None:
    add(kms=None, key=key_file, username="former")
    assert add().document["done"] == "replaced"
    assert account.keeper.tried == ["integration@acme.example"]
    assert "private_key" not in json.loads(account.secret())
    assert (
        add("--rollback", **dict.fromkeys(("kms", "certificate", "consumer_key", "username", "token_host"))).code == 0
    )
    assert json.loads(account.secret())["username"] == "former"
    assert json.loads(account.staged("AWSPREVIOUS") or "")["signer"] == {"kms": arn}


def test_the_way_back_to_a_key_of_kms(add: Add, account: Account, key_file: Path, arn: str) -> None:
    add()
    assert add(kms=None, key=key_file, username="new").document["done"] == "replaced"
    ended = add("--rollback", **dict.fromkeys(("kms", "certificate", "consumer_key", "username", "token_host")))
    assert ended.document["done"] == "rolled back"
    assert json.loads(account.secret())["signer"] == {"kms": arn}


def test_a_tainted_key_of_kms_is_not_stored(add: Add, account: Account, key_pair: "KeyPair", key_file: Path) -> None:
    add(kms=None, key=key_file)
    tainted = json.loads(account.secret()) | {"tainted_keys": [key_id_of(key_pair.certificate)]}
    account.secrets.put_secret_value(SecretId="sfmint/acme/my-org", SecretString=json.dumps(tainted))
    assert add().document["error"]["name"] == "KeyTainted"


@pytest.mark.parametrize("option", ["kms", "other_kms"])
@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_cannot_sign_is_refused_in_words_and_nothing_is_stored(
    add: Add, account: Account, grant: Grant, kms: KmsService, key_pair: "KeyPair", arn: str, *, case: str, option: str
) -> None:
    make, name, cause, _ = WRONG[case]
    wrong = make(kms, key_pair)
    grant("SigningKeyArns", arn, wrong)
    error = add(**{option: wrong}).document["error"]
    assert error["name"] == name
    assert cause in error["cause"]
    assert f"--{option.replace('_', '-')} names" in error["cause"]
    assert not account.has_secrets()


@pytest.mark.parametrize("option", ["kms", "other_kms"])
def test_a_key_with_which_the_stack_may_not_sign_is_told_with_the_deploy(
    add: Add, account: Account, grant: Grant, arn: str, other: str, option: str
) -> None:
    listed, wanted = {"kms": (other, arn), "other_kms": (arn, other)}[option]
    grant("SigningKeyArns", listed)
    error = add(other_kms=other).document["error"]
    assert error["name"] == "KeyNotGranted"
    assert f"may not sign with the key of --{option.replace('_', '-')}" in error["cause"]
    assert f'make deploy PARAMETERS="SigningKeyArns={listed},{wanted}"' in error["remedy"]
    assert not account.has_secrets()


def test_a_key_of_another_region_than_the_stacks_is_refused(add: Add, account: Account, arn: str) -> None:
    error = add(kms=arn.replace("us-east-1", "eu-central-1")).document["error"]
    assert error["name"] == "KeyOfAnotherRegion"
    assert "The key of --kms is in eu-central-1 (aws), and the stack 'acme' in us-east-1 (aws)." in error["cause"]
    assert not account.has_secrets()


def test_a_key_that_encrypts_secrets_is_not_taken_for_one_that_signs(
    add: Add, account: Account, grant: Grant, kms: KmsService
) -> None:
    encrypting = kms.add(None)
    grant("SecretsKeyArns", encrypting)
    error = add(kms=encrypting).document["error"]
    assert error["name"] == "KeyOfAnotherKind"
    assert "The key of --kms is one that encrypts secrets" in error["cause"]
    assert "--kms-key names the one that encrypts the secret" in error["remedy"]
    assert not account.has_secrets()


def test_a_key_that_signs_is_not_taken_for_one_that_encrypts_the_secret(
    add: Add, account: Account, arn: str, key_file: Path
) -> None:
    error = add(kms=None, key=key_file, kms_key=arn).document["error"]
    assert error["name"] == "KeyOfAnotherKind"
    assert "The key of --kms-key is one that signs" in error["cause"]
    assert "Give the key that signs with --kms" in error["remedy"]
    assert not account.has_secrets()


@pytest.mark.parametrize("option", ["kms", "other_kms", "kms_key"])
def test_an_alias_is_refused(add: Add, account: Account, arn: str, option: str) -> None:
    ended = add(**{option: f"{arn.partition(':key/')[0]}:alias/acme"})
    assert ended.code == 2
    assert f"--{option.replace('_', '-')}" in ended.document["error"]["cause"]
    assert "not an alias" in ended.document["error"]["cause"]
    assert not account.has_secrets()


def test_the_certificate_of_another_key_is_refused(
    add: Add, account: Account, write_file: WriteFile, other_key_pair: "KeyPair"
) -> None:
    error = add(certificate=write_file("other.crt", other_key_pair.certificate)).document["error"]
    assert error["name"] == "WrongCertificate"
    assert not account.has_secrets()


def test_two_keys_that_are_one_take_no_turns(add: Add, account: Account, arn: str) -> None:
    ended = add(other_kms=arn)
    assert (ended.code, account.has_secrets()) == (2, False)
    assert "--other-kms names the key of --kms" in ended.document["error"]["cause"]


def test_a_key_that_is_in_a_file_takes_no_turns_with_one_of_kms(
    add: Add, account: Account, key_file: Path, other: str
) -> None:
    ended = add(kms=None, key=key_file, other_kms=other)
    assert (ended.code, account.has_secrets()) == (2, False)
    assert "--other-kms wants --kms" in ended.document["error"]["cause"]


def test_a_connection_shows_which_key_of_kms_signs_and_what_is_said_to_a_rotation(
    add: Add, account: Account, sfmint: CommandLine, arn: str, other: str
) -> None:
    add(other_kms=other)
    said = json.loads(account.secret()) | {"admin_connection": "admin-org", "app": "Orders"}
    account.secrets.put_secret_value(SecretId="sfmint/acme/my-org", SecretString=json.dumps(said))
    shown = sfmint("connection", "show", "my-org", "--json").document
    assert (shown["key"]["kms"], shown["key"]["key_id"]) == (arn, key_id_of(said["certificate"]))
    assert shown["key"]["certificate_until"]
    assert shown["rotation"] == {"admin_connection": "admin-org", "app": "Orders", "other_signing_key": other}


def test_what_a_rotation_cannot_read_is_shown_as_a_fault(add: Add, account: Account, sfmint: CommandLine) -> None:
    add()
    said = json.loads(account.secret()) | {"admin_connection": "my-org"}
    account.secrets.put_secret_value(SecretId="sfmint/acme/my-org", SecretString=json.dumps(said))
    shown = sfmint("connection", "show", "my-org", "--json").document
    assert shown["login"]["username"] == "integration@acme.example"
    assert "admin_connection is the connection itself" in shown["rotation"]["fault"]


def test_a_connection_with_a_key_in_its_secret_shows_neither(
    add: Add, sfmint: CommandLine, key_file: Path, kms: KmsService
) -> None:
    add(kms=None, key=key_file)
    shown = sfmint("connection", "show", "my-org", "--json").document
    assert "rotation" not in shown
    assert "kms" not in shown["key"]
    assert kms.asked == []


def test_a_rotation_that_is_pending_is_listed(add: Add, account: Account, sfmint: CommandLine) -> None:
    add()
    listed = sfmint("connection", "list", "--json").document["connections"]
    assert (listed["my-org"]["rotation_pending"], listed["other-org"]["rotation_pending"]) == (False, False)
    account.secrets.put_secret_value(
        SecretId="sfmint/acme/my-org", SecretString=account.secret(), VersionStages=["AWSPENDING"]
    )
    assert sfmint("connection", "list", "--json").document["connections"]["my-org"]["rotation_pending"] is True
    assert "a rotation is pending" in sfmint("connection", "list").stdout


def test_the_command_that_stores_it_anew_names_the_key_of_kms(add: Add, account: Account, arn: str) -> None:
    add()
    known = parse_connection("my-org", account.secret(), frozenset())
    assert f"connection add my-org --kms {arn} --certificate FILE --consumer-key 3MVG9.key" in storing("my-org", known)
    assert "--key" not in storing("my-org", known).split()


def test_a_key_is_barred_beside_one_of_kms_whose_id_is_known(
    add: Add, account: Account, sfmint: CommandLine, key_pair: "KeyPair"
) -> None:
    add()
    assert sfmint("taint", "my-org", "0123456789abcdef").code == 0
    assert json.loads(account.secret())["tainted_keys"] == ["0123456789abcdef"]
    assert key_id_in(account.secret()) == key_id_of(key_pair.certificate)


@pytest.mark.parametrize("as_text", [False, True])
def test_a_secret_whose_key_is_in_kms_is_not_imported_and_the_command_that_stores_it_is_told(
    add: Add, account: Account, sfmint: CommandLine, arn: str, *, as_text: bool
) -> None:
    add()
    said = json.loads(account.secret())
    text = json.dumps(said | {"signer": json.dumps(said["signer"])} if as_text else said)
    account.secrets.create_secret(Name="team/login", SecretString=text)
    error = sfmint("connection", "import", "other-org", "secret:team/login", "--json").document["error"]
    assert error["name"] == "NoKey"
    assert "has its key in KMS (signer), which cannot be imported" in error["cause"]
    assert f"sfmint connection add other-org --kms {arn} --certificate FILE" in error["remedy"]


def test_a_signer_that_names_no_key_is_told_where_it_is_imported_from(sfmint: CommandLine, account: Account) -> None:
    account.secrets.create_secret(Name="team/login", SecretString='{"username": "u", "signer": {"kms": "alias/acme"}}')
    error = sfmint("connection", "import", "other-org", "secret:team/login", "--json").document["error"]
    assert "signer in the secret team/login does not name a KMS key" in error["cause"]
