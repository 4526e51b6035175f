"""Signing keys in KMS as moto plays it, and certificates of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import NameOID

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=3650)


def a_signing_key(kms: Any, spec: str = "RSA_2048", usage: str = "SIGN_VERIFY") -> str:
    """Return the ARN of a new key."""
    arn: str = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
    return arn


def public_key_of(kms: Any, arn: str) -> RSAPublicKey:
    """Return the public half of a key."""
    key = load_der_public_key(kms.get_public_key(KeyId=arn)["PublicKey"])
    assert isinstance(key, RSAPublicKey)
    return key


def certificate_of(public: Any, issuer: RSAPrivateKey, start: datetime = START, end: datetime = END) -> str:
    """Return a certificate of a public key, in PEM; who has issued it is of no concern.

    Args:
        public: the key.
        issuer: signs the certificate.
        start: of the certificate.
        end: of the certificate.
    """
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orders")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(issuer, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
