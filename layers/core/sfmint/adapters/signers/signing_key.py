"""The RSA key of a connection, in every form in which people store it, checked before anything is signed."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sfmint.adapters.signers.der import LARGEST_EXPONENT, SMALLEST_EXPONENT, has_more_primes
from sfmint.adapters.signers.pem_text import LEGACY_CIPHERS, Block, blocks_of
from sfmint.salesforce.assertion import SMALLEST_KEY_BITS
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.exits import EXITS
from sfmint_values.secret import Secret, key_id_of_spki

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.x509 import Certificate


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


def is_encrypted(pem: Secret) -> bool:
    """Return whether a passphrase is needed for a key.

    Raises:
        CredentialFault: it holds no private key.
    """
    return _block(pem).is_encrypted


def load_signing_key(pem: Secret, passphrase: Secret | None, certificate: str | None) -> SigningKey:
    """Return the checked key.

    Args:
        pem: PKCS#1 or PKCS#8, plain or encrypted, wrapped as docs/secrets.md says.
        passphrase: of an encrypted key; line ends and a byte order mark around it may be no part of it.
        certificate: the certificate that Salesforce has, if known; of a chain the one of the key is taken.

    Raises:
        CredentialFault: no private key, not RSA, under 2048 bits, damaged, wrong passphrase, or the certificate is
            of another key.
    """
    private = _private_key(_block(pem), passphrase)
    spki = _spki(private.public_key())
    key_id = key_id_of_spki(spki)
    if certificate is None:
        return SigningKey(key_id=key_id, private=private)
    parsed = _certificate_of(spki, certificate)
    return SigningKey(
        key_id=key_id,
        private=private,
        valid_from=parsed.not_valid_before_utc,
        valid_until=parsed.not_valid_after_utc,
    )


def key_id_of(certificate: str) -> str:
    """Return the id of the key of a certificate; of a chain, of its first one.

    Raises:
        CredentialFault: there is no certificate that can be read.
    """
    for block in blocks_of(Field.CERTIFICATE, certificate):
        with suppress(ValueError):
            return key_id_of_spki(unpanicked(partial(_certificate, block))[1])
    raise CredentialFault(Fault.DAMAGED, Field.CERTIFICATE)


def _block(pem: Secret) -> Block:
    return blocks_of(Field.PRIVATE_KEY, pem.reveal())[0]


def _private_key(block: Block, passphrase: Secret | None) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if not block.is_whole:
        raise CredentialFault(Fault.DAMAGED, Field.PRIVATE_KEY)
    if has_more_primes(block.octets):
        raise CredentialFault(Fault.MORE_PRIMES, Field.PRIVATE_KEY)
    key = _decrypted(block, passphrase) if block.is_encrypted else _loaded(block, None, Fault.DAMAGED)
    if not isinstance(key, RSAPrivateKey):
        raise CredentialFault(Fault.NOT_RSA, Field.PRIVATE_KEY)
    if key.key_size < SMALLEST_KEY_BITS:
        raise CredentialFault(Fault.TOO_SHORT, Field.PRIVATE_KEY, bits=key.key_size, least=SMALLEST_KEY_BITS)
    if not (_agrees(key) and _signs(key)):
        raise CredentialFault(Fault.DAMAGED, Field.PRIVATE_KEY)
    return key


def _decrypted(block: Block, passphrase: Secret | None) -> object:
    if passphrase is None:
        raise CredentialFault(Fault.NO_PASSPHRASE, Field.PRIVATE_KEY)
    _require_cipher(block)
    fault = CredentialFault(Fault.NOT_DECRYPTED, Field.PRIVATE_KEY)
    for password in _passwords(passphrase):
        try:
            return _loaded(block, password, Fault.NOT_DECRYPTED)
        except CredentialFault as failed:
            fault = failed
    raise fault


def _passwords(passphrase: Secret) -> Iterator[bytes]:
    """Yield the passphrase, and what is left of it without the line end and the mark that a file adds."""
    text = passphrase.reveal()
    for password in dict.fromkeys((text, text.removeprefix("\ufeff").rstrip("\r\n"))):
        yield password.encode(errors="replace")


def _require_cipher(block: Block) -> None:
    """Refuse an old key whose headers the library does not know, or does not survive."""
    if block.cipher is None:
        return
    name, start = block.cipher
    length = LEGACY_CIPHERS.get(name)
    if length is None:
        raise _unsupported()
    is_hex = not set(start) - set("0123456789ABCDEF")
    if len(start) != 2 * length or not is_hex or len(block.octets) % length:
        raise CredentialFault(Fault.DAMAGED, Field.PRIVATE_KEY)


def _loaded(block: Block, password: bytes | None, fault: Fault) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    def load() -> object:
        # The library's own check of the numbers costs 29 ms a load; `_agrees` and `_signs` tell the same in one.
        if block.cipher is not None:
            return load_pem_private_key(block.to_pem().encode(), password, unsafe_skip_rsa_key_validation=True)
        return load_der_private_key(block.octets, password, unsafe_skip_rsa_key_validation=True)

    try:
        return unpanicked(load)
    except UnsupportedAlgorithm:
        failed = _unsupported() if block.is_encrypted else CredentialFault(fault, Field.PRIVATE_KEY)
    except (ValueError, TypeError) as error:
        is_unknown = block.is_encrypted and str(error).startswith("Unknown key encryption algorithm")
        failed = _unsupported() if is_unknown else CredentialFault(fault, Field.PRIVATE_KEY)
    raise failed  # the library's words may quote the input


def _unsupported() -> CredentialFault:
    return CredentialFault(Fault.UNSUPPORTED_CIPHER, Field.PRIVATE_KEY)


def unpanicked[Result](call: Callable[[], Result]) -> Result:
    """Return what a call of the library returns; a panic of its Rust is no `Exception`, and becomes one here.

    Raises:
        ValueError: the library gave up on its input.
    """
    try:
        return call()
    except (Exception, *EXITS):
        raise
    except BaseException:  # noqa: BLE001 - PyO3's PanicException, which no module has to offer
        raise ValueError("the library gave up") from None


def _agrees(key: "RSAPrivateKey") -> bool:
    """Return whether the numbers of a key belong together (RFC 8017 section 3.2); whether they are prime is not asked."""
    try:
        private = key.private_numbers()
    except ValueError:
        return False
    p, q, d, n, e = private.p, private.q, private.d, private.public_numbers.n, private.public_numbers.e
    return (
        n % 2 == e % 2 == 1
        and SMALLEST_EXPONENT <= e < LARGEST_EXPONENT
        and min(p, q) > 1
        and p * q == n
        and d * e % (p - 1) == d * e % (q - 1) == 1
        and (private.dmp1, private.dmq1) == (d % (p - 1), d % (q - 1))
        and private.iqmp * q % p == 1
    )


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


def _certificate_of(spki: bytes, text: str) -> "Certificate":
    """Return the certificate of a public key (DER SPKI), wherever in a chain it stands."""
    readable = False
    for block in blocks_of(Field.CERTIFICATE, text):
        try:
            certificate, certified = unpanicked(partial(_certificate, block))
        except ValueError:
            continue
        readable = True
        if certified == spki:
            return certificate
    raise CredentialFault(Fault.OF_ANOTHER_KEY if readable else Fault.DAMAGED, Field.CERTIFICATE)


def _certificate(block: Block) -> tuple["Certificate", bytes]:
    """Return the certificate and its public key (DER SPKI)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        certificate = load_der_x509_certificate(block.octets)
        certificate.not_valid_before_utc, certificate.not_valid_after_utc  # noqa: B018 - read when they are asked for
        return certificate, _spki(certificate.public_key())
    except (InvalidVersion, UnsupportedAlgorithm):
        raise ValueError from None


def _spki(public: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key: RSAPublicKey = public  # type: ignore[assignment]  # every public key of the library has public_bytes
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
