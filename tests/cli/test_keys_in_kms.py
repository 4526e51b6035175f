"""`sfmint keys new --kms`: a certificate for a key that never leaves KMS."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.x509 import load_pem_x509_certificate

from cli.command_line import CommandLine
from cli.wrong_kms_keys import WRONG
from kms_service import KmsService
from lambda_service import ACCOUNT
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair


@pytest.fixture
def arn(kms: KmsService, key_pair: "KeyPair") -> Iterator[str]:
    """A key of KMS, of which nothing private may be seen."""
    yield kms.add(key_pair.key)
    assert all(len(signed) < 4096 for signed in kms.signed)


def test_the_certificate_is_of_the_key_and_signed_by_it(
    sfmint: CommandLine, tmp_path: Path, arn: str, key_pair: "KeyPair", kms: KmsService
) -> None:
    made = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path, "--days", 30, "--json").document
    text = (tmp_path / "orders.crt").read_text()
    certificate = load_pem_x509_certificate(text.encode())
    certificate.verify_directly_issued_by(certificate)
    assert certificate.public_key() == key_pair.key.public_key()
    assert certificate.subject.rfc4514_string() == "CN=sfmint orders"
    assert made["key_id"] == load_signing_key(Secret(key_pair.pem), None, text).key_id  # as the broker sees it
    assert (made["kms"], made["key_spec"]) == (arn, "RSA_2048")
    assert made["valid_until"] == certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [operation for operation, _ in kms.asked] == ["GetPublicKey", "Sign"]


def test_no_private_key_is_written(sfmint: CommandLine, tmp_path: Path, arn: str) -> None:
    sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["orders.crt"]


def test_it_says_how_to_log_in_with_it(sfmint: CommandLine, tmp_path: Path, arn: str) -> None:
    ended = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path)
    assert f"sfmint login --kms {arn} --certificate {tmp_path / 'orders.crt'}" in ended.stderr


def test_a_certificate_that_is_there_stays_and_kms_is_not_asked(
    sfmint: CommandLine, tmp_path: Path, arn: str, kms: KmsService
) -> None:
    (tmp_path / "orders.crt").write_text("mine")
    ended = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path, "--json")
    assert ended.document["error"]["name"] == "FileExists"
    assert (tmp_path / "orders.crt").read_text() == "mine"
    assert kms.asked == []


def test_a_size_is_not_asked_for(sfmint: CommandLine, tmp_path: Path, arn: str) -> None:
    ended = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path, "--bits", 2048)
    assert (ended.code, "leave out --bits" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    "given",
    [
        f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/acme",
        "alias/acme",
        "01234567-89ab-cdef-0123-456789abcdef",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/acme",
        f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:sfmint/acme/my-org",
    ],
    ids=["alias", "alias name", "id", "no id", "secret"],
)
def test_what_is_not_the_arn_of_a_key_is_refused_in_words(
    sfmint: CommandLine, tmp_path: Path, kms: KmsService, given: str
) -> None:
    ended = sfmint("keys", "new", "orders", "--kms", given, "--out", tmp_path)
    assert (ended.code, kms.asked) == (2, [])
    assert "not the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID, not an alias" in ended.stderr


def test_a_key_of_another_region_is_refused_in_words(
    sfmint: CommandLine, tmp_path: Path, arn: str, kms: KmsService
) -> None:
    there = arn.replace("us-east-1", "eu-central-1")
    ended = sfmint("keys", "new", "orders", "--kms", there, "--out", tmp_path)
    assert (ended.code, kms.asked) == (1, [])
    assert ended.cause == "The key of --kms is in eu-central-1, and this command works in us-east-1."
    assert "--region eu-central-1" in ended.remedy


@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_cannot_sign_is_refused_in_words_and_nothing_is_written(
    sfmint: CommandLine, tmp_path: Path, kms: KmsService, key_pair: "KeyPair", case: str
) -> None:
    add, name, cause, remedy = WRONG[case]
    ended = sfmint("keys", "new", "orders", "--kms", add(kms, key_pair), "--out", tmp_path, "--json")
    error = ended.document["error"]
    assert (ended.code, error["name"]) == (1, name)
    assert cause in error["cause"]
    assert "--kms" in error["cause"]
    assert remedy in error["remedy"]
    assert list(tmp_path.glob("*.crt")) == []


@pytest.mark.parametrize("operation", ["GetPublicKey", "Sign"])
def test_a_key_that_may_not_be_used_is_told_with_the_action(
    sfmint: CommandLine, tmp_path: Path, arn: str, kms: KmsService, operation: str
) -> None:
    kms.refusals[operation] = "AccessDeniedException"
    ended = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path)
    assert f"({operation})" in ended.cause
    assert arn in ended.cause
    assert list(tmp_path.glob("*.crt")) == []


def test_a_certificate_that_another_key_has_signed_is_not_written(
    sfmint: CommandLine,
    tmp_path: Path,
    arn: str,
    kms: KmsService,
    other_key_pair: "KeyPair",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = KmsService._answer

    def swapped(self: KmsService, operation: str, given: dict[str, object]) -> object:
        if operation == "Sign":
            self.keys[arn].private = other_key_pair.key
        return answer(self, operation, given)

    monkeypatch.setattr(KmsService, "_answer", swapped)
    ended = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path, "--json")
    assert ended.document["error"]["name"] == "SignedByAnotherKey"
    assert list(tmp_path.glob("*.crt")) == []


@pytest.mark.parametrize("key", ["AAAA", "", None, 7], ids=["no key", "empty", "missing", "no text"])
def test_what_answers_in_the_place_of_kms_is_told(
    sfmint: CommandLine, tmp_path: Path, arn: str, kms: KmsService, key: object
) -> None:
    kms.instead = {"KeyId": arn, "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "PublicKey": key}
    ended = sfmint("keys", "new", "orders", "--kms", arn, "--out", tmp_path, "--json")
    assert ended.document["error"]["name"] == "NotAws"
    assert list(tmp_path.glob("*.crt")) == []
