"""Certificates: of a new key, and of one that only signs."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import Certificate as Parsed
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import KeyPair as Given
from conftest import make_key_pair
from sfmint_setup.errors import SetupError
from sfmint_setup.key_pair import (
    Certificate,
    KeyPair,
    certificate_by_signature,
)
from sfmint_values.connection_name import PATTERN

NOW = 1_790_000_000.5
LARGEST_CERTIFICATE = 4096  # that Salesforce takes
LARGEST_SIGNED = 4096  # octets that KMS signs as they are
NAMES = st.from_regex(PATTERN, fullmatch=True)


def spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Signer:
    """Signs as KMS does, and keeps what it was given."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.key = key
        self.given: list[bytes] = []

    def __call__(self, octets: bytes) -> bytes:
        self.given.append(octets)
        return self.key.sign(octets, PKCS1v15(), SHA256())


def by_signature(key: rsa.RSAPrivateKey, name: str, days: int) -> Certificate:
    return certificate_by_signature(spki(key), Signer(key), name, days=days, now=NOW)


def require_self_signed(certificate: Parsed, name: str, days: int) -> None:
    certificate.verify_directly_issued_by(certificate)  # with its own key
    start = datetime.fromtimestamp(int(NOW), UTC)
    assert certificate.subject.rfc4514_string() == f"CN=sfmint {name}"
    assert certificate.not_valid_before_utc == start - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == start + timedelta(days=days)
    assert isinstance(certificate.signature_hash_algorithm, SHA256)


@settings(deadline=None, max_examples=20)
@given(name=NAMES, days=st.integers(1, 3650))
def test_a_certificate_is_signed_with_the_key_that_it_names(key_pair: Given, name: str, days: int) -> None:
    made = by_signature(key_pair.key, name, days)
    parsed = load_pem_x509_certificate(made.pem.encode())
    require_self_signed(parsed, name, days)
    assert parsed.public_key() == key_pair.key.public_key()
    assert made.fingerprint == parsed.fingerprint(SHA256()).hex(":").upper()


def test_a_new_pair_is_of_one_key() -> None:
    pair = KeyPair.new("my-org", bits=2048, days=365, now=NOW)
    key = load_pem_private_key(pair.private_key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = load_pem_x509_certificate(pair.certificate.encode())
    assert certificate.public_key() == key.public_key()
    require_self_signed(certificate, "my-org", 365)
    assert pair.private_key.splitlines()[1] not in repr(pair)


def test_each_certificate_has_a_number_of_its_own(key_pair: Given) -> None:
    numbers = {
        load_pem_x509_certificate(by_signature(key_pair.key, "my-org", 1).pem.encode()).serial_number for _ in range(3)
    }
    assert len(numbers) == 3


@pytest.mark.parametrize("bits", [2048, 4096])
def test_what_is_signed_is_never_too_long_for_kms_nor_the_certificate_for_salesforce(bits: int) -> None:
    signer = Signer(make_key_pair(bits).key)
    made = certificate_by_signature(spki(signer.key), signer, "x" * 32, days=3650, now=NOW)
    assert len(signer.given) == 1
    assert len(signer.given[0]) < LARGEST_SIGNED
    assert len(made.pem) < LARGEST_CERTIFICATE


@pytest.mark.parametrize(
    "answer", [b"", b"\0" * 256, b"\xff" * 256, b"\1" * 4097], ids=["none", "zeros", "ones", "long"]
)
def test_what_is_no_signature_makes_no_certificate(key_pair: Given, answer: bytes) -> None:
    with pytest.raises(SetupError) as refused:
        certificate_by_signature(spki(key_pair.key), lambda _: answer, "my-org", days=1, now=NOW)
    assert refused.value.name == "SignedByAnotherKey"


def test_the_signature_of_another_key_makes_no_certificate(key_pair: Given, other_key_pair: Given) -> None:
    with pytest.raises(SetupError) as refused:
        certificate_by_signature(spki(key_pair.key), Signer(other_key_pair.key), "my-org", days=1, now=NOW)
    assert refused.value.name == "SignedByAnotherKey"


def test_what_the_signer_raises_arrives(key_pair: Given) -> None:
    def denied(_: bytes) -> bytes:
        raise PermissionError("denied")

    with pytest.raises(PermissionError, match="denied"):
        certificate_by_signature(spki(key_pair.key), denied, "my-org", days=1, now=NOW)


def test_a_key_that_is_short_or_of_another_kind_gets_no_certificate() -> None:
    short, curve = make_key_pair(1024).key, ec.generate_private_key(ec.SECP256R1())
    for key in (short, curve):
        with pytest.raises(ValueError, match=r"no RSA key|shorter"):
            certificate_by_signature(spki(key), Signer(short), "my-org", days=1, now=NOW)
