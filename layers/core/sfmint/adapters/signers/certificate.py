"""The public key in a certificate, read without the library that a private key needs: that takes longer than all the rest.

Source: RFC 5280 sections 4.1 and 4.1.2.5 (certificates, their dates); RFC 3279 section 2.3.1 (an RSA key in one);
RFC 8017 sections 8.2.2 and 9.2 (how a signature is verified).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sfmint.adapters.signers.der import BITS, INTEGER, LARGEST_EXPONENT, SEQUENCE, SMALLEST_EXPONENT, children
from sfmint.adapters.signers.pem_text import blocks_of
from sfmint.salesforce.assertion import SMALLEST_KEY_BITS
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.secret import key_id_of_spki

_RSA = bytes.fromhex(
    "300d06092a864886f70d0101010500"
)  # the algorithm of a public key: rsaEncryption, without parameters
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")  # what stands before a digest of SHA-256
_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18  # the first is left out in certificates of version 1
_CENTURY_FROM = "50"  # two digits of a year are 1950 to 2049


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedKey:
    """A public RSA key, and the certificate that Salesforce has of it.

    Attributes:
        key_id: the first 16 hex digits of SHA-256 of the key (DER SPKI).
        modulus: of the key.
        exponent: of the key.
        valid_from: the certificate's start.
        valid_until: the certificate's end.
    """

    key_id: str
    modulus: int
    exponent: int
    valid_from: datetime
    valid_until: datetime

    def has_signed(self, octets: bytes, signature: bytes) -> bool:
        """Return whether a signature is this key's RS256 signature of octets (RFC 8017 section 8.2.2)."""
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature)
        if len(signature) != size or number >= self.modulus:
            return False
        told = _SHA256 + hashlib.sha256(octets).digest()
        encoded = b"\x00\x01" + b"\xff" * (size - len(told) - 3) + b"\x00" + told
        return pow(number, self.exponent, self.modulus).to_bytes(size) == encoded


def certified_key(certificate: Foreign) -> CertifiedKey:
    """Return the key of a certificate; of a chain, that of its first one.

    Args:
        certificate: in any form in which one may be stored.

    Raises:
        CredentialFault: there is none, it cannot be read, or its key is not RSA or too short.
    """
    octets = blocks_of(Field.CERTIFICATE, certificate)[0].octets
    try:
        key = _key(octets)
    except ValueError:
        raise CredentialFault(Fault.DAMAGED, Field.CERTIFICATE) from None
    if (bits := key.modulus.bit_length()) < SMALLEST_KEY_BITS:
        raise CredentialFault(Fault.TOO_SHORT, Field.CERTIFICATE, bits=bits, least=SMALLEST_KEY_BITS)
    return key


def _key(der: ForeignBytes) -> CertifiedKey:
    certificate, *_ = _parts(der)
    to_be_signed, *_ = _parts(certificate.content)
    fields = [part for part in _parts(to_be_signed.content) if part.tag != _VERSION]
    _serial, _algorithm, _issuer, validity, _subject, public, *_ = fields
    start, end = (_instant(part) for part in _parts(validity.content))
    algorithm, bits = _parts(public.content)
    if algorithm.whole != _RSA:
        raise CredentialFault(Fault.NOT_RSA, Field.CERTIFICATE)
    modulus, exponent = _numbers(bits)
    return CertifiedKey(
        key_id=key_id_of_spki(public.whole),
        modulus=modulus,
        exponent=exponent,
        valid_from=start,
        valid_until=end,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """An element: its tag, all of its octets, and what is in it."""

    tag: int
    whole: bytes
    content: bytes


def _parts(octets: ForeignBytes) -> list[_Part]:
    """Return the first elements of some octets, seven at most, each of them whole."""
    found = children(octets, (SEQUENCE, 0, len(octets)))
    begins = (0, *(end for _, _, end in found))
    if begins[-1] > len(octets):
        raise ValueError("the end is missing")
    return [_Part(tag, octets[at:end], octets[start:end]) for at, (tag, start, end) in zip(begins, found, strict=False)]


def _numbers(bits: _Part) -> tuple[int, int]:
    """Return modulus and exponent."""
    if bits.tag != BITS or not bits.content.startswith(b"\x00"):  # all bits of the last octet count
        raise ValueError("no public key")
    key, *_ = _parts(bits.content[1:])
    modulus, exponent = (
        int.from_bytes(part.content, signed=True) for part in _parts(key.content) if part.tag == INTEGER
    )
    if not (modulus > 0 and modulus % 2 == exponent % 2 == 1 and SMALLEST_EXPONENT <= exponent < LARGEST_EXPONENT):
        raise ValueError("no public key")
    return modulus, exponent


def _instant(part: _Part) -> datetime:
    """Return a date of a certificate, which is of UTC and has seconds."""
    text = part.content.decode("ascii")
    if part.tag == _UTC_TIME:
        text = f"{'19' if text[:2] >= _CENTURY_FROM else '20'}{text}"
    elif part.tag != _GENERALIZED_TIME:
        raise ValueError("no date")
    if len(text) != len("20261128120000Z") or not (text[:-1].isdigit() and text.endswith("Z")):
        raise ValueError("no date of a certificate")
    month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, 14, 2))
    return datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=UTC)
