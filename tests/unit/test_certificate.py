"""The public key in a certificate: what the library reads, our own reader reads too; and no other signature is taken."""

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from conftest import KeyPair
from kms_keys import certificate_of
from sfmint.adapters.signers.certificate import CertifiedKey, certified_key
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint_values.secret import Secret

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CERTIFICATE = certificate_of(KEY.public_key(), KEY)
DER = x509.load_pem_x509_certificate(CERTIFICATE.encode()).public_bytes(serialization.Encoding.DER)
CERTIFIED = certified_key(CERTIFICATE)
SIGNATURE = KEY.sign(b"octets", padding.PKCS1v15(), hashes.SHA256())
DATES = st.datetimes(min_value=datetime(1951, 1, 1), max_value=datetime(2120, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - given one
    lambda date: date.replace(microsecond=0)
)


def fault_of(certificate: str) -> CredentialFault:
    with pytest.raises(CredentialFault) as caught:
        certified_key(certificate)
    return caught.value


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
@pytest.mark.parametrize("exponent", [3, 65537])
def test_it_reads_what_the_library_reads(bits: int, exponent: int) -> None:
    key = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
    certificate = certificate_of(key.public_key(), KEY)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    library, own = load_signing_key(Secret(pem), None, certificate), certified_key(certificate)
    numbers = key.public_key().public_numbers()
    assert (own.key_id, own.valid_from, own.valid_until) == (library.key_id, library.valid_from, library.valid_until)
    assert (own.modulus, own.exponent) == (numbers.n, numbers.e)
    assert own.has_signed(b"octets", key.sign(b"octets", padding.PKCS1v15(), hashes.SHA256()))


@given(start=DATES, days=st.integers(1, 10_000))
def test_dates_are_read_in_both_forms(start: datetime, days: int) -> None:
    end = start + timedelta(days=days)
    own = certified_key(certificate_of(KEY.public_key(), KEY, start, end))
    assert (own.valid_from, own.valid_until) == (start, end)


def test_of_a_chain_the_first_one_is_taken(other_key_pair: KeyPair) -> None:
    assert certified_key(CERTIFICATE + other_key_pair.certificate).key_id == CERTIFIED.key_id
    assert certified_key(other_key_pair.certificate + CERTIFICATE).key_id != CERTIFIED.key_id


@given(at=st.integers(0, len(SIGNATURE) - 1), change=st.integers(1, 255))
def test_a_changed_signature_is_none(at: int, change: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[at] ^= change
    assert not CERTIFIED.has_signed(b"octets", bytes(changed))


@given(signature=st.binary(max_size=300))
def test_no_other_octets_are_a_signature(signature: bytes) -> None:
    assert not CERTIFIED.has_signed(b"octets", signature)


def test_a_signature_is_of_these_octets_by_this_rule_and_of_full_length() -> None:
    assert CERTIFIED.has_signed(b"octets", SIGNATURE)
    assert not CERTIFIED.has_signed(b"others", SIGNATURE)
    assert not CERTIFIED.has_signed(b"octets", b"\x00" + SIGNATURE)
    with_modulus = (int.from_bytes(SIGNATURE) + CERTIFIED.modulus).to_bytes(257)
    assert not CERTIFIED.has_signed(b"octets", with_modulus)
    for scheme, digest in (
        (padding.PKCS1v15(), hashes.SHA512()),
        (padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()),
    ):
        assert not CERTIFIED.has_signed(b"octets", KEY.sign(b"octets", scheme, digest))


@pytest.mark.parametrize("exponent", [3, 65537])
def test_a_forged_padding_is_none(exponent: int) -> None:
    """What a low exponent lets anybody make (CVE-2006-4339): a digest in the right place, and free octets behind it."""
    modulus = CERTIFIED.modulus
    key = CertifiedKey(
        key_id="",
        modulus=modulus,
        exponent=exponent,
        valid_from=CERTIFIED.valid_from,
        valid_until=CERTIFIED.valid_until,
    )
    head = b"\x00\x01" + b"\xff" * 8 + b"\x00" + bytes.fromhex("3031300d060960864801650304020105000420") + bytes(32)
    target = int.from_bytes(head.ljust(256, b"\xff"))
    assert not key.has_signed(b"octets", _cube_root(target).to_bytes(256))


def _cube_root(number: int) -> int:
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


def test_a_key_of_another_kind_or_too_short_is_told() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1())
    assert fault_of(certificate_of(elliptic.public_key(), KEY)).fault is Fault.NOT_RSA
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    fault = fault_of(certificate_of(short.public_key(), KEY))
    assert (fault.fault, fault.details["bits"]) == (Fault.TOO_SHORT, 1024)
    assert fault_of("no certificate").fault is Fault.NOT_PEM


@given(at=st.integers(0, len(DER) - 1), octet=st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_refused(at: int, octet: int) -> None:
    _read_or_refused(DER[:at] + bytes((octet,)) + DER[at + 1 :])


@given(end=st.integers(0, len(DER) - 1))
def test_a_cut_certificate_is_refused(end: int) -> None:
    _read_or_refused(DER[:end])


def _read_or_refused(der: bytes) -> None:
    """Read a certificate: whatever the library makes of it too, both make the same."""
    pem = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----\n"
    try:
        own = certified_key(pem)
    except CredentialFault as fault:
        assert fault.to_error("orders").remedy  # noqa: PT017 - both ends are fine
        return
    with suppress(ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        library = x509.load_der_x509_certificate(der)
        public = library.public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        numbers = public.public_numbers()
        assert (own.modulus, own.exponent) == (numbers.n, numbers.e)
        assert (own.valid_from, own.valid_until) == (library.not_valid_before_utc, library.not_valid_after_utc)
