"""A connection whose key never leaves KMS, through the real handlers."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from botocore_calls import BotocoreCalls
from conftest import KeyPair
from embedded_access import embedded_access
from functions.stack import CONNECTION, Stack
from kms_keys import a_signing_key, certificate_of, public_key_of
from sfmint.adapters.aws.services import Aws
from sfmint.aws_access.budget import Budget
from sfmint_testing.fakes import FakeClock

type Secret = dict[str, Any]


@pytest.fixture
def secret(stack: Stack, key_pair: KeyPair) -> Secret:
    """The secret of a connection whose app has the certificate of a key in KMS."""
    arn = a_signing_key(stack.cloud.kms)
    certificate = certificate_of(public_key_of(stack.cloud.kms, arn), key_pair.key)
    stack.customer.control.put_app(replace(stack.customer.app, certificate=certificate))
    return stack.customer.secret(private_key=None, signer={"kms": arn}, certificate=certificate)


def mint_calls(stack: Stack, secret: Secret) -> dict[str, int]:
    stack.store(secret)
    environment = stack.environment()
    counter = BotocoreCalls()
    answers: list[Secret] = []
    with counter.watching():
        calls = counter.during(lambda: answers.append(environment.invoke({})))
    assert answers[0].get("source") == "minted", answers
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")
    return calls


def test_a_login_costs_one_call_more_than_with_a_key_in_the_secret(stack: Stack, secret: Secret) -> None:
    in_kms = mint_calls(stack, secret)
    stack.customer.control.put_app(stack.customer.app)
    assert in_kms == mint_calls(stack, stack.customer.secret()) | {"Sign": 1}


def test_the_keeper_signs_too_and_tries_what_is_staged(stack: Stack, secret: Secret) -> None:
    stack.store(secret)
    stack.stage({**secret, "signer": json.dumps(secret["signer"])})
    keeper = stack.environment("token_keeper")
    assert keeper.invoke({"action": "try", "connection": CONNECTION}, "live")["tried"] is True
    assert "errorType" not in keeper.invoke({"action": "refresh", "connection": CONNECTION}, "live")
    assert stack.environment().invoke({})["source"] == "cache"


def test_a_certificate_of_another_key_costs_no_login_and_none_of_the_hours(
    stack: Stack, secret: Secret, key_pair: KeyPair
) -> None:
    stack.store({**secret, "certificate": key_pair.certificate})
    for _ in range(3):
        answer = stack.environment().invoke({})
        assert answer["errorType"] == "InvalidCredentials"
        assert "certificate is of another key than signer" in answer["errorMessage"]
    assert stack.customer.logins == 0
    assert not [key for key in stack.items if key.startswith("budget")]


def test_what_seals_and_what_signs_share_their_connections() -> None:
    clock = FakeClock()
    aws = Aws(embedded_access("http://127.0.0.1:1"), None, clock, Budget(clock))
    assert aws.kms() is aws.kms()


PROBE = """
import json, sys
from hashlib import sha256

given = json.load(sys.stdin)
numbers = int(given["n"]), int(given["d"])

class Kms:
    def sign(self, *, Message, **_):
        told = bytes.fromhex("3031300d060960864801650304020105000420") + sha256(Message).digest()
        encoded = (b"\\x00\\x01" + b"\\xff" * (253 - len(told)) + b"\\x00" + told)
        return {"Signature": pow(int.from_bytes(encoded), numbers[1], numbers[0]).to_bytes(256)}

class Repeats:
    def ask(self, call):
        return call()

from sfmint.adapters.signers import open_signers
from sfmint.salesforce.connection import parse_connection

connection = parse_connection("orders", json.dumps(given["secret"]), frozenset())
signer = open_signers(Kms, "eu-central-1", Repeats()).signer(connection)
assert signer.sign(connection, now=1.0, jti="one").reveal().count(".") == 2
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} & {"cryptography", "_cffi_backend", "jwt", "boto3"})))
print(json.dumps("sfmint.adapters.signers.pem" in sys.modules))
"""


def test_the_library_for_private_keys_is_not_loaded_where_kms_signs(stack: Stack, key_pair: KeyPair) -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    secret = {
        "consumer_key": "3MVG9",
        "username": "a@acme.example",
        "token_host": "https://acme.my.salesforce.com",
        "signer": {"kms": arn},
        "certificate": key_pair.certificate,
    }
    numbers = key_pair.key.private_numbers()
    given = json.dumps({"secret": secret, "n": str(numbers.public_numbers.n), "d": str(numbers.d)})
    done = subprocess.run(
        [sys.executable, "-c", PROBE], input=given, capture_output=True, text=True, check=False, env={}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[]", "false"]
