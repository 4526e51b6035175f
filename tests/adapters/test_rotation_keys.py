"""Keys and certificates of a rotation: made here, or by a key that never leaves KMS."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import ReadTimeoutError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from key_rotation.adapters.keys import RotationKeys
from moto_client import moto_client
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.errors import CacheUnavailable, InvalidCredentials
from sfmint.salesforce.connection import Connection
from sfmint_testing.fakes import NOON, FakeClock
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair

ORIGIN = "https://acme.my.salesforce.com"
ARN = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-00000000000"


def spki(key: Any) -> bytes:
    public: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public


_PUBLIC = spki(rsa.generate_private_key(public_exponent=65537, key_size=2048))
_OTHER_KINDS = [
    spki(ed25519.Ed25519PrivateKey.generate()),
    spki(ec.generate_private_key(ec.SECP256R1())),
    spki(rsa.generate_private_key(public_exponent=65537, key_size=1024)),  # noqa: S505 - one that is to be refused
    bytes.fromhex("302a300506032b65aa032100") + bytes(32),  # of an algorithm that nobody knows
]


def keys_of(client: Any = None) -> RotationKeys:
    return RotationKeys(lambda _: client, FakeClock())


def connection_of(pem: str, **changes: Any) -> Connection:
    made = Connection(
        name="orders",
        consumer_key="3MVG9",
        username="u@example.com",
        audience=ORIGIN,
        token_host=ORIGIN,
        private_key=Secret(pem),
    )
    return replace(made, **changes)


def pem_of(bits: int, passphrase: bytes | None = None) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def holds_a_year(certificate: str) -> bool:
    read, noon = x509.load_pem_x509_certificate(certificate.encode()), datetime.fromtimestamp(NOON, UTC)
    return read.not_valid_before_utc <= noon and read.not_valid_after_utc == noon + timedelta(days=365)


@pytest.mark.parametrize(("present", "new"), [(2048, 2048), (3072, 4096)])
def test_a_new_key_is_no_weaker_than_the_present_one(present: int, new: int) -> None:
    connection = connection_of(pem_of(present))
    made = keys_of().new_pair(connection)
    key = load_signing_key(made.private_key, None, made.certificate)
    assert key.private.key_size == new
    assert key.key_id == keys_of().certified_key_id(made.certificate) != keys_of().key_id(connection)
    assert holds_a_year(made.certificate)
    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_key_that_is_there_gets_a_new_certificate(passphrase: str | None) -> None:
    hidden = None if passphrase is None else Secret(passphrase)
    connection = connection_of(pem_of(2048, passphrase.encode() if passphrase else None), passphrase=hidden)
    certificate = keys_of().certificate(connection)
    assert keys_of().certified_key_id(certificate) == keys_of().key_id(connection)
    assert holds_a_year(certificate)


@pytest.mark.parametrize("around", ["{own}", "{own}{other}", "{other}{own}", "subject=CN\n{own}\n", "\r\n{own}"])
def test_an_app_gets_the_stored_certificate_of_the_key_alone(
    key_pair: "KeyPair", other_key_pair: "KeyPair", around: str
) -> None:
    stored = around.format(own=key_pair.certificate, other=other_key_pair.certificate)
    connection = connection_of(key_pair.pem, certificate=stored)
    assert keys_of().certificate(connection).split() == key_pair.certificate.split()


def test_a_stored_certificate_that_has_ended_or_is_anothers_is_made_anew(
    key_pair: "KeyPair", other_key_pair: "KeyPair"
) -> None:
    ended = FakeClock(NOON + 400 * 86_400 * 10)
    connection = connection_of(key_pair.pem, certificate=key_pair.certificate)
    renewed = RotationKeys(lambda _: None, ended).certificate(connection)
    another = keys_of().certificate(replace(connection, certificate=other_key_pair.certificate))
    for made in (renewed, another):
        assert keys_of().certified_key_id(made) == keys_of().key_id(connection)
        assert made.split() != key_pair.certificate.split()


@pytest.mark.parametrize(
    "ask", [lambda keys, of: keys.key_id(of), lambda keys, of: keys.certificate(of), lambda keys, of: keys.new_pair(of)]
)
def test_a_key_that_cannot_be_used_is_told_without_it(ask: Callable[[RotationKeys, Connection], object]) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIEvwIBADAN\n-----END PRIVATE KEY-----\n"
    with pytest.raises(InvalidCredentials) as caught:
        ask(keys_of(), connection_of(pem))
    assert "MIIEvwIBADAN" not in str(caught.value)


def test_a_certificate_of_another_key_is_none_of_the_connections(
    key_pair: "KeyPair", other_key_pair: "KeyPair"
) -> None:
    with pytest.raises(InvalidCredentials):
        keys_of().key_id(connection_of(key_pair.pem, certificate=other_key_pair.certificate))


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_of_no_key(text: str) -> None:
    assert keys_of().certified_key_id(text) is None


@pytest.mark.parametrize("spell", [str, lambda pem: f"\r\n{pem}", lambda pem: "".join(pem.splitlines()[1:-1])])
def test_a_certificate_that_was_made_here_names_its_connection(spell: Callable[[str], str]) -> None:
    made = spell(keys_of().new_pair(connection_of(pem_of(2048))).certificate)
    assert keys_of().is_named(made, "orders")
    assert not keys_of().is_named(made, "order")
    assert not keys_of().is_named(made, "orders-b")


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_names_nobody(text: str) -> None:
    assert not keys_of().is_named(text, "orders")


# --- keys in KMS ---


@pytest.fixture
def kms(aws: botocore.session.Session) -> Any:
    return moto_client(aws, "kms")


def key_in(kms: Any, spec: str = "RSA_2048", usage: str = "SIGN_VERIFY") -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"])


def test_kms_signs_the_certificate_of_its_own_key(kms: Any) -> None:
    arn = key_in(kms)
    certificate = keys_of(kms).certificate_by_kms("orders", arn)
    connection = connection_of("", private_key=None, signing_key=arn, certificate=certificate)
    read = x509.load_pem_x509_certificate(certificate.encode())
    read.verify_directly_issued_by(read)
    assert holds_a_year(certificate)
    assert keys_of(kms).key_id(connection) == keys_of(kms).certified_key_id(certificate)
    again = keys_of(kms).certificate(connection)
    assert keys_of(kms).certified_key_id(again) == keys_of(kms).key_id(connection)


def test_the_id_of_a_key_in_kms_costs_no_call(kms: Any) -> None:
    arn = key_in(kms)
    certificate = keys_of(kms).certificate_by_kms("orders", arn)
    keys = RotationKeys(lambda _: pytest.fail("KMS was asked"), FakeClock())
    assert keys.key_id(connection_of("", private_key=None, signing_key=arn, certificate=certificate))


def test_a_key_of_another_kind_cannot_be_used(kms: Any) -> None:
    arn = key_in(kms, "ECC_NIST_P256")
    with pytest.raises(InvalidCredentials, match="no RSA key"):
        keys_of(kms).certificate_by_kms("orders", arn)


def test_a_key_that_is_gone_is_told_with_the_parameter_that_lists_keys(kms: Any) -> None:
    arn = key_in(kms).rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"
    with pytest.raises(InvalidCredentials, match="SigningKeyArns") as caught:
        keys_of(kms).certificate_by_kms("orders", arn)
    assert caught.value.denied


def test_kms_that_does_not_answer_says_nothing_of_the_key(kms: Any) -> None:
    arn = key_in(kms)

    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://kms.example")

    kms.meta.events.register_first("before-call.kms.Sign", silent)
    with pytest.raises(CacheUnavailable):
        keys_of(kms).certificate_by_kms("orders", arn)


def test_a_key_is_had_whose_public_key_is_the_certificates(kms: Any) -> None:
    mine, theirs = key_in(kms), key_in(kms)
    certificate = keys_of(kms).certificate_by_kms("orders", theirs)
    assert keys_of(kms).is_had(connection_of("", private_key=None, signing_key=theirs, certificate=certificate))
    assert not keys_of(kms).is_had(connection_of("", private_key=None, signing_key=mine, certificate=certificate))


def test_a_private_key_is_had(key_pair: "KeyPair") -> None:
    assert keys_of().is_had(connection_of(key_pair.pem, certificate=key_pair.certificate))


class Garbled:
    """A KMS that answers what nobody expects."""

    def __init__(self, public_key: Any, signature: Any = b"") -> None:
        self._public_key, self._signature = public_key, signature

    def get_public_key(self, **_: object) -> dict[str, Any]:
        return {"PublicKey": self._public_key}

    def sign(self, **_: object) -> dict[str, Any]:
        return {"Signature": self._signature}


@settings(max_examples=60, deadline=None)
@given(answer=st.binary(max_size=600) | st.none() | st.text(max_size=9) | st.sampled_from(_OTHER_KINDS))
def test_whatever_kms_answers_for_a_key_is_told_in_our_words(answer: Any) -> None:
    with pytest.raises((InvalidCredentials, CacheUnavailable)) as caught:
        keys_of(Garbled(answer)).certificate_by_kms("orders", f"{ARN}1")
    assert ARN in str(caught.value) or "KMS" in str(caught.value)


@settings(max_examples=30, deadline=None)
@given(signature=st.binary(max_size=600) | st.none() | st.binary(min_size=256, max_size=256))
def test_a_signature_that_does_not_verify_makes_no_certificate(signature: Any) -> None:
    with pytest.raises((InvalidCredentials, CacheUnavailable)):
        keys_of(Garbled(_PUBLIC, signature)).certificate_by_kms("orders", f"{ARN}1")
