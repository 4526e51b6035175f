"""A connection's key and self-signed certificate, as an operator would make them with openssl."""

import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_BITS = 2048
_VALID = dt.timedelta(days=365)
_SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An RSA key of 2048 bits and its certificate.

    Attributes:
        private_key: PEM, PKCS#8.
        certificate: PEM, what Salesforce is given.
    """

    private_key: str = field(repr=False)
    certificate: str

    @classmethod
    def new(cls, name: str) -> Self:
        """Makes a pair whose certificate names ``name``."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"sfmint {name}")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _SKEW)
            .not_valid_after(now + _VALID)
            .sign(key, hashes.SHA256())
        )
        private_key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(
            private_key=private_key.decode(),
            certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        )

    def write(self, folder: Path, name: str) -> None:
        """Writes ``NAME.key.pem`` and ``NAME.certificate.pem``, for the owner's eyes only."""
        files = {key_path(folder, name): self.private_key, certificate_path(folder, name): self.certificate}
        for path, text in files.items():
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - with a mode
                file.write(text)


def key_path(folder: Path, name: str) -> Path:
    """Returns where `KeyPair.write` writes the key."""
    return folder / f"{name}.key.pem"


def certificate_path(folder: Path, name: str) -> Path:
    """Returns where `KeyPair.write` writes the certificate."""
    return folder / f"{name}.certificate.pem"
