import time

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sfmint_local.key_pair import new_key_pair

DAY_S = 86_400


def test_a_pair_is_a_2048_bit_key_and_its_certificate_of_a_year() -> None:
    pair = new_key_pair("orders")

    key = load_pem_private_key(pair.private_key.encode(), None)
    certificate = x509.load_pem_x509_certificate(pair.certificate.encode())
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    assert certificate.public_key() == key.public_key()
    assert certificate.subject.rfc4514_string() == "CN=sfmint orders"
    assert certificate.not_valid_before_utc.timestamp() < time.time()
    assert 364 * DAY_S < certificate.not_valid_after_utc.timestamp() - time.time() <= 365 * DAY_S


def test_the_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(new_key_pair("orders"))
