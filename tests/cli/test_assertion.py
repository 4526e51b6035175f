"""`sfmint assertion`."""

import hashlib
import json
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography import x509

from cli.command_line import CommandLine, options
from cli.conftest import Account
from sfmint.salesforce.access_token import iso8601

if TYPE_CHECKING:
    from conftest import KeyPair

HOST = "https://acme.my.salesforce.com"


@pytest.fixture
def given(key_file: Path, certificate_file: Path) -> dict[str, object]:
    return {
        "key": key_file,
        "certificate": certificate_file,
        "consumer_key": "3MVG9",
        "username": "me@acme",
        "token_host": HOST,
    }


def stored(account: Account, key_pair: "KeyPair", **more: Any) -> None:
    fields = {"consumer_key": "3MVG9", "username": "me@acme", "token_host": HOST, "private_key": key_pair.pem}
    text = json.dumps(fields | {"certificate": key_pair.certificate} | more)
    account.secrets.create_secret(Name="sfmint/acme/my-org", SecretString=text)


def test_claims_and_header_are_shown_and_the_signature_is_not(
    sfmint: CommandLine, given: dict[str, object], key_pair: "KeyPair"
) -> None:
    began = int(time.time())
    said = sfmint("assertion", *options(given), "--json").document
    assert said["header"] == {"alg": "RS256", "typ": "JWT"}
    assert {name: said["claims"][name] for name in ("iss", "sub", "aud")} == {
        "iss": "3MVG9",
        "sub": "me@acme",
        "aud": HOST,
    }
    assert began + 120 <= said["claims"]["exp"] <= time.time() + 120
    assert said["valid_until"] == iso8601(said["claims"]["exp"])
    assert said["assertion"] == "(hidden; --show shows it)"
    der = ssl.PEM_cert_to_DER_cert(key_pair.certificate)
    assert said["certificate"]["sha256"].replace(":", "").lower() == hashlib.sha256(der).hexdigest()
    assert said["would_be_sent_to"] == f"{HOST}/services/oauth2/token"


def test_on_demand_it_is_the_assertion_that_salesforce_would_verify(
    sfmint: CommandLine, given: dict[str, object], key_pair: "KeyPair"
) -> None:
    ended = sfmint("assertion", *options(given), "--show", "--json")
    public = x509.load_pem_x509_certificate(key_pair.certificate.encode()).public_key()
    claims = jwt.decode(ended.document["assertion"], public, algorithms=["RS256"], audience=HOST)  # type: ignore[arg-type]
    assert claims == ended.document["claims"]
    assert "can log in with it until it ends" in ended.stderr


def test_a_connections_own_is_made_from_its_secret_and_nobody_is_asked_but_secrets_manager(
    sfmint: CommandLine, account: Account, key_pair: "KeyPair"
) -> None:
    stored(account, key_pair)
    said = sfmint("assertion", "my-org", "--json").document
    assert (said["claims"]["sub"], said["barred"]) == ("me@acme", False)
    assert account.functions.invocations == []


def test_it_is_not_in_what_is_printed_otherwise(sfmint: CommandLine, given: dict[str, object]) -> None:
    shown = sfmint("assertion", *options(given)).stdout
    assert "eyJ" not in shown
    assert "hidden" in shown


def test_a_barred_key_is_said_to_be_one(sfmint: CommandLine, account: Account, key_pair: "KeyPair") -> None:
    stored(account, key_pair)
    key_id = sfmint("assertion", "my-org", "--json").document["key_id"]
    stored_again = json.loads(account.secret()) | {"tainted_keys": [key_id]}
    account.secrets.put_secret_value(SecretId="sfmint/acme/my-org", SecretString=json.dumps(stored_again))
    ended = sfmint("assertion", "my-org", "--json")
    assert ended.document["barred"] is True
    assert "bars this key" in ended.stderr


@pytest.mark.parametrize(
    ("more", "name"),
    [({"private_key": "no key"}, "InvalidCredentials"), ({"username": ""}, "InvalidCredentials")],
)
def test_a_secret_that_the_broker_would_refuse_is_refused_in_its_words(
    sfmint: CommandLine, account: Account, key_pair: "KeyPair", more: dict[str, Any], name: str
) -> None:
    stored(account, key_pair, **more)
    assert sfmint("assertion", "my-org", "--json").document["error"]["name"] == name


def test_a_connection_without_a_secret_says_how_to_store_one(sfmint: CommandLine, account: Account) -> None:
    ended = sfmint("assertion", "my-org")
    assert "holds no credentials" in ended.cause
    assert "sfmint connection add my-org" in ended.remedy


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("my-org", "--key", "x.key"),
        ("--key", "x.key"),
        ("--key", "x.key", "--consumer-key", "a", "--username", "b"),
        ("my-org", "--username", "b"),
    ],
)
def test_either_a_connection_or_a_key_with_what_belongs_to_it(sfmint: CommandLine, words: tuple[str, ...]) -> None:
    assert sfmint("assertion", *words).code == 2
