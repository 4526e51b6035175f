"""`sfmint login --kms` and `sfmint assertion --kms`: a key that never leaves KMS signs, and is looked at before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account, WriteFile
from cli.wrong_kms_keys import WRONG
from kms_service import KmsService
from org_fixture import Customer

if TYPE_CHECKING:
    from conftest import KeyPair

type Login = Callable[..., Ended]
HOST = "https://acme.my.salesforce.com"
KEY_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "two keys": ({"key": "my.key"}, "not both"),
    "no key": ({"kms": None}, "Give --key FILE, or --kms ARN"),
    "no certificate": ({"certificate": None}, "--kms wants --certificate FILE"),
    "a passphrase": ({"passphrase_file": "word"}, "has no passphrase"),
}


@pytest.fixture
def arn(kms: KmsService, key_pair: "KeyPair") -> str:
    return kms.add(key_pair.key)


@pytest.fixture
def login(sfmint: CommandLine, arn: str, certificate_file: Path, customer: Customer) -> Login:
    """Run `login` as the customer, with a key of KMS."""

    def run(*flags: str, **changes: Any) -> Ended:
        given = {
            "kms": arn,
            "certificate": certificate_file,
            "consumer_key": customer.app.consumer_key,
            "username": customer.username,
            "token_host": customer.control.url,
            "ca_bundle": customer.control.ca,
        }
        return sfmint("login", *options(given | changes), *flags)

    return run


@pytest.fixture
def assertion(sfmint: CommandLine, arn: str, certificate_file: Path) -> Login:
    """Run `assertion` with a key of KMS."""

    def run(*flags: str, **changes: Any) -> Ended:
        given = {
            "kms": arn,
            "certificate": certificate_file,
            "consumer_key": "3MVG9",
            "username": "me@acme",
            "token_host": HOST,
        }
        return sfmint("assertion", *options(given | changes), *flags)

    return run


def test_salesforce_lets_in_what_kms_has_signed(login: Login, customer: Customer, kms: KmsService, arn: str) -> None:
    ended = login()
    assert ended.code == 0
    assert customer.logins == 1
    assert kms.asked == [("GetPublicKey", arn), ("Sign", arn)]


def test_what_has_logged_in_can_be_stored(login: Login, arn: str, certificate_file: Path) -> None:
    told = login().stderr
    assert f"sfmint connection add NAME --kms {arn} --certificate {certificate_file} --consumer-key" in told


def test_an_assertion_is_signed_if_it_is_shown(assertion: Login, kms: KmsService, key_pair: "KeyPair") -> None:
    ended = assertion("--show", "--json")
    public = key_pair.key.public_key()
    assert (
        jwt.decode(ended.document["assertion"], public, algorithms=["RS256"], audience=HOST)
        == (ended.document["claims"])
    )
    assert [operation for operation, _ in kms.asked] == ["GetPublicKey", "Sign"]


def test_an_assertion_that_is_not_shown_is_not_signed(assertion: Login, kms: KmsService) -> None:
    ended = assertion("--json")
    assert ended.document["assertion"].startswith("(hidden")
    assert [operation for operation, _ in kms.asked] == ["GetPublicKey"]


@pytest.mark.parametrize("case", KEY_OPTIONS)
def test_options_that_do_not_go_together_are_told_before_anybody_is_asked(
    login: Login, customer: Customer, kms: KmsService, case: str
) -> None:
    changes, told = KEY_OPTIONS[case]
    ended = login(**changes)
    assert (ended.code, customer.logins, kms.asked) == (2, 0, [])
    assert told in " ".join(ended.stderr.split())


@pytest.mark.parametrize("command", ["login", "assertion"])
@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_cannot_sign_is_refused_in_words_and_salesforce_is_not_asked(
    login: Login, assertion: Login, customer: Customer, kms: KmsService, key_pair: "KeyPair", case: str, command: str
) -> None:
    add, name, cause, _ = WRONG[case]
    run = {"login": login, "assertion": assertion}[command]
    error = run("--json", kms=add(kms, key_pair)).document["error"]
    assert (error["name"], customer.logins) == (name, 0)
    assert cause in error["cause"]


def test_the_certificate_of_another_key_is_refused_before_salesforce_is_asked(
    login: Login, customer: Customer, other_key_pair: "KeyPair", write_file: WriteFile, kms: KmsService
) -> None:
    other = write_file("other.crt", other_key_pair.certificate)
    ended = login(certificate=other)
    assert f"{other} is the certificate of another key than the one that --kms names." in ended.cause
    assert "sfmint keys new NAME --kms" in ended.remedy
    assert (customer.logins, [operation for operation, _ in kms.asked]) == (0, ["GetPublicKey"])


@pytest.mark.parametrize("text", ["", "Canary", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused_with_its_file(login: Login, write_file: WriteFile, text: str) -> None:
    path = write_file("no.crt", text)
    ended = login(certificate=path)
    assert ended.code == 1
    assert str(path) in ended.cause


def test_a_connections_own_is_signed_in_kms_too(
    sfmint: CommandLine, account: Account, arn: str, key_pair: "KeyPair", kms: KmsService
) -> None:
    store(account, arn, key_pair.certificate)
    ended = sfmint("assertion", "my-org", "--show", "--json")
    jwt.decode(ended.document["assertion"], key_pair.key.public_key(), algorithms=["RS256"], audience=HOST)
    assert [operation for operation, _ in kms.asked] == ["Sign"]


def test_what_another_key_than_the_certificates_has_signed_is_not_shown(
    sfmint: CommandLine, account: Account, arn: str, other_key_pair: "KeyPair"
) -> None:
    store(account, arn, other_key_pair.certificate)
    ended = sfmint("assertion", "my-org", "--show", "--json")
    assert ended.document["error"]["name"] == "WrongCertificate"
    assert "assertion" not in ended.document


def store(account: Account, arn: str, certificate: str) -> None:
    fields = {"consumer_key": "3MVG9", "username": "me@acme", "token_host": HOST}
    text = json.dumps(fields | {"signer": {"kms": arn}, "certificate": certificate})
    account.secrets.create_secret(Name="sfmint/acme/my-org", SecretString=text)
