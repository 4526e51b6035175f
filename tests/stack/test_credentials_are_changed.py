"""`sfmint connection add` and `taint` with the deployed keeper: what is good stays served, and what is not never is."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sfmint_cli.key_pair import KeyPairFiles
from sfmint_local.child import bare_environment
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.key_pair import new_key_pair

MISTYPED = "0123456789abcdef"


class Operator:
    """Types commands about one connection; the answer is the JSON document."""

    def __init__(self, stack: EmbeddedStack, connection: str, folder: Path) -> None:
        self.stack, self.connection, self.folder = stack, connection, folder
        self.fields = stack.credentials(connection)
        self.apart = 900

    def run(self, *words: str) -> dict[str, Any]:
        line = [str(Path(sys.executable).with_name("sfmint")), *words, "--json"]
        environment = bare_environment(**self.stack.environment(), AWS_CONFIG_FILE="/dev/null", TMPDIR=str(self.folder))
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        assert "PRIVATE KEY" not in done.stdout + done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == ("error" in document), document
        return document

    def files(self, name: str, key: object, certificate: object) -> KeyPairFiles:
        files = KeyPairFiles.in_folder(self.folder, name)
        files.key.write_text(str(key))
        files.certificate.write_text(str(certificate))
        return files

    def add(self, files: KeyPairFiles) -> dict[str, Any]:
        self.apart += 1  # or nothing would be there to replace
        whose = ("--consumer-key", str(self.fields["consumer_key"]), "--username", str(self.fields["username"]))
        where = ("--token-host", self.stack.org.url, "--token-lifetime", str(self.apart))
        key = ("--key", str(files.key), "--certificate", str(files.certificate))
        return self.run("connection", "add", self.connection, *key, *whose, *where, "--yes")

    def rollback(self) -> dict[str, Any]:
        return self.run("connection", "add", self.connection, "--rollback")

    def served(self) -> str:
        return str(self.stack.functions.broker(self.connection)["fingerprint"])

    def secret(self) -> str:
        name = self.stack.secret_name(self.connection)
        return str(self.stack.aws.secrets.get_secret_value(SecretId=name)["SecretString"])


@pytest.fixture
def operator(stack: EmbeddedStack, connection: str, tmp_path: Path) -> Operator:
    return Operator(stack, connection, tmp_path)


def test_credentials_are_added_replaced_refused_rolled_back_and_tainted(
    operator: Operator, stack: EmbeddedStack
) -> None:
    right = operator.files("right", operator.fields["private_key"], operator.fields["certificate"])
    pair = new_key_pair("wrong")
    wrong = operator.files("wrong", pair.private_key, pair.certificate)
    stack.aws.secrets.delete_secret(SecretId=stack.secret_name(operator.connection), ForceDeleteWithoutRecovery=True)

    added = operator.add(right)
    assert (added["done"], added["login"]) == ("created", True)
    first = operator.secret()
    assert operator.add(right)["done"] == "replaced"
    good, token = operator.secret(), operator.served()

    refused = operator.add(wrong)
    assert (refused["done"], refused["error"]["name"]) == ("nothing", "AssertionRejected")
    assert (operator.secret(), operator.served()) == (good, token)

    assert operator.rollback()["done"] == "rolled back"
    assert json.loads(operator.secret()) == json.loads(first)
    assert operator.run("taint", operator.connection, MISTYPED)["known"] is False
    tainted = operator.run("taint", operator.connection, str(added["key_id"]))
    assert (tainted["known"], tainted["token_dropped"]) == (True, True)
    assert operator.rollback()["error"]["name"] == "KeyTainted"
    assert operator.add(right)["error"]["name"] == "KeyTainted"


def test_first_credentials_that_are_refused_are_told_and_replaced_by_right_ones(
    operator: Operator, stack: EmbeddedStack
) -> None:
    pair = new_key_pair("wrong")
    stack.aws.secrets.delete_secret(SecretId=stack.secret_name(operator.connection), ForceDeleteWithoutRecovery=True)
    refused = operator.add(operator.files("wrong", pair.private_key, pair.certificate))
    assert (refused["done"], refused["error"]["name"]) == ("created", "AssertionRejected")
    right = operator.files("right", operator.fields["private_key"], operator.fields["certificate"])
    assert (operator.add(right)["done"], bool(operator.served())) == ("replaced", True)
