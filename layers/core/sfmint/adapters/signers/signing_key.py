"""The RSA key of a connection: every PEM form that people paste, checked before anything is signed."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.x509 import Certificate

SMALLEST_KEY_BITS = 2048  # Salesforce refuses smaller ones

_OPENSSH = "OPENSSH PRIVATE KEY"
_DASHES = "-----"
_BORDER = re.compile(f"{_DASHES}(BEGIN|END) ([A-Z0-9 ]++)(?={_DASHES})")  # the dashes after one may begin the next
# The headers of an encrypted PKCS#1 key stand on lines of their own (RFC 1421 section 4.6).
_LEGACY = re.compile(r"\s*(Proc-Type: *4,ENCRYPTED)\s+(DEK-Info: *\S+)\s+(.+)", re.DOTALL)


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

    def signature(self, octets: bytes) -> bytes:
        """Return the RS256 signature of octets (RFC 7518 section 3.3)."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return self.private.sign(octets, PKCS1v15(), SHA256())


def load_signing_key(pem: Secret, passphrase: Secret | None, certificate: str | None) -> SigningKey:
    """Return the checked key.

    Args:
        pem: PKCS#1 or PKCS#8, plain or encrypted; its line breaks may be lost or written as backslash-n, or the whole
            may be base64.
        passphrase: of an encrypted key.
        certificate: PEM of the certificate that Salesforce has, if known.

    Raises:
        CredentialFault: no PEM, no private key, not RSA, under 2048 bits, wrong passphrase, or the certificate is
            of another key.
    """
    private = _private_key(pem, passphrase)
    spki = _spki(private.public_key())
    key_id = hashlib.sha256(spki).hexdigest()[:16]
    if certificate is None:
        return SigningKey(key_id=key_id, private=private)
    parsed, certified = _certificate(certificate)
    if certified != spki:
        raise CredentialFault(Fault.OF_ANOTHER_KEY, Field.CERTIFICATE)
    return SigningKey(
        key_id=key_id,
        private=private,
        valid_from=parsed.not_valid_before_utc,
        valid_until=parsed.not_valid_after_utc,
    )


def _private_key(pem: Secret, passphrase: Secret | None) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    kind, block = _block(Field.PRIVATE_KEY, pem.reveal(), "PRIVATE KEY")
    encrypted = kind.startswith("ENCRYPTED") or "Proc-Type:" in block
    if encrypted and passphrase is None:
        raise CredentialFault(Fault.NO_PASSPHRASE, Field.PRIVATE_KEY)
    try:
        password = passphrase.reveal().encode() if encrypted and passphrase is not None else None
        # The library's own check of the numbers costs 29 ms a load; `_signs` tells the same in one.
        key = load_pem_private_key(block.encode(), password, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's words may quote the input.
        fault = Fault.NOT_DECRYPTED if encrypted else Fault.DAMAGED
        raise CredentialFault(fault, Field.PRIVATE_KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise CredentialFault(Fault.NOT_RSA, Field.PRIVATE_KEY)
    if key.key_size < SMALLEST_KEY_BITS:
        raise CredentialFault(Fault.TOO_SHORT, Field.PRIVATE_KEY, bits=key.key_size, least=SMALLEST_KEY_BITS)
    if not _signs(key):
        raise CredentialFault(Fault.DAMAGED, Field.PRIVATE_KEY)
    return key


def _signs(key: "RSAPrivateKey") -> bool:
    """Return whether the private numbers belong to the public ones: a wrong digit would cost a login to find out."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.public_key().verify(key.sign(b"sfmint", PKCS1v15(), SHA256()), b"sfmint", PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _certificate(text: str) -> tuple["Certificate", bytes]:
    """Return the certificate and its public key (DER SPKI)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificate

    _, block = _block(Field.CERTIFICATE, text, "CERTIFICATE")
    try:
        certificate = load_pem_x509_certificate(block.encode())
        return certificate, _spki(certificate.public_key())
    except (ValueError, InvalidVersion, UnsupportedAlgorithm):
        raise CredentialFault(Fault.DAMAGED, Field.CERTIFICATE) from None


def _spki(public: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key: RSAPublicKey = public  # type: ignore[assignment]  # every public key of the library has public_bytes
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _block(field: Field, text: Foreign, wanted: str) -> tuple[str, str]:
    """Return kind and text of the first PEM block of the wanted kind, its line breaks restored."""
    blocks = _blocks(_as_pem(text))
    for kind, body in blocks:
        if kind.endswith(wanted) and kind != _OPENSSH:
            return kind, f"-----BEGIN {kind}-----\n{_lines(body)}\n-----END {kind}-----\n"
    if not blocks:
        raise CredentialFault(Fault.NOT_PEM, field, label=wanted)
    fault = Fault.OPENSSH if blocks[0][0] == _OPENSSH else Fault.ANOTHER_KIND
    raise CredentialFault(fault, field, found=_article(blocks[0][0]), wanted=_article(wanted), label=wanted)


def _blocks(text: Foreign) -> list[tuple[str, str]]:
    """Return kind and body of each PEM block, from a BEGIN to the next END of its kind; blocks inside are not told."""
    borders = list(_BORDER.finditer(text))
    ends: dict[str, list[re.Match[str]]] = {}  # the first one last, so that each is looked at once
    for border in reversed(borders):
        if border[1] == "END":
            ends.setdefault(border[2], []).append(border)
    found: list[tuple[str, str]] = []
    at = 0
    for border in borders:
        if border[1] == "END" or border.start() < at:
            continue
        later = ends.get(border[2], [])
        body = border.end() + len(_DASHES)
        while later and later[-1].start() <= body:
            later.pop()
        if later:
            found.append((border[2], text[body : later[-1].start()]))
            at = later[-1].end() + len(_DASHES)
    return found


def _lines(body: Foreign) -> str:
    """Return a block's body with the line breaks that matter."""
    if legacy := _LEGACY.fullmatch(body):
        return f"{legacy[1]}\n{legacy[2]}\n\n{''.join(legacy[3].split())}"
    return "".join(body.split())


def _as_pem(text: Foreign) -> str:
    text = text.replace("\\r", "").replace("\\n", "\n")
    if "-----BEGIN" in text:
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        return text


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOR' else 'a'} {kind}"
