from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sfmint_local.key_pair import KeyPair


def test_a_pair_is_a_2048_bit_key_and_its_certificate(tmp_path: Path) -> None:
    KeyPair.new("orders").write(tmp_path, "orders")

    key = load_pem_private_key((tmp_path / "orders.key.pem").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((tmp_path / "orders.certificate.pem").read_bytes())
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    assert certificate.public_key() == key.public_key()
    assert certificate.subject.rfc4514_string() == "CN=sfmint orders"


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    KeyPair.new("orders").write(tmp_path, "orders")

    assert {S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_pair_never_overwrites_another(tmp_path: Path) -> None:
    KeyPair.new("orders").write(tmp_path, "orders")

    with pytest.raises(FileExistsError):
        KeyPair.new("orders").write(tmp_path, "orders")


def test_the_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(KeyPair.new("orders"))
