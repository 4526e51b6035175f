"""The RSA key of a connection: every PEM form that people paste, checked before anything is signed."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sfmint.errors import InvalidCredentials
from sfmint.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.x509 import Certificate

SMALLEST_KEY_BITS = 2048  # Salesforce refuses smaller ones

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)
_LEGACY_HEADERS = "Proc-Type:"  # RFC 1421 headers of an encrypted PKCS#1 key: their lines carry meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key that may sign assertions.

    Attributes:
        key_id: the first 16 hex digits of SHA-256 of the public key (DER SPKI).
        private: the parsed key.
        valid_from: the certificate's start, if a certificate was stored.
        valid_until: the certificate's end, if a certificate was stored.
    """

    key_id: str
    private: "RSAPrivateKey" = field(repr=False)
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def load_signing_key(name: str, pem: Secret, passphrase: Secret | None, certificate: str | None) -> SigningKey:
    """Return the checked key.

    Args:
        name: the connection's name, for the sentence of an error.
        pem: PKCS#1 or PKCS#8, plain or encrypted; its line breaks may be lost or written as backslash-n, or the whole
            may be base64.
        passphrase: of an encrypted key.
        certificate: PEM of the certificate that Salesforce has, if known.

    Raises:
        InvalidCredentials: no PEM, no private key, not RSA, under 2048 bits, wrong passphrase, or the certificate is
            of another key.
    """
    private = _private_key(name, pem, passphrase)
    spki = _spki(private.public_key())
    key_id = hashlib.sha256(spki).hexdigest()[:16]
    if certificate is None:
        return SigningKey(key_id=key_id, private=private)
    parsed = _certificate(name, certificate)
    public = parsed.public_key()
    if _spki(public) != spki:
        raise _refuse(
            name,
            "certificate",
            "is of another key than private_key",
            "Store the certificate that was made from this key, and upload the same one to Salesforce.",
        )
    return SigningKey(
        key_id=key_id,
        private=private,
        valid_from=parsed.not_valid_before_utc,
        valid_until=parsed.not_valid_after_utc,
    )


def _private_key(name: str, pem: Secret, passphrase: Secret | None) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    kind, block = _block(name, "private_key", pem.reveal(), "PRIVATE KEY")
    encrypted = kind.startswith("ENCRYPTED") or _LEGACY_HEADERS in block
    if encrypted and passphrase is None:
        raise _refuse(
            name, "private_key", "is encrypted and no private_key_passphrase is stored", "Add the passphrase."
        )
    password = passphrase.reveal().encode() if encrypted and passphrase is not None else None
    try:
        # The full check of the numbers costs 29 ms a load; a key that fails it cannot make a valid signature anyway.
        key = load_pem_private_key(block.encode(), password, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's words may quote the input.
        fault = "cannot be decrypted with private_key_passphrase" if encrypted else "is damaged"
        raise _refuse(name, "private_key", fault, "Store the whole file as it was made.") from None
    if not isinstance(key, RSAPrivateKey):
        raise _refuse(name, "private_key", "is not an RSA key", "Salesforce takes RS256 only: make an RSA key.")
    if key.key_size < SMALLEST_KEY_BITS:
        raise _refuse(
            name,
            "private_key",
            f"has {key.key_size} bits",
            f"Salesforce wants {SMALLEST_KEY_BITS} or more: make a new key and upload its certificate.",
        )
    return key


def _certificate(name: str, text: str) -> "Certificate":
    from cryptography.x509 import load_pem_x509_certificate

    _, block = _block(name, "certificate", text, "CERTIFICATE")
    try:
        return load_pem_x509_certificate(block.encode())
    except ValueError:
        raise _refuse(name, "certificate", "is damaged", "Store the whole file as it was made.") from None


def _spki(public: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key: RSAPublicKey = public  # type: ignore[assignment]  # every public key of the library has public_bytes
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _block(name: str, field_name: str, text: str, wanted: str) -> tuple[str, str]:
    """Return kind and text of the first PEM block of the wanted kind, its line breaks restored."""
    blocks = _BLOCK.findall(_as_pem(text))
    for kind, body in blocks:
        if kind.endswith(wanted) and kind != "OPENSSH PRIVATE KEY":
            lines = body if _LEGACY_HEADERS in body else "\n" + "".join(body.split()) + "\n"
            return kind, f"-----BEGIN {kind}-----{lines}-----END {kind}-----\n"
    fault = f"holds {_article(blocks[0][0])}, not {_article(wanted)}" if blocks else "is not PEM"
    raise _refuse(name, field_name, fault, f"Store the text from -----BEGIN ...{wanted}----- to its END line.")


def _as_pem(text: str) -> str:
    text = text.replace("\\r", "").replace("\\n", "\n")
    if "-----BEGIN" in text:
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeError):
        return text


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"


def _refuse(name: str, field_name: str, fault: str, remedy: str) -> InvalidCredentials:
    return InvalidCredentials(f"In the secret of connection {name!r}, {field_name} {fault}.", remedy=remedy)
