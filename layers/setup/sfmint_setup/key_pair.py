"""A new RSA key, and a self-signed certificate: of a new key, or of one that only signs, as a key of KMS does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key
from cryptography.x509.oid import NameOID

from sfmint_setup.errors import SetupError

type Signature = Callable[[bytes], bytes]
"""What signs octets by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2)."""

_EXPONENT = 65537
_SMALLEST_KEY_BITS = 2048  # Salesforce refuses smaller ones
_SKEW = timedelta(minutes=5)  # for a reader whose clock is late


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A self-signed certificate.

    Attributes:
        pem: under the 4 KB that Salesforce takes.
        fingerprint: SHA-256 of the certificate, as `openssl x509 -fingerprint` shows it.
        valid_until: its end.
    """

    pem: str
    fingerprint: str
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A private key and its certificate.

    Attributes:
        private_key: PEM, PKCS#8.
        certificate: PEM, under the 4 KB that Salesforce takes.
        fingerprint: SHA-256 of the certificate, as `openssl x509 -fingerprint` shows it.
    """

    private_key: str = field(repr=False)
    certificate: str
    fingerprint: str

    @classmethod
    def new(cls, name: str, *, bits: int, days: int, now: float) -> Self:
        """Return a new key whose certificate names `sfmint NAME`.

        Args:
            name: of the connection.
            bits: the key's size.
            days: how long the certificate holds.
            now: epoch seconds.
        """
        key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=bits)
        made = _self_signed(key, name, days=days, now=now)
        return cls(
            private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            certificate=made.pem,
            fingerprint=made.fingerprint,
        )


def certificate_by_signature(
    public_key: bytes, signature: Signature, name: str, *, days: int, now: float
) -> Certificate:
    """Return a new certificate of a key that is there, and of which nothing is needed but a signature.

    Args:
        public_key: DER, SubjectPublicKeyInfo, as GetPublicKey of KMS answers it.
        signature: signs with its private key. It is given some hundred octets, once: KMS signs 4096 as they
            are (API reference of Sign, `Message`).
        name: see `KeyPair.new`.
        days: see `KeyPair.new`.
        now: see `KeyPair.new`.

    Raises:
        ValueError: the public key is no RSA key of 2048 bits or more.
        SetupError: what was signed does not verify with the public key.
        Exception: what `signature` raises.
    """
    public = load_der_public_key(public_key)
    if not isinstance(public, rsa.RSAPublicKey):
        raise ValueError("no RSA key")  # noqa: TRY004 - the octets are wrong, not their type
    if public.key_size < _SMALLEST_KEY_BITS:
        raise ValueError(f"a key of {public.key_size} bits is shorter than {_SMALLEST_KEY_BITS}")
    return _self_signed(_SigningOnly(public, signature), name, days=days, now=now)


def subject_of(name: str) -> x509.Name:
    """Return the subject, and issuer, of each certificate that is made for a connection."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"sfmint {name}")])


def _self_signed(key: rsa.RSAPrivateKey, name: str, *, days: int, now: float) -> Certificate:
    subject = subject_of(name)
    start = datetime.fromtimestamp(int(now), UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - _SKEW)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        valid_until=certificate.not_valid_after_utc,
    )


class _SigningOnly(rsa.RSAPrivateKey):
    """A private key that is elsewhere ("Cloud KMS and HSM Asymmetric Keys" in the documents of cryptography).

    Args:
        public: its public key.
        signature: signs with it.
    """

    def __init__(self, public: rsa.RSAPublicKey, signature: Signature) -> None:
        self._public = public
        self._signature = signature

    def sign(self, data: object, _padding: object, _algorithm: object) -> bytes:
        """Return the signature, which was checked: a certificate is self-signed with the key that it names.

        Raises:
            SetupError: it is of another key.
        """
        octets = bytes(data)  # type: ignore[call-overload]  # bytes, says the builder
        signed = self._signature(octets)
        try:
            self._public.verify(signed, octets, PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise SetupError(
                "What was signed for the certificate does not verify with the public key: another key has signed it.",
                remedy="Run this again; if that does not help, check which key the given name stands for.",
                name="SignedByAnotherKey",
            ) from None
        return signed

    def public_key(self) -> rsa.RSAPublicKey:
        """Return the public key."""
        return self._public

    @property
    def key_size(self) -> int:
        """Bits."""
        return self._public.key_size

    def _stays(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("the key only signs")

    private_bytes = private_numbers = decrypt = __copy__ = __deepcopy__ = _stays
