"""The ways in which people store a key, a certificate and a secret, each made anew of a key pair: for tests and a page."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self
from urllib.parse import quote, quote_plus

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import NameOID

PASSPHRASE = "correct horse"  # noqa: S105 - of keys that are made here and thrown away


@dataclass(frozen=True)
class Pair:
    """A key pair that is nobody's."""

    key: rsa.RSAPrivateKey

    @classmethod
    def new(cls) -> Self:
        """Return a new one."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def pem(self, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: str = "") -> str:
        """Return the key as PEM."""
        return self.octets(form, passphrase, Encoding.PEM).decode()

    def octets(
        self, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: str = "", encoding: Encoding = Encoding.DER
    ) -> bytes:
        """Return the key, as DER."""
        encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return self.key.private_bytes(encoding, form, encryption)

    @cached_property
    def certificate(self) -> x509.Certificate:
        """A certificate that it has signed itself."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stored forms")])
        start = datetime(2026, 1, 1, tzinfo=UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        dated = builder.not_valid_before(start).not_valid_after(start + timedelta(days=3650))
        return dated.serial_number(7).sign(self.key, hashes.SHA256())

    @cached_property
    def request(self) -> x509.CertificateSigningRequest:
        """A request for a certificate."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stored forms")])
        return x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.key, hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM).decode()


def _body(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])


def _base64(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


def _relabelled(pem: str, old: str, new: str) -> str:
    return pem.replace(f"{old}-----", f"{new}-----")


type Wrap = Callable[[str], str]

# A PEM text, and what becomes of it on its way.
WRAPPED: Mapping[str, Wrap] = {
    "as it was made": lambda pem: pem,
    "carriage returns before the line breaks": lambda pem: pem.replace("\n", "\r\n"),
    "line breaks written as `\\n`": lambda pem: pem.replace("\n", "\\n"),
    "line breaks written as `\\r\\n`": lambda pem: pem.replace("\n", "\\r\\n"),
    "line breaks escaped twice, `\\\\n`": lambda pem: pem.replace("\n", "\\\\n"),
    "line breaks as spaces": lambda pem: pem.replace("\n", " "),
    "line breaks lost": lambda pem: pem.replace("\n", ""),
    "a backslash at the end of each line": lambda pem: pem.replace("\n", "\\\n"),
    "`<br>` for line breaks": lambda pem: pem.replace("\n", "<br>"),
    "line breaks as entities, `&#10;`": lambda pem: pem.replace("\n", "&#xD;&#10;"),
    "entities escaped once more, `&amp;#10;`": lambda pem: pem.replace("\n", "&amp;#10;"),
    "named entities, `&plus;`": lambda pem: (
        pem.replace("+", "&plus;").replace("=", "&equals;").replace("\n", "&NewLine;")
    ),
    "elements of a page, `<p>`": lambda pem: "".join(
        f'<p class="a">{line.replace(" ", "&nbsp;")}</p>' for line in pem.splitlines()
    ),
    "line breaks written as `\\x0a`": lambda pem: pem.replace("\n", "\\x0a"),
    "line breaks written as PowerShell does, `` `n ``": lambda pem: pem.replace("\n", "`r`n"),
    "line ends as terminals show them, `^M$`": lambda pem: pem.replace("\n", "^M$\n"),
    "commas for line breaks": lambda pem: pem.replace("\n", ","),
    "ideographic spaces": lambda pem: pem.replace(" ", "\u3000"),
    "its first or last dashes not copied": lambda pem: pem.strip().removeprefix("----").removesuffix("----"),
    "JSON escapes, `\\u003d` for `=`": lambda pem: pem.replace("=", "\\u003d").replace("+", "\\u002b"),
    "each line indented": lambda pem: "".join(f"    {line}\n" for line in pem.splitlines()),
    "each line quoted with `> `": lambda pem: "".join(f"> {line}\n" for line in pem.splitlines()),
    "each line in quotes, joined by `+`": lambda pem: " +\n".join(f'"{line}\\n"' for line in pem.splitlines()),
    "quotes around it": lambda pem: f'"{pem.strip()}"',
    "curly quotes around it": lambda pem: f"\u201c{pem.strip()}\u201d",
    "other text before and after it": lambda pem: f"Here is the key:\n\n{pem}\nKind regards",
    "em-dashes for its dashes": lambda pem: pem.replace("-----", "\u2014\u2014-"),
    "en-dashes for its dashes": lambda pem: pem.replace("-----", "\u2013" * 5),
    "border lines in lower case": lambda pem: re.sub("-----[A-Z0-9 ]+-----", lambda found: found[0].lower(), pem),
    "a dash too few": lambda pem: pem.replace("-----", "----"),
    "a byte order mark before it": lambda pem: f"\ufeff{pem}",
    "zero-width spaces in it": lambda pem: "\u200b".join(pem[at : at + 50] for at in range(0, len(pem), 50)),
    "base64 of it": _base64,
    "base64 of it, in lines": lambda pem: base64.encodebytes(pem.encode()).decode(),
    "base64 for URLs, without padding": lambda pem: base64.urlsafe_b64encode(pem.encode()).decode().rstrip("="),
    "base64 twice": lambda pem: _base64(_base64(pem)),
    "base64 of UTF-16": lambda pem: _base64(pem, "utf-16"),
    "hexadecimal digits of it": lambda pem: pem.encode().hex(),
    "line breaks as `%0A`": lambda pem: pem.replace("\n", "%0D%0A"),
    "no-break spaces in its border lines": lambda pem: pem.replace(" ", "\xa0"),
    "URL-encoded": quote,
    "URL-encoded twice": lambda pem: quote(quote(pem)),
    "form-encoded": quote_plus,
    "a `data:` URI": lambda pem: f"data:application/x-pem-file;base64,{_base64(pem)}",
    "a JSON text": json.dumps,
    "a JSON object with it as a field": lambda pem: json.dumps({"type": "service_account", "private_key": pem}),
}

# A key, plain or with a passphrase.
KEYS: Mapping[str, Callable[[Pair, str], str]] = {
    "PKCS#8": lambda pair, passphrase: pair.pem(PrivateFormat.PKCS8, passphrase),
    "PKCS#1": lambda pair, passphrase: pair.pem(PrivateFormat.TraditionalOpenSSL, passphrase),
}
# A plain key under the wrong label, or under none.
MISLABELLED: Mapping[str, Callable[[Pair], str]] = {
    "PKCS#8 labelled `RSA PRIVATE KEY`": lambda pair: _relabelled(pair.pem(), "PRIVATE KEY", "RSA PRIVATE KEY"),
    "PKCS#1 labelled `PRIVATE KEY`": lambda pair: _relabelled(
        pair.pem(PrivateFormat.TraditionalOpenSSL), "RSA PRIVATE KEY", "PRIVATE KEY"
    ),
    "END line of another kind": lambda pair: pair.pem().replace("END PRIVATE", "END RSA PRIVATE"),
    "END line missing": lambda pair: pair.pem().partition("-----END")[0],
    "PKCS#8 without border lines": lambda pair: _body(pair.pem()),
    "PKCS#1 without border lines": lambda pair: _body(pair.pem(PrivateFormat.TraditionalOpenSSL)),
    "encrypted PKCS#8 without border lines": lambda pair: _body(pair.pem(passphrase=PASSPHRASE)),
    "base64 of DER in base64": lambda pair: _base64(_body(pair.pem())),
    "hexadecimal digits of DER": lambda pair: pair.octets().hex(),
    "hexadecimal digits of DER, with colons": lambda pair: pair.octets().hex(":"),
}


def _trusted(pair: Pair) -> str:
    """Return what `openssl x509 -trustout` writes: the certificate, and after it whom it is trusted for."""
    content = base64.encodebytes(pair.certificate.public_bytes(Encoding.DER) + bytes.fromhex("30023000")).decode()
    return f"-----BEGIN TRUSTED CERTIFICATE-----\n{content}-----END TRUSTED CERTIFICATE-----\n"


CERTIFICATES: Mapping[str, Callable[[Pair], str]] = {
    "`TRUSTED CERTIFICATE`": _trusted,
    "`X509 CERTIFICATE`": lambda pair: _relabelled(pem_of(pair.certificate), "CERTIFICATE", "X509 CERTIFICATE"),
    "without border lines": lambda pair: _body(pem_of(pair.certificate)),
    "a chain, the key's certificate first": lambda pair: pem_of(pair.certificate) + pem_of(Pair.new().certificate),
    "a chain, the key's certificate last": lambda pair: pem_of(Pair.new().certificate) + pem_of(pair.certificate),
    "a chain beside the key": lambda pair: pair.pem() + pem_of(Pair.new().certificate) + pem_of(pair.certificate),
}


def _block(label: str, body: str = "AAAA" * 8) -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def _old(cipher: str) -> Callable[[Pair], str]:
    header = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {cipher},F60380E0C437A629\n\n"
    return lambda _: _block("RSA PRIVATE KEY", header + "AAAA" * 8)


def _of_version_1(der: bytes) -> bytes:
    """Return a key of PKCS#1 that says of itself that it has more than two primes."""
    return der[:6] + b"\x01" + der[7:]


# What is no usable key, as a text or as the octets of a file.
NO_KEYS: Mapping[str, Callable[[Pair], str | bytes]] = {
    "OpenSSH": lambda pair: pair.pem(PrivateFormat.OpenSSH),
    "PuTTY (.ppk)": lambda _: "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: a\nPublic-Lines: 6\nAAAA\n",
    "SSH2 (RFC 4716)": lambda _: (
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: a\nAAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"
    ),
    "JSON Web Key": lambda _: '{"kty": "RSA", "n": "AAAA", "e": "AQAB", "d": "AAAA"}',
    ".NET's XML": lambda _: "<RSAKeyValue><Modulus>AAAA</Modulus><D>AAAA</D></RSAKeyValue>",
    "PKCS#12 (.p12, .pfx)": lambda pair: pkcs12.serialize_key_and_certificates(
        b"a", pair.key, pair.certificate, None, BestAvailableEncryption(PASSPHRASE.encode())
    ),
    "JKS, as Salesforce's Setup exports": lambda _: b"\xfe\xed\xfe\xed\x00\x00\x00\x02" + bytes(40),
    "JCEKS": lambda _: b"\xce\xce\xce\xce\x00\x00\x00\x02" + bytes(40),
    "Microsoft PVK": lambda _: b"\x1e\xf1\xb5\xb0\x00\x00\x00\x00" + bytes(40),
    "Microsoft key blob": lambda _: bytes.fromhex("0702000000a40000") + b"RSA2" + bytes(40),
    "PKCS#7": lambda pair: pkcs7.serialize_certificates([pair.certificate], Encoding.PEM).decode(),
    "PGP": lambda _: _block("PGP PRIVATE KEY BLOCK"),
    "certificate": lambda pair: pem_of(pair.certificate),
    "certificate request": lambda pair: pair.request.public_bytes(Encoding.PEM).decode(),
    "public key": lambda pair: (
        pair.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    ),
    "public key of OpenSSH": lambda pair: (
        pair.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    ),
    "elliptic curve key": lambda _: (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    ),
    "more than two primes": lambda pair: _of_version_1(pair.octets(PrivateFormat.TraditionalOpenSSL)),
    "gzip": lambda _: b"\x1f\x8b\x08\x00" + bytes(40),
    "zip": lambda _: b"PK\x03\x04\x14\x00" + bytes(40),
    "PDF": lambda _: b"%PDF-1.7\n%\xe2\xe3" + bytes(40),
    "encrypted with DES": _old("DES-CBC"),
    "a line missing": lambda pair: "\n".join(pair.pem().splitlines()[:5] + pair.pem().splitlines()[6:]),
    "nothing of the kind": lambda _: "hello",
}

NO_CERTIFICATES: Mapping[str, Callable[[Pair], str | bytes]] = {
    "PKCS#7 (.p7b)": lambda pair: pkcs7.serialize_certificates([pair.certificate], Encoding.PEM).decode(),
    "PKCS#7, binary": lambda pair: pkcs7.serialize_certificates([pair.certificate], Encoding.DER),
    "PKCS#12 (.p12, .pfx)": NO_KEYS["PKCS#12 (.p12, .pfx)"],
    "JKS": lambda _: b"\xfe\xed\xfe\xed\x00\x00\x00\x02" + bytes(40),
    "certificate request": NO_KEYS["certificate request"],
    "private key": lambda pair: pair.pem(),
    "certificate of another key": lambda _: pem_of(Pair.new().certificate),
}

# A secret's text, made of its fields as JSON.
SECRETS: Mapping[str, Wrap] = {
    "as JSON": lambda text: text,
    "with line breaks in the key": lambda text: text.replace("\\n", "\n"),
    "with a byte order mark before it": lambda text: f"\ufeff{text}",
    "as a JSON text that holds the object": json.dumps,
    "as base64": _base64,
    "with an optional field that is empty or null": lambda text: text[:-1] + ', "audience": null, "certificate": ""}',
    "with `token_lifetime` as a text": lambda text: text[:-1] + ', "token_lifetime": "900"}',
    "with a list as a text": lambda text: text[:-1] + f', "hosts": {json.dumps(json.dumps(["api.salesforce.com"]))}}}',
    "as a printed Python dictionary": lambda text: str(json.loads(text)),
    "with a comma after the last field": lambda text: text[:-1] + ",}",
    "with a comment": lambda text: text[:-1] + ", // my key\n}",
    "with curly quotes": lambda text: text.replace('"', "\u201c"),
    "with a double quote in a text": lambda text: text.replace("acme", 'ac"me'),
    "with a field twice": lambda text: text[:-1] + ', "username": "a"}',
    "as YAML": lambda text: "".join(f"{name}: {value!r}\n" for name, value in json.loads(text).items()),
    "as lines of NAME=VALUE": lambda text: "".join(f"{name}={value!r}\n" for name, value in json.loads(text).items()),
    "with no-break spaces": lambda text: text.replace(", ", ",\xa0"),
    "the name of a file": lambda _: "file://secret.json",
    "the key alone": lambda text: str(json.loads(text)["private_key"]),
}

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"

# What people write for a key in KMS.
SIGNERS: Mapping[str, object] = {
    "an object with the key's ARN": {"kms": KEY_ARN},
    "the same as a text of JSON": json.dumps({"kms": KEY_ARN}),
    "an object with the ARN of a multi-region key": {"kms": KEY_ARN[:-36] + "mrk-0123456789abcdef0123456789abcdef"},
    "the ARN alone": KEY_ARN,
    "an object with the key's id": {"kms": KEY_ARN[-36:]},
    "an object with an alias": {"kms": "alias/salesforce"},
    "an object with the ARN of an alias": {"kms": "arn:aws:kms:eu-central-1:123456789012:alias/salesforce"},
    "an object with a further field": {"kms": KEY_ARN, "region": "eu-central-1"},
}
