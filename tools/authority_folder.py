"""A folder of certificates in which OpenSSL finds an authority by its name, so that it reads no other.

A file is called after the hash of its certificate's subject, as OpenSSL's `X509_NAME_hash` computes it: over the name with
its texts in UTF-8, in small letters and with single spaces, so that names which count as equal have equal hashes.

Source: openssl-rehash(1); `x509_name_canon` in OpenSSL's crypto/x509/x_name.c; X.690 (DER); RFC 5280 section 4.1.
"""

import re
import shutil
import ssl
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple, Self

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION, _UTF8, _SEQUENCE, _SET = 0xA0, 0x0C, 0x30, 0x31
# The tags of texts: UTF8String, PrintableString, T61String (Latin-1 to OpenSSL), IA5String, VisibleString,
# UniversalString, BMPString.
_ENCODINGS = {
    _UTF8: "utf-8",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}


class Element(NamedTuple):
    """An element of DER: a tag and what it holds."""

    tag: int
    content: bytes

    @classmethod
    def all_in(cls, octets: bytes) -> Iterator[Self]:
        """Yield the elements that stand one after another in octets."""
        while octets:
            begin, length = 2, octets[1]
            if length & 0x80:  # then it says how many octets the length takes
                begin += length & 0x7F
                length = int.from_bytes(octets[2:begin])
            yield cls(octets[0], octets[begin : begin + length])
            octets = octets[begin + length :]

    def __bytes__(self) -> bytes:
        """Return it as it is encoded."""
        length = len(self.content)
        size = (length.bit_length() + 7) // 8
        said = bytes([length]) if length < 0x80 else bytes([0x80 | size]) + length.to_bytes(size)
        return bytes([self.tag]) + said + self.content


def write(bundle: Path, folder: Path) -> None:
    """Write a folder anew that holds the certificates of a bundle and no others.

    Args:
        bundle: a PEM file.
        folder: which.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    add(bundle, folder)


def add(bundle: Path, folder: Path) -> None:
    """Add the certificates of a bundle to those of a folder.

    Args:
        bundle: a PEM file.
        folder: what `write` has made.
    """
    for pem in dict.fromkeys(_CERTIFICATE.findall(bundle.read_text())):
        name = subject_hash(ssl.PEM_cert_to_DER_cert(pem))
        namesakes = len(list(folder.glob(f"{name}.*")))  # OpenSSL counts from 0 to the first that is not there
        (folder / f"{name}.{namesakes}").write_text(f"{pem}\n")


def subject_hash(certificate: bytes) -> str:
    """Return the hash of a certificate's subject, in OpenSSL's eight digits.

    Args:
        certificate: in DER.
    """
    [whole] = Element.all_in(certificate)
    signed, *_ = Element.all_in(whole.content)
    fields = [field for field in Element.all_in(signed.content) if field.tag != _VERSION]
    _serial, _algorithm, _issuer, _validity, subject, *_ = fields
    canonical = b"".join(_canonical(part) for part in Element.all_in(subject.content))
    return f"{int.from_bytes(sha1(canonical, usedforsecurity=False).digest()[:4], 'little'):08x}"


def _canonical(part: Element) -> bytes:
    """Return a part of a name, a set of attributes, as it is hashed."""
    attributes = []
    for attribute in Element.all_in(part.content):
        kind, value = Element.all_in(attribute.content)
        attributes.append(bytes(Element(_SEQUENCE, bytes(kind) + bytes(_folded(value)))))
    return bytes(Element(_SET, b"".join(sorted(attributes))))


def _folded(value: Element) -> Element:
    encoding = _ENCODINGS.get(value.tag)
    if encoding is None:
        return value
    text = value.content.decode(encoding).encode()
    return Element(_UTF8, b" ".join(text.split()).lower())  # ASCII's spaces and letters alone: these are octets
