"""A key of KMS: what is asked, what a signature is worth, and what is said where none comes."""

import re
from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.session import Session

from conftest import KeyPair
from kms_keys import END, START, a_signing_key, certificate_of, public_key_of
from moto_client import moto_client
from sfmint.adapters.signers import open_signers
from sfmint.errors import CacheUnavailable, InvalidCredentials, SfmintError
from sfmint.ports import Signer
from sfmint.salesforce.connection import Connection
from sfmint_testing.fakes import NOON, FakeClock, a_connection
from sfmint_values.kms_key_arn import region_of
from sfmint_values.secret import Secret
from time_for_aws import repeats_by

ROLE = "arn:aws:sts::123456789012:assumed-role/acme-BrokerRole-A1/acme-token-broker"


class Kms:
    """KMS by moto, which counts what it is asked and may do something else instead."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.asked: list[dict[str, Any]] = []
        self.instead: list[Any] = []
        self.opened = 0

    def open(self) -> "Kms":
        self.opened += 1
        return self

    def sign(self, **request: Any) -> Any:
        self.asked.append(request)
        if not self.instead:
            return self.client.sign(**request)
        answer = self.instead.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def kms(aws: Session) -> Kms:
    return Kms(moto_client(aws, "kms"))


@pytest.fixture
def connection(kms: Kms, key_pair: KeyPair) -> Connection:
    arn = a_signing_key(kms.client)
    certificate = certificate_of(public_key_of(kms.client, arn), key_pair.key)
    return a_connection(private_key=None, signing_key=arn, certificate=certificate)


def signer_of(kms: Kms, connection: Connection, region: str | None = None) -> Signer:
    own = region or region_of(connection.signing_key or "")
    return open_signers(kms.open, own, repeats_by(FakeClock())).signer(connection)


def sign(kms: Kms, connection: Connection) -> str:
    return signer_of(kms, connection).sign(connection, now=NOON, jti="one").reveal()


def refusal(kms: Kms, connection: Connection) -> SfmintError:
    with pytest.raises(SfmintError) as caught:
        sign(kms, connection)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


def refused(code: str, message: str = "canary", status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "message": message,
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Sign")


def test_kms_is_asked_once_for_an_assertion_and_for_nothing_else(kms: Kms, connection: Connection) -> None:
    signer = signer_of(kms, connection)
    assert signer.key_id
    assert (signer.valid_from, signer.valid_until) == (START, END)
    assert kms.asked == []
    assertion = signer.sign(connection, now=NOON, jti="one").reveal()
    content, _, signature = assertion.rpartition(".")
    assert kms.asked == [
        {
            "KeyId": connection.signing_key,
            "Message": content.encode(),
            "MessageType": "RAW",
            "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256",
        }
    ]
    assert len(urlsafe_b64decode(f"{signature}==")) == 256


def test_no_client_of_kms_is_opened_for_a_key_in_the_secret(kms: Kms, key_pair: KeyPair) -> None:
    connection = a_connection(private_key=Secret(key_pair.pem))
    open_signers(kms.open, "eu-central-1", repeats_by(FakeClock())).signer(connection)
    assert kms.opened == 0


def test_a_signature_of_another_key_is_not_sent(kms: Kms, connection: Connection) -> None:
    other = replace(connection, signing_key=a_signing_key(kms.client))
    error = refusal(kms, other)
    assert isinstance(error, InvalidCredentials)
    assert error.cause == "In the secret of connection 'orders', certificate is of another key than signer."
    assert "upload the same one to Salesforce" in error.remedy
    assert not error.denied


def test_a_signature_of_something_else_is_not_sent(kms: Kms, connection: Connection) -> None:
    of_other = kms.client.sign(
        KeyId=connection.signing_key,
        Message=b"another assertion",
        MessageType="RAW",
        SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
    )
    kms.instead = [of_other]
    assert "is of another key than signer" in str(refusal(kms, connection))


@pytest.mark.parametrize("answer", [{}, {"Signature": None}, {"Signature": "text"}, {"Signature": 7}], ids=str)
def test_an_answer_without_a_signature_is_no_answer(kms: Kms, connection: Connection, answer: Any) -> None:
    kms.instead = [answer]
    error = refusal(kms, connection)
    assert isinstance(error, CacheUnavailable)
    assert "cannot be read" in error.cause


@pytest.mark.parametrize(
    ("code", "cause", "remedy"),
    [
        ("AccessDeniedException", "KMS refused to sign: Acc", r"Allow kms:Sign on the signing key arn:\S+ to the function's role \(acme-"),
        ("DisabledException", "KMS refused to sign: Dis", r"^Enable the signing key arn:\S+, or cancel its deletion\.$"),
        ("KMSInvalidStateException", "KMS refused to sign: KMS", r"^Enable the signing key arn:\S+, or cancel its deletion\.$"),
    ],
)  # fmt: skip
def test_what_kms_decides_is_final_and_told_with_the_key(
    kms: Kms, connection: Connection, code: str, cause: str, remedy: str
) -> None:
    kms.instead = [refused(code, f"User: {ROLE} canary")]
    error = refusal(kms, connection)
    assert isinstance(error, InvalidCredentials)
    assert error.denied
    assert cause in error.cause
    assert re.search(remedy, error.remedy)
    assert "canary" not in str(error)
    assert len(kms.asked) == 1


def test_a_key_that_is_not_granted_is_told_with_the_parameter_that_grants_it(kms: Kms, connection: Connection) -> None:
    kms.instead = [refused("AccessDeniedException")]
    said = refusal(kms, connection).remedy
    assert "SigningKeyArns does it for the keys that it names" in said
    assert "and in the key's" in said


@pytest.mark.parametrize(
    ("code", "clause"),
    [
        ("NotFoundException", "signer names a key that KMS does not know"),
        ("InvalidKeyUsageException", "signer names a key that does not sign with RSA"),
        ("UnsupportedOperationException", "signer names a key that does not sign with RSA"),
    ],
)
def test_a_key_that_is_none_is_told_as_a_fault_of_the_secret(
    kms: Kms, connection: Connection, code: str, clause: str
) -> None:
    kms.instead = [refused(code)]
    error = refusal(kms, connection)
    assert isinstance(error, InvalidCredentials)
    assert clause in error.cause


@pytest.mark.parametrize(
    "fault",
    [
        refused("ThrottlingException"),
        refused("KMSInternalException", status=500),
        refused("KeyUnavailableException", status=500),
        ReadTimeoutError(endpoint_url="https://kms.example"),
    ],
    ids=["throttled", "internal", "no key", "silence"],
)
def test_a_passing_fault_is_asked_again(kms: Kms, connection: Connection, fault: Exception) -> None:
    kms.instead = [fault]
    sign(kms, connection)
    assert len(kms.asked) == 2
    kms.instead = [fault] * 99
    error = refusal(kms, connection)
    assert isinstance(error, CacheUnavailable)
    assert not error.denied


def test_a_key_of_another_region_is_not_asked(kms: Kms, connection: Connection) -> None:
    with pytest.raises(InvalidCredentials, match="names a key in us-east-1, and the stack is in eu-west-3"):
        signer_of(kms, replace(connection, signing_key=(connection.signing_key or "").replace(
            region_of(connection.signing_key or ""), "us-east-1")), "eu-west-3")  # fmt: skip
    assert kms.opened <= 1
    assert kms.asked == []


def test_more_than_kms_signs_is_not_asked(kms: Kms, connection: Connection) -> None:
    error = refusal(kms, replace(connection, consumer_key="3MVG9" * 1000))
    assert isinstance(error, InvalidCredentials)
    assert "KMS signs 4096 bytes" in error.cause
    assert kms.asked == []


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("RSA_2048", "ENCRYPT_DECRYPT"), ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")]
)  # fmt: skip
def test_a_key_of_another_kind_gives_no_assertion(kms: Kms, connection: Connection, spec: str, usage: str) -> None:
    arn = a_signing_key(kms.client, spec, usage)
    assert isinstance(refusal(kms, replace(connection, signing_key=arn)), InvalidCredentials)


def test_a_key_that_is_off_gives_no_assertion_and_does_again_when_it_is_on(kms: Kms, connection: Connection) -> None:
    signer = signer_of(kms, connection)
    kms.instead = [refused("DisabledException")]
    with pytest.raises(InvalidCredentials):
        signer.sign(connection, now=NOON, jti="one")
    assert signer.sign(connection, now=NOON, jti="two").reveal()
